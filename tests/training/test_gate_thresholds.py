"""The lower threshold of a gate, on scores made up: a picture's only feature is its score."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")

from screener.inference.gate import PictureGate
from screener.inference.gate_judges import LinearJudge
from screener.training.gate_fit import keep_gate, scored
from screener.training.gate_pictures import GatePicture
from screener.training.gate_thresholds import FEWEST_OF_A_KIND, PASSED, halves, with_lower_threshold
from screener.training.radiograph_changes import CHANGES

GATE = PictureGate(LinearJudge(np.ones(1, np.float32), bias=0.0), threshold=1.0, correction_threshold=5.0)


def radiograph(name, score, kind="normal", turned=-9.0, **values):
    ways = np.array([[score], [turned]], np.float32)
    return GatePicture(f"{kind}, ours", f"ours/{name}", "ours", True, ways, **values)


def radiographs(scores, kind="normal"):
    return [radiograph(f"{kind} {i}", score, kind) for i, score in enumerate(scores)]


def photographs(scores):
    return [
        GatePicture("photographs", f"photo {i}", "", False, np.array([[score]], np.float32))
        for i, score in enumerate(scores)
    ]


def lower(pictures):
    return with_lower_threshold(GATE, scored(pictures, GATE)).refused_below


def test_the_lower_threshold_keeps_the_images_of_the_illest_kind():
    pictures = [
        *radiographs(np.linspace(1, 9, 900)),
        *radiographs(np.linspace(-4, 6, 60), "ill"),
        *photographs([-9.0] * 50),
    ]
    assert lower(pictures) == -4.0


def test_it_never_lets_more_than_a_fifth_of_other_pictures_be_screened():
    others = np.linspace(-10, -1, 200).astype(np.float32).astype(float)
    pictures = [*radiographs(np.linspace(-9, 6, 60), "ill"), *photographs(others)]
    screened = np.mean(others >= lower(pictures))
    assert screened == pytest.approx(PASSED, abs=0.006)
    assert screened <= PASSED


def test_it_is_the_threshold_where_no_image_is_doubted():
    assert lower([*radiographs(np.linspace(2, 9, 100)), *photographs([-9.0] * 50)]) == GATE.threshold


def test_a_handful_of_images_of_one_kind_do_not_move_it():
    few = radiographs([-5.0] * (FEWEST_OF_A_KIND - 1), "rare")
    assert lower([*radiographs(np.linspace(2, 9, 100)), *few, *photographs([-9.0] * 50)]) == GATE.threshold


def test_images_that_are_corrected_or_were_changed_do_not_move_it():
    corrected = [radiograph(f"c{i}", -5.0, "ill", turned=6.0) for i in range(30)]
    changed = [radiograph(f"x{i}", -5.0, "cut", changed=True) for i in range(30)]
    assert (
        lower([*radiographs(np.linspace(2, 9, 100)), *corrected, *changed, *photographs([-9.0] * 50)]) == 1.0
    )


def test_a_patient_is_on_one_side_only_and_on_the_same_in_every_run():
    pictures = [radiograph(f"p{i % 50}", float(i)) for i in range(200)] + photographs(range(40))
    chosen, judged = halves(scored(pictures, GATE))
    assert len(chosen) + len(judged) == len(pictures)
    assert {each.group for each, _ in chosen}.isdisjoint(each.group for each, _ in judged)
    assert [each.group for each, _ in chosen] == [each.group for each, _ in halves(scored(pictures, GATE))[0]]


def test_keeping_a_gate_moves_its_lower_threshold_alone_and_measures_the_other_half():
    pictures = [
        *radiographs(np.linspace(1, 9, 400)),
        *radiographs(np.linspace(-4, 6, 200), "ill"),
        *photographs([-9.0] * 80),
    ]
    found = keep_gate(pictures, GATE)
    assert (found.gate.threshold, found.gate.correction_threshold) == (1.0, 5.0)
    assert found.gate.refused_below < 1.0
    figures = {each.kind: each for each in found.figures}
    assert figures["ill, ours"].doubted == pytest.approx(0.5, abs=0.12)
    assert figures["ill, ours"].refused < 0.03
    assert figures["photographs"].refused == 1
    assert figures["ill, ours"].pictures < 130


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_image_is_another_picture_of_the_same_kind(name):
    radiograph = np.add.outer(np.arange(200), np.arange(160) // 3).astype(np.uint8)
    changed = CHANGES[name](radiograph)
    assert changed.dtype == np.uint8
    assert changed.shape != radiograph.shape or (changed != radiograph).any()
    assert changed.std() > 1
