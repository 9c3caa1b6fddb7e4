"""At which resolution a radiograph is read: the lowest whose short side is at least the model's read_size.

Only codecs that can leave pixels out are asked to: JPEG 2000 leaves out resolution levels, JPEG scales its
DCT. Both halve both sides, and an odd side is rounded up. Everything else is read whole: to decode all pixels
and average them afterwards gains 1 ms of 20, and loses the exact means (docs/performance.md). What the pixels
of a lower resolution stand for, screener/sampling.py tells.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

MOST_HALVINGS = 3
"""A block of JPEG has 8 pixels a side; no image that is halved so often is large any more."""


def halvings(rows: int, columns: int, read_size: int | None) -> int:
    """Return how often to halve an image, up to MOST_HALVINGS times; 0 for a small one, or without a rule.

    read_size: pixels of the short side that must be left (PreprocessingSpec.read_size).
    """
    times = 0
    while read_size and times < MOST_HALVINGS and -(-min(rows, columns) >> (times + 1)) >= read_size:
        times += 1
    return times


def halved_size(side: int, times: int) -> int:
    """Return the pixels of a side after so many halvings; what is left over counts as one."""
    return -(-side >> times)


def halved(values: NDArray[Any], times: int) -> NDArray[Any]:
    """Return the means of squares of 2**times pixels; the last row and column fill up what an odd side lacks.

    values: uint8 or uint16, shape (rows, columns). The same dtype comes back.
    """
    if not times:
        return values
    factor = 1 << times
    rows, columns = values.shape
    below, beside = -rows % factor, -columns % factor
    if below or beside:
        values = np.asarray(cv2.copyMakeBorder(values, 0, below, 0, beside, cv2.BORDER_REPLICATE))
    size = values.shape[1] // factor, values.shape[0] // factor
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))
