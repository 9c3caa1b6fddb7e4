import re

import cv2
import numpy as np
import pytest

from screener.domain import ShownMap
from screener.outputs import overlay
from screener.outputs.overlay import FULL_COLOUR, LONG_SIDE, card_picture, coloured


@pytest.fixture
def radiograph():
    """A grey ramp, uint8, shape (300, 200)."""
    return np.tile(np.linspace(40, 200, 200), (300, 1)).astype(np.uint8)


def spot(row, column):
    """A map, negative everywhere but in one cell of the full colour."""
    found = np.full((7, 7), -0.2 * FULL_COLOUR, np.float32)
    found[row, column] = FULL_COLOUR
    return found


def shown(cells):
    return ShownMap(cells, stable=True)


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


def test_a_weak_map_is_pale_and_none_is_stronger_than_the_full_colour(radiograph):
    full = colour_of(coloured(radiograph, spot(2, 3))).max()
    assert colour_of(coloured(radiograph, 0.1 * spot(2, 3))).max() < 0.2 * full
    flat = np.full((7, 7), FULL_COLOUR, np.float32)
    np.testing.assert_array_equal(coloured(radiograph, flat), coloured(radiograph, 8 * flat))


def test_nothing_is_drawn_but_colour_no_line_is_brighter_or_darker_than_image_and_ramp(radiograph):
    grey = coloured(radiograph, 0.3 * spot(3, 3)).max(axis=2)
    assert grey.max() <= 205  # the image itself ends at 200
    assert (
        np.abs(np.diff(grey.astype(int), axis=1)).max() <= 4
    )  # it rises by less than one from pixel to pixel


def test_a_card_without_a_map_has_the_radiograph_alone(radiograph):
    picture = card_picture(radiograph, None)
    assert picture.radiograph
    assert picture.overlay == b""


def test_a_card_tells_the_strongest_cell_and_whether_the_mirror_image_agrees(radiograph):
    picture = card_picture(radiograph, ShownMap(0.5 * spot(1, 1), stable=False))
    assert picture.strongest == pytest.approx(2**0.5), "half of the logits that double the odds"
    assert not picture.stable


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
    picture = card_picture(np.full(shape, 90, np.uint8), shown(spot(3, 3)))
    assert opened(picture.radiograph).shape == expected
    assert opened(picture.overlay).shape == (*expected, 3)
    assert max(opened(picture.radiograph).shape) <= LONG_SIDE


def test_the_pixels_given_stay_as_they_are(radiograph):
    before = radiograph.copy()
    card_picture(radiograph, shown(spot(3, 3)))
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
