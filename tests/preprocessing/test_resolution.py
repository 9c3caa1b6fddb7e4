"""How often an image is halved before it is read, and what comes of it."""

import numpy as np
import pytest

from screener.preprocessing.resolution import halved, halved_size, halvings


@pytest.mark.parametrize(
    ("rows", "columns", "times"),
    [
        pytest.param(2048, 2500, 2, id="five megapixels: a quarter of each side"),
        pytest.param(2500, 2048, 2, id="rows and columns swapped: the same"),
        pytest.param(896, 3000, 1, id="just large enough"),
        pytest.param(895, 3000, 1, id="an odd side is rounded up"),
        pytest.param(894, 3000, 0, id="one pixel short"),
        pytest.param(300, 400, 0, id="small"),
        pytest.param(7200, 7200, 3, id="larger than any image: not below an eighth of each side"),
    ],
)
def test_the_short_side_keeps_at_least_the_read_size(rows, columns, times):
    assert halvings(rows, columns, 448) == times
    assert times in (0, 3) or halved_size(min(rows, columns), times) >= 448 > halved_size(
        min(rows, columns), times + 1
    )


def test_without_a_read_size_every_image_is_read_whole():
    assert halvings(5000, 5000, None) == 0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("times", [1, 2])
def test_a_halved_image_holds_the_means_of_squares(dtype, times):
    side = 1 << times
    values = np.random.default_rng(0).integers(0, 256, (8 * side, 11 * side)).astype(dtype)
    means = values.reshape(8, side, 11, side).astype(float).mean(axis=(1, 3))
    found = halved(values, times)
    assert found.dtype == dtype
    assert np.abs(found - means).max() <= 0.5


def test_an_odd_side_is_filled_up_with_its_last_line():
    values = np.tile(np.array([10, 10, 30], np.uint8), (3, 1))
    np.testing.assert_array_equal(halved(values, 1), [[10, 30], [10, 30]])
