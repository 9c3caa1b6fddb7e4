"""The bench that asks whether activation maps point at painted opacities."""

import numpy as np
import pytest

from benchmarks.bench_activation import covered_cells, painted_boxes, peak, share


def opacity_at(rows, columns, shape=(280, 210)):
    """Return a mask that is 1 in a box of the image, given in shares."""
    mask = np.zeros(shape, np.float32)
    (top, bottom), (left, right) = rows, columns
    mask[int(top * shape[0]) : int(bottom * shape[0]), int(left * shape[1]) : int(right * shape[1])] = 1
    return mask


def peak_at(row, column):
    cells = np.zeros((7, 7), np.float32)
    cells[row, column] = 1
    return cells


@pytest.mark.parametrize(
    ("place", "inside", "same_side"),
    [
        pytest.param((3, 1), True, True, id="in it"),
        pytest.param((0, 1), False, True, id="above it"),
        pytest.param((3, 5), False, False, id="in the other lung"),
    ],
)
def test_a_peak_is_held_against_the_opacity(place, inside, same_side):
    found = peak(peak_at(*place), opacity_at((3 / 7, 4 / 7), (1 / 7, 2 / 7)), midline=0.5)
    assert (found.inside, found.same_side) == (inside, same_side)


def test_cells_are_covered_by_the_share_that_is_painted():
    cells = covered_cells(opacity_at((0, 1 / 7), (0, 1 / 14)), (7, 7))
    assert cells[0, 0] == pytest.approx(0.5, abs=0.04)
    assert cells[1:].max() == 0


def test_boxes_of_the_sample_data_are_read_as_shares():
    mask = painted_boxes("0.1 0.2 0.3 0.4; 0.6 0.2 0.7 0.4")
    assert mask[210, 140] == 1
    assert mask[210, 350] == 0
    assert mask.mean() == pytest.approx(0.2 * 0.2 + 0.1 * 0.2)


def test_a_share_is_told_with_its_interval():
    assert share([True] * 8 + [False] * 2) == "80% (49%–94%)"  # Wilson 1927: .490 to .943
    assert share([]) == ""
