"""The gate's threshold at a site, on scores made up: a picture's only feature is its score."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")

from screener.inference.gate import PictureGate
from screener.inference.gate_judges import LinearJudge
from screener.training.gate_pictures import GatePicture
from screener.training.gate_site import MORE_PASSED, lower_gate, refuses_too_many
from screener.training.gate_thresholds import LOST

GATE = PictureGate(LinearJudge(np.ones(1, np.float32), bias=0.0), threshold=1.0, correction_threshold=5.0)


def radiograph(i, score, corrected=0.0, label="normal"):
    ways = np.array([[score], [corrected]], np.float32)
    return GatePicture(f"{label}, ours", f"ours/{i}", "ours", True, ways)


def other(i, score, kind="photographs"):
    return GatePicture(kind, f"{kind} {i}", "", False, np.array([[score]], np.float32))


def radiographs(scores, **values):
    return [radiograph(i, score, **values) for i, score in enumerate(scores)]


def refused(figures):
    return {each.kind: each.refused for each in figures}


def test_a_gate_that_refuses_few_images_stays_as_it_came():
    pictures = [*radiographs(np.linspace(0.99, 4, 300)), *(other(i, -3.0) for i in range(50))]
    found = lower_gate(pictures, GATE, seed=1)
    assert found.gate.refused_below == GATE.threshold
    assert found.before == found.after
    assert not found.held_back


def test_the_lower_threshold_falls_until_few_images_are_refused():
    pictures = [*radiographs(np.linspace(0, 3, 400)), *(other(i, -3.0) for i in range(50))]
    found = lower_gate(pictures, GATE, seed=1)
    assert refused(found.before)["normal, ours"] == pytest.approx(1 / 3, abs=0.01)
    assert found.gate.refused_below == pytest.approx(3 * 2 / 399)  # two of 400 images lie below it
    assert refused(found.after)["normal, ours"] == pytest.approx(LOST, abs=0.006)  # on images left out
    assert refused(found.after)["photographs"] == 1
    assert not found.held_back


def test_images_between_the_thresholds_are_still_noted_as_unusual():
    pictures = [*radiographs(np.linspace(0, 3, 400)), *(other(i, -3.0) for i in range(50))]
    found = lower_gate(pictures, GATE, seed=1)
    [normal] = [each for each in found.after if each.chest]
    assert found.gate.threshold == GATE.threshold
    assert normal.doubted == pytest.approx(1 / 3, abs=0.02)


def test_the_lower_threshold_does_not_fall_to_where_other_pictures_pass():
    pictures = [
        *radiographs(np.linspace(0, 3, 400)),
        *(other(i, score) for i, score in enumerate(np.linspace(-1, 0.9, 100))),
    ]
    found = lower_gate(pictures, GATE, seed=1)
    passed = np.mean(
        np.linspace(-1, 0.9, 100).astype(np.float32).astype(np.float64) >= found.gate.refused_below
    )
    assert passed == pytest.approx(MORE_PASSED)
    assert found.held_back


def test_every_kind_of_other_picture_counts_for_itself():
    """Four hands among four hundred photographs: no two in a hundred of four may pass besides."""
    pictures = [
        *radiographs(np.linspace(0, 3, 400)),
        *(other(i, -3.0) for i in range(400)),
        *(other(i, 0.5, "hands") for i in range(4)),
    ]
    found = lower_gate(pictures, GATE, seed=1)
    assert found.gate.refused_below > 0.5
    assert refused(found.after)["hands"] == 1


def test_other_pictures_that_passed_before_do_not_hold_it_back():
    pictures = [*radiographs(np.linspace(0, 3, 400)), *(other(i, 2.0) for i in range(50))]
    found = lower_gate(pictures, GATE, seed=1)
    assert refused(found.before)["photographs"] == 0
    assert not found.held_back


def test_an_image_that_is_corrected_is_not_lost():
    pictures = [
        *radiographs(np.linspace(2, 3, 300)),
        *(radiograph(1000 + i, -4.0, corrected=6.0) for i in range(30)),
        *(other(i, -9.0) for i in range(50)),
    ]
    assert lower_gate(pictures, GATE, seed=1).gate.refused_below == GATE.threshold


def test_a_large_class_is_not_lost_for_the_sake_of_the_other():
    ill = [
        radiograph(f"ill {i}", score, label="pneumonia") for i, score in enumerate(np.linspace(0.97, 2, 250))
    ]
    pictures = [*radiographs(np.linspace(2, 3, 5000)), *ill, *(other(i, -9.0) for i in range(50))]
    found = lower_gate(pictures, GATE, seed=1)
    assert refused(found.before)["pneumonia, ours"] > LOST
    assert found.gate.refused_below == pytest.approx(np.linspace(0.97, 2, 250)[1])


def test_pictures_varied_for_a_fit_do_not_count():
    strange = GatePicture("normal, ours", "ours/x", "ours", True, np.array([[-9.0]], np.float32), varied=True)
    pictures = [*radiographs(np.linspace(2, 3, 300)), *[strange] * 50, *(other(i, -9.5) for i in range(50))]
    assert lower_gate(pictures, GATE, seed=1).gate.refused_below == GATE.threshold


@pytest.mark.parametrize(
    ("normal", "ill", "refused_ill", "too_many"),
    [
        pytest.param(150, 150, 1, False, id="one of three hundred"),
        pytest.param(150, 150, 2, True, id="two of three hundred"),
        pytest.param(1000, 199, 5, False, id="a class too small to count for itself"),
        pytest.param(1000, 200, 2, True, id="a large class refused"),
    ],
)
def test_a_gate_refuses_too_many_from_half_a_percent_on(normal, ill, refused_ill, too_many):
    lost = [False] * normal + [i < refused_ill for i in range(ill)]
    assert refuses_too_many([0] * normal + [1] * ill, lost) is too_many
