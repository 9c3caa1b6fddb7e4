"""Lungs of one image in the chest of another."""

import cv2
import numpy as np
import pytest

from screener.training.composites import SIDE, Half, Lungs, compose, find_lungs, whole
from tests.training.lung_pictures import lungs_alone, whole_radiograph

BOX = (0.21, 0.39, 0.20, 0.20)  # in the lung on the picture's left


def found(**drawn: object) -> Lungs:
    lungs = find_lungs(lungs_alone(**drawn))  # type: ignore[arg-type]
    assert lungs is not None
    return lungs


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_two_lungs_are_found_left_one_first() -> None:
    lungs = found()
    left, right = (np.flatnonzero(field.any(axis=0)) for field in lungs.fields)
    assert left.max() < right.min()
    assert abs(left.mean() - 80) < 2
    assert abs(right.mean() - 176) < 2


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.zeros((SIDE, SIDE), np.uint8), id="nothing"),
        pytest.param(lungs_alone() * (np.arange(SIDE) < 128), id="one lung"),
        pytest.param(whole_radiograph(), id="no lungs cut out"),
    ],
)
def test_without_two_lungs_nothing_is_found(picture: np.ndarray) -> None:
    assert find_lungs(picture.astype(np.uint8)) is None


def test_a_lung_whose_base_was_left_away_is_not_stretched_to_the_diaphragm() -> None:
    cut = found(missing=(slice(130, SIDE), slice(0, 128)))
    whole = found()
    assert cut.extent(0)[3] > whole.extent(0)[3] - 0.1 * SIDE
    assert cut.extent(1) == whole.extent(1)


def test_outside_the_lungs_every_grey_is_the_hosts() -> None:
    host = whole_radiograph(seed=1)
    lungs = found(grey=110, seed=2)
    made = compose(host, found(seed=1), (Half(lungs, 0, found()), Half(lungs, 1, found())), rng())
    assert made is not None
    np.testing.assert_array_equal(made.pixels[~made.fields], host[~made.fields])
    assert np.abs(made.pixels[made.shown].astype(int) - host[made.shown]).mean() > 5


def test_a_lung_is_seen_only_through_the_outline_of_the_lung_that_cuts_it() -> None:
    hole = (slice(100, 140), slice(60, 100))
    lungs, notched = found(), found(missing=hole)
    made = compose(whole_radiograph(), found(), (Half(lungs, 0, notched), Half(lungs, 1, found())), rng())
    assert made is not None
    assert not made.shown[110:130, 70:90].any()
    assert made.shown[110:130, 166:186].all()


def test_what_is_missing_has_the_grey_of_the_lung_put_in_not_of_the_host() -> None:
    hole = (slice(100, 140), slice(60, 100))
    bright = found(grey=120, missing=hole)
    made = compose(
        whole_radiograph(grey=40), found(grey=40), (Half(bright, 0, found()), Half(bright, 1, found())), rng()
    )
    assert made is not None
    filled, shown = made.pixels[112:128, 72:88], made.pixels[112:128, 168:184]
    assert abs(float(filled.mean()) - float(shown.mean())) < 12
    assert float(filled.std()) > 1  # texture, no smooth patch


def test_in_its_own_outline_what_is_missing_deep_inside_is_as_dense_as_tissue() -> None:
    hole = (slice(90, 150), slice(50, 110))
    cut = found(missing=hole)
    made = compose(whole_radiograph(), found(), (Half(cut, 0, None), Half(cut, 1, None)), rng())
    assert made is not None
    assert not made.shown[110:130, 72:88].any()
    filled, shown = made.pixels[112:128, 72:88], made.pixels[112:128, 168:184]
    assert float(filled.mean()) > float(shown.mean()) + 30


def test_boxes_are_carried_along_into_the_place_of_the_lung() -> None:
    ill, healthy = found(bright=150), found()
    made = compose(whole_radiograph(), found(), (Half(ill, 0, healthy, (BOX,)), Half(healthy, 1, ill)), rng())
    assert made is not None
    rows, columns = np.nonzero(made.opacity)
    assert abs(rows.mean() - 125) < 8
    assert abs(columns.mean() - 80) < 8


def test_a_lung_of_the_other_side_is_mirrored_with_its_boxes() -> None:
    edge = (0.20, 0.39, 0.06, 0.20)  # at the outer edge of the lung on the left
    ill, healthy = found(bright=150), found()
    halves = (Half(healthy, 0, ill), Half(ill, 0, healthy, (edge,)))
    made = compose(whole_radiograph(), found(), halves, rng())
    assert made is not None
    assert np.nonzero(made.opacity)[1].mean() > 176 + 15  # at the outer edge on the right


def test_an_opacity_that_hardly_shows_makes_no_composite() -> None:
    hidden = found(missing=(slice(98, 154), slice(50, 110)))
    ill, healthy = found(bright=150), found()
    assert (
        compose(whole_radiograph(), found(), (Half(ill, 0, hidden, (BOX,)), Half(healthy, 1, ill)), rng())
        is None
    )


def test_a_host_with_its_own_lungs_is_left_alone_but_for_an_opacity_in_them() -> None:
    host = whole_radiograph()
    healthy, ill = (whole(host, found(), each, rng()) for each in (False, True))
    np.testing.assert_array_equal(healthy.pixels, host)
    assert not healthy.opacity.any()
    assert ill.opacity.any()
    assert not np.any([healthy.shown, ill.shown])
    np.testing.assert_array_equal(ill.fields, healthy.fields)
    near = cv2.dilate(ill.fields.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    np.testing.assert_array_equal(ill.pixels[~near], host[~near])
