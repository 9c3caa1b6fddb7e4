"""The picture gate, fitted on made-up embeddings."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")

from screener.training.counterexamples import DRAWN, MADE_OF_RADIOGRAPHS
from screener.training.gate_fit import fit_gate
from screener.training.gate_pictures import TURNED, GatePicture

pytestmark = pytest.mark.slow  # fits machines, in folds

FEATURES = 1280  # the last 648 stand for a layout
RANDOM = np.random.default_rng(4)
CHEST, OTHER, WRONG = (RANDOM.uniform(0, 2, FEATURES) for _ in range(3))


def like(prototype, count=1):
    return np.maximum(0, prototype + RANDOM.normal(0, 0.4, (count, FEATURES))).astype(np.float32)


def ways(upright):
    """Return the embeddings of a picture in all eight ways, of which only the first may be upright."""
    return np.vstack([like(CHEST) if upright else like(OTHER), like(WRONG, 7)])


@pytest.fixture(scope="module")
def fitted():
    radiographs = [
        GatePicture(f"{label}, site {site}", f"{site}/{label} {i}", f"site {site}", True, ways(upright=True))
        for site in "ab"
        for label in ("normal", "pneumonia")
        for i in range(60)
    ]
    turned = [GatePicture(TURNED, each.group, each.site, False, each.features, 3) for each in radiographs]
    photographs = [
        GatePicture("photographs", f"photo {i}", "", False, ways(upright=False)) for i in range(100)
    ]
    return fit_gate([*radiographs, *turned, *photographs], seed=1)


def test_every_kind_has_its_figure(fitted):
    assert [each.kind for each in fitted.figures if each.chest] == [
        "normal, site a", "normal, site b", "pneumonia, site a", "pneumonia, site b",
    ]  # fmt: skip
    assert {each.kind for each in fitted.figures if not each.chest} == {TURNED, "photographs"}


def test_half_of_the_patients_and_sources_are_measured(fitted):
    measured = {each.kind: each.pictures for each in fitted.figures}
    assert 90 < sum(measured[each.kind] for each in fitted.figures if each.chest) < 150
    assert 30 < measured["photographs"] < 70


def test_images_pass_photographs_are_refused_and_turned_images_are_corrected(fitted):
    figures = {each.kind: each for each in fitted.figures}
    assert figures["photographs"].refused == 1
    assert figures[TURNED].corrected > 0.9
    lost = [each.refused * each.pictures for each in fitted.figures if each.chest]
    assert max(lost) <= 1.01  # below all of the half that thresholds were chosen on: chance, once


def test_an_interval_holds_its_figure(fitted):
    assert all(each.interval[0] <= each.refused <= each.interval[1] for each in fitted.figures)


def test_the_gate_judges_what_it_never_saw(fitted):
    gate = fitted.gate
    assert gate.scores(like(CHEST))[0] >= gate.threshold > gate.scores(like(OTHER))[0]
    assert gate.correction_threshold >= gate.threshold >= gate.refused_below


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_a_picture_and_the_same_for_the_same_seed(name):
    one, other = (DRAWN[name](np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert one.dtype == np.uint8
    assert one.ndim == 2
    assert one.std() > 1


@pytest.mark.parametrize("name", MADE_OF_RADIOGRAPHS)
@pytest.mark.parametrize("seed", range(5))
def test_an_image_made_wrong_is_another_picture(name, seed):
    radiograph = np.add.outer(np.arange(200), np.arange(160) // 3).astype(np.uint8)
    made = MADE_OF_RADIOGRAPHS[name](radiograph, np.random.default_rng(seed))
    assert made.dtype == np.uint8
    assert made.shape != radiograph.shape or (made != radiograph).any()
