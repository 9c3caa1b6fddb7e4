"""Grey levels for pictures that come without a window."""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage

Values: TypeAlias = NDArray[np.uint16]
"""Shape (rows, columns); signed data as offset binary, so that the lowest value is 0."""

Counts: TypeAlias = NDArray[np.int64]
"""Shape (number of possible values,): how many pixels hold each."""

LOW_PERCENT, HIGH_PERCENT = 1.0, 99.0
_INNER_PERCENT = 4.0  # what lies beyond is a tail: a lead marker, a name burnt in
_LONGEST_TAIL = 0.25  # of the range between the inner percentiles

_THUMBNAIL = 256  # pixels on the long side, to look for the collimator's edges
_FLAT = 0.05  # of the picture's range: a line that varies less lies outside the field
_MOST_OUTSIDE = 0.4  # of each side
_BLOCK = 1 << 22  # pixels counted at a time: OpenCV counts in float32, which is exact up to 2**24


def count_values(values: Values, size: int) -> Counts:
    """Return how many pixels hold each of the values 0 to size - 1."""
    counts = np.zeros(size, dtype=np.int64)
    line = values.reshape(1, -1)  # as one row: OpenCV starts anew for each
    for start in range(0, line.size, _BLOCK):
        block = cv2.calcHist([line[:, start : start + _BLOCK]], [0], None, [size], [0, size])
        counts += block.reshape(-1).astype(np.int64)
    return counts


def percentile(counts: Counts, percent: float) -> int:
    """Return the value below or at which that share of the pixels lies."""
    cumulative = np.cumsum(counts)
    return int(np.searchsorted(cumulative, cumulative[-1] * percent / 100))


def exposed_field(values: Values) -> tuple[slice, slice]:
    """Return the rows and columns that the collimator left open; all of them where it shows no edge.

    Outside the field a radiograph is flat, whatever its grey: lines along the edges that hardly vary are cut
    off. What varies over less than a fifth of a line, such as a marker laid there, does not count.
    """
    scale = min(1.0, _THUMBNAIL / max(values.shape))
    small = cv2.resize(values, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float64)
    flat = _FLAT * float(np.subtract(*np.percentile(small, (HIGH_PERCENT, LOW_PERCENT))))
    rows, columns = slice(0, small.shape[0]), slice(0, small.shape[1])
    for _ in range(2):  # a bar above widens every column's range until it is cut off
        rows = _varying(small[:, columns], flat)
        columns = _varying(small[rows].T, flat)
    return _enlarged(rows, small.shape[0], values.shape[0]), _enlarged(
        columns, small.shape[1], values.shape[1]
    )


def unwindowed_range(values: Values, size: int, padding: NDArray[np.bool_] | None = None) -> tuple[int, int]:
    """Return the values to show as black and white where a header names no window.

    Percentiles inside the exposed field, with no long tail beyond them: a lead marker or a dead
    pixel sets neither end.

    size: number of possible values. padding: shape (size,), values that only fill the frame.
    """
    picture = values if padding is None or not padding.any() else _without_padding(values, padding)
    counts = count_values(np.ascontiguousarray(values[exposed_field(picture)]), size)
    if padding is not None and counts[~padding].any():
        counts[padding] = 0
    low, high = percentile(counts, LOW_PERCENT), percentile(counts, HIGH_PERCENT)
    inner_low, inner_high = percentile(counts, _INNER_PERCENT), percentile(counts, 100 - _INNER_PERCENT)
    tail = round(_LONGEST_TAIL * (inner_high - inner_low))
    if tail:
        low, high = max(low, inner_low - tail), min(high, inner_high + tail)
    if low == high:
        held = np.flatnonzero(counts)
        low, high = int(held[0]), int(held[-1])
    return low, high


def _without_padding(values: Values, padding: NDArray[np.bool_]) -> Values:
    """Return the radiograph with its padding as dark as its darkest value: far off, it hides what varies."""
    padded = padding[values]
    if not padded.any() or padded.all():
        return values
    return np.where(padded, values[~padded].min(), values)


def to_grey(values: NDArray[Any], low: float, high: float) -> ByteImage:
    """Return uint8 of the same shape, 0 at low and 255 at high, clipped; all 0 where low equals high."""
    if low == high:
        return np.zeros(values.shape, dtype=np.uint8)
    unit = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1)
    return np.round(255 * unit).astype(np.uint8)


def _varying(lines: NDArray[np.float64], flat: float) -> slice:
    """Return the lines from the first to the last that varies; all where too few would be left."""
    low, high = np.percentile(lines, (20, 80), axis=1)
    varies = np.flatnonzero(high - low > flat)
    most = int(_MOST_OUTSIDE * len(lines))
    if not varies.size or varies[0] > most or varies[-1] < len(lines) - 1 - most:
        return slice(0, len(lines))
    return slice(int(varies[0]), int(varies[-1]) + 1)


def _enlarged(lines: slice, small: int, full: int) -> slice:
    """Return the same part of the full picture, without the line that the edge itself may blur."""
    inset_start, inset_stop = int(lines.start > 0), int(lines.stop < small)
    start = -(-(lines.start + inset_start) * full // small)
    stop = (lines.stop - inset_stop) * full // small
    return slice(start, stop) if stop > start else slice(0, full)
