"""The layout of a picture: what is light where, and how strong edges of each direction are where."""

import numpy as np
import pytest

from screener.inference.layout import CELLS, DIRECTIONS, LAYOUT_FEATURES, LAYOUT_PARTS, LIGHT, layout_of

SIZE = 224


def light_of(square):
    return layout_of(square)[: LAYOUT_PARTS[0]].reshape(LIGHT, LIGHT)


def edges_of(square):
    return layout_of(square)[LAYOUT_PARTS[0] :].reshape(CELLS, CELLS, DIRECTIONS)


def test_light_is_the_mean_of_each_cell():
    square = np.zeros((SIZE, SIZE), np.uint8)
    square[:14, 14:28] = 255
    light = light_of(square)
    assert light[0, 1] == 1
    assert light.sum() == 1


def test_an_even_picture_has_no_edges():
    assert not edges_of(np.full((SIZE, SIZE), 90, np.uint8)).any()


@pytest.mark.parametrize(
    ("picture", "direction"),
    [
        pytest.param(lambda x, y: x, 0, id="from left to right"),
        pytest.param(lambda x, y: x + y, DIRECTIONS // 4, id="down to the right"),
        pytest.param(lambda x, y: y, DIRECTIONS // 2, id="downwards"),
        pytest.param(lambda x, y: y - x, 3 * DIRECTIONS // 4, id="down to the left"),
    ],
)
def test_edges_are_found_by_their_direction(picture, direction):
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    square = (120 + 60 * np.sin(picture(x, y) / 9)).astype(np.uint8)
    found = edges_of(square)[3, 3]
    beside = {direction, (direction - 1) % DIRECTIONS}  # on the border of two
    assert sum(found[each] for each in beside) > 0.8 * found.sum()


def test_edges_are_found_where_they_are():
    square = np.zeros((SIZE, SIZE), np.uint8)
    square[70:90, 40:60] = 255
    edges = edges_of(square).sum(axis=-1)
    assert edges[2, 1] == edges.max()
    assert edges[5:, 5:].max() == 0


def test_tiles_in_another_order_are_another_layout_with_the_same_greys():
    random = np.random.default_rng(1)
    square = np.repeat(np.repeat(random.integers(0, 256, (4, 4), np.uint8), 56, axis=0), 56, axis=1)
    swapped = np.roll(square, 56, axis=0)
    np.testing.assert_array_equal(np.bincount(square.ravel()), np.bincount(swapped.ravel()))
    assert np.abs(light_of(square) - light_of(swapped)).max() > 0.3


@pytest.mark.parametrize("size", [64, 224, 300])
def test_squares_of_every_size_have_a_layout(size):
    layout = layout_of(np.random.default_rng(1).integers(0, 256, (size, size), np.uint8))
    assert layout.shape == (LAYOUT_FEATURES,)
    assert layout.dtype == np.float32
