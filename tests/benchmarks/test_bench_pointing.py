"""Whether a peak lies in an opacity is counted for both maps."""

import numpy as np

from benchmarks.bench_pointing import rows_of


def peak(row, column):
    cells = np.zeros((7, 7), np.float32)
    cells[row, column] = 1
    return cells


def test_peaks_in_the_opacity_are_counted_for_each_map():
    opacity = np.zeros((70, 70), np.bool_)
    opacity[20:30, 30:40] = True  # the cell (2, 3) and no other
    maps = [
        (peak(2, 3), peak(2, 3)),
        (peak(2, 3), peak(5, 5)),
        (peak(0, 0), peak(2, 3)),
        (peak(2, 3), peak(6, 0)),
    ]
    alone, mean = rows_of(maps, [opacity] * 4)
    assert "| 4 | 75% (" in alone
    assert "| 4 | 50% (" in mean
    assert alone.endswith("| 2% |")
