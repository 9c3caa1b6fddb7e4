import re

import cv2
import numpy as np
import pytest

from screener.outputs import overlay
from screener.outputs.overlay import LONG_SIDE, card_picture, coloured


@pytest.fixture
def radiograph():
    """A grey ramp, uint8, shape (300, 200)."""
    return np.tile(np.linspace(40, 200, 200), (300, 1)).astype(np.uint8)


def spot(row, column):
    """A map, negative everywhere but in one cell."""
    found = np.full((7, 7), -1, np.float32)
    found[row, column] = 5
    return found


def opened(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED)


def colour_of(picture):
    return picture.max(axis=2).astype(int) - picture.min(axis=2)


@pytest.mark.parametrize("highest", [0, -2, np.nan])
def test_a_map_without_anything_above_zero_colours_nothing(radiograph, highest):
    picture = coloured(radiograph, np.full((7, 7), highest, np.float32))
    np.testing.assert_array_equal(picture, np.repeat(radiograph[..., None], 3, axis=2))


def test_no_colour_where_the_map_is_zero_or_below(radiograph):
    found = spot(1, 1)
    picture = coloured(radiograph, found)
    below = cv2.resize(found, (200, 300), interpolation=cv2.INTER_CUBIC) <= 0
    assert colour_of(picture)[below].max() == 0
    np.testing.assert_array_equal(picture[below][:, 0], radiograph[below])


def test_colour_is_where_the_map_is_strongest_in_the_pictures_own_aspect(radiograph):
    strength = colour_of(coloured(radiograph, spot(5, 1)))
    row, column = np.argwhere(strength > 0.8 * strength.max()).mean(axis=0)
    assert row == pytest.approx(300 * 5.5 / 7, abs=8)
    assert column == pytest.approx(200 * 1.5 / 7, abs=8)


def test_scaling_the_map_changes_nothing(radiograph):
    np.testing.assert_array_equal(coloured(radiograph, spot(2, 3)), coloured(radiograph, 8 * spot(2, 3)))


def test_the_contour_is_seen_without_colour(radiograph):
    grey = coloured(radiograph, spot(3, 3)).min(axis=2)
    assert (grey > 220).any()  # the ramp itself ends at 200
    assert (grey < 20).any()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        pytest.param((2500, 2000), (640, 512), id="portrait"),
        pytest.param((1000, 2000), (320, 640), id="landscape"),
        pytest.param((90, 120), (90, 120), id="never enlarged"),
        pytest.param((1, 5000), (1, 640), id="a line"),
    ],
)
def test_both_pictures_keep_the_aspect_ratio_and_are_bounded(shape, expected):
    picture = card_picture(np.full(shape, 90, np.uint8), spot(3, 3))
    assert opened(picture.radiograph).shape == expected
    assert opened(picture.overlay).shape == (*expected, 3)
    assert max(opened(picture.radiograph).shape) <= LONG_SIDE


def test_the_pixels_given_stay_as_they_are(radiograph):
    before = radiograph.copy()
    card_picture(radiograph, spot(3, 3))
    np.testing.assert_array_equal(radiograph, before)


def test_the_printed_legend_shows_the_overlays_own_colours(templates):
    style = (templates / "report.css").read_text(encoding="utf-8")
    stops = re.search(r"linear-gradient\(to right, (.*?)\)", style).group(1).split(", ")
    share = np.linspace(0, 1, len(stops))
    levels = np.round(overlay.DARKEST_COLOUR + (255 - overlay.DARKEST_COLOUR) * share)
    colours = cv2.applyColorMap(levels.astype(np.uint8)[:, np.newaxis], cv2.COLORMAP_INFERNO)[:, 0, ::-1]
    opacity = overlay.STRONGEST_OPACITY * share[:, None]
    expected = (1 - opacity) * 128 + opacity * colours
    printed = [[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in stops]
    np.testing.assert_allclose(printed, expected, atol=1)
