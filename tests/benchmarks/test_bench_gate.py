"""What a gate refuses of packages, and of sorts of pictures, that it never saw."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")
pytest.importorskip("keras", reason="needs the extra 'train'")

from benchmarks import bench_gate
from benchmarks.bench_gate import Refused, measured, sort_of, table
from screener.training.gate_pictures import GatePicture


class NearestOfAll:
    """A judge that likes what is nearer to the chest pictures it saw than to any of the others."""

    def __init__(self, pictures):
        self.chest, self.others = (
            np.array([each.features[0, 0] for each in pictures if each.chest == side])
            for side in (True, False)
        )

    def scores(self, features):
        own = features[:, :1]
        return np.abs(own - self.others).min(axis=1) - np.abs(own - self.chest).min(axis=1)


def picture(kind, i, place, chest=False):
    return GatePicture(kind, f"{kind} {i}", "ours" if chest else "", chest, np.array([[place]], np.float32))


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(bench_gate, "fit_judge", NearestOfAll)
    monkeypatch.setattr(
        bench_gate,
        "scores_in_folds",
        lambda pictures, _: [np.array([-abs(each.features[0, 0])]) for each in pictures],
    )
    pictures = [
        *(picture("normal, ours", i, i / 100, chest=True) for i in range(20)),
        *(picture("ultrasounds", i, 5 + i / 100) for i in range(10)),
        *(picture("simulated ultrasounds", i, 5 + i / 100) for i in range(10)),
        *(picture("photo", i, 0.1 if i < 2 else 40 + i) for i in range(10)),
    ]
    return {each.sort: each for each in measured(pictures, seed=1)}


def test_pictures_that_show_the_same_are_left_out_together(found):
    assert set(found) == {"ultrasounds", "photo"}
    assert found["ultrasounds"].pictures == 20
    assert sort_of("skull") == sort_of("neck") != sort_of("photo")


def test_a_sort_that_looks_like_radiographs_and_was_never_seen_passes(found):
    assert found["ultrasounds"].by_package == 1
    assert found["ultrasounds"].by_sort == 0  # nearer to radiographs than to photographs
    assert found["photo"].by_package == 0.8


def test_the_table_shows_both_shares():
    assert table([Refused("photo", 10, 3, 0.956, 0.5)])[-1] == "| photo | 10 | 3 | 95.6% | 50.0% |"
