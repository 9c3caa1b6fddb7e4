"""Grey levels for pictures that come without a window."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage

LOW_PERCENT, HIGH_PERCENT = 0.5, 99.5


def robust_range(values: NDArray[Any]) -> tuple[float, float]:
    """Return the percentiles between which a picture is shown.

    Not minimum and maximum: a lead marker or a dead pixel must not set white or black.
    """
    low, high = np.percentile(values, (LOW_PERCENT, HIGH_PERCENT))
    if low == high:
        low, high = values.min(), values.max()
    return float(low), float(high)


def stretch_robustly(values: NDArray[Any]) -> ByteImage:
    """Return uint8 of the same shape, from black at the low percentile to white at the high one."""
    low, high = robust_range(values)
    return to_grey(values, low, high)


def to_grey(values: NDArray[Any], low: float, high: float) -> ByteImage:
    """Return uint8 of the same shape, 0 at low and 255 at high, clipped; all 0 where low equals high."""
    if low == high:
        return np.zeros(values.shape, dtype=np.uint8)
    unit = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1)
    return np.round(255 * unit).astype(np.uint8)
