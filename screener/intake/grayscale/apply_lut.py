"""From values to grey levels by a table: as a ramp where the table is one, which is ten times as fast."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage
from screener.intake.grayscale.auto_window import Values
from screener.intake.grayscale.luts import FloatArray

_PIECE = 1 << 15  # pixels looked up at a time: numpy widens them to 8 bytes, which then stay in the cache
_WHITE = 255
_LEAST_TABLE = 256  # entries; OpenCV may take a shorter array for a scalar
_LANES = 64  # OpenCV works on so many values at once at most, and on the rest of a row one by one


def looked_up(shades: FloatArray, values: Values) -> ByteImage:
    """Return the grey level of each value: its shade, rounded.

    shades: 0..255, shape (number of possible values,).
    """
    table = np.round(shades).astype(np.uint8)
    for ramp in _ramps_of(shades):
        if ramp.is_table(table):
            return ramp.along(values)
    return _by_table(table, values)


@dataclass(frozen=True, slots=True)
class _Ramp:
    """A straight line from black to white, flat beyond its ends; falling: from white to black.

    start: the first value that is not at the dark end. first: its shade. slope: shades for each value.
    """

    start: int
    first: float
    slope: float
    falling: bool

    def along(self, values: Values) -> ByteImage:
        """Return the grey level of each value."""
        above: Any = values
        if self.start:
            above = cv2.subtract(above, self.start)  # type: ignore[call-overload]  # stops at 0
        grey = cv2.convertScaleAbs(above, alpha=self.slope, beta=self.first)
        return np.asarray(cv2.bitwise_not(grey, dst=grey) if self.falling else grey, dtype=np.uint8)

    def is_table(self, table: NDArray[np.uint8]) -> bool:
        """Return whether the ramp gives what the table says, of every possible value.

        Asked of OpenCV itself, which rounds in float32: among many values, and of each alone in its row.
        """
        every = np.arange(table.size, dtype=np.uint16)
        together = self.along(np.concatenate([every, np.zeros(_LANES, np.uint16)]).reshape(1, -1))
        alone = self.along(np.stack([every, every], axis=1)[:, :1])
        return np.array_equal(together[0, : table.size], table) and np.array_equal(alone[:, 0], table)


def _ramps_of(shades: FloatArray) -> list[_Ramp]:
    """Return the ramps that the shades may be, the fastest first; none where they are no ramp.

    A ramp that begins near the lowest value needs no subtraction: what lies before it rounds to black, too.
    """
    if shades.size < _LEAST_TABLE:
        return []
    falling = bool(shades[0] > shades[-1])
    rising = _WHITE - shades if falling else shades
    inside = np.flatnonzero((rising > 0) & (rising < _WHITE))
    if inside.size < 2:
        return []
    start, stop = int(inside[0]), int(inside[-1])
    first, last = float(rising[start]), float(rising[stop])
    slope = (last - first) / (stop - start)
    ramps = [_Ramp(start, first, slope, falling)]
    return [_Ramp(0, first - slope * start, slope, falling), *ramps] if slope * start < 1 else ramps


def _by_table(table: NDArray[np.uint8], values: Values) -> ByteImage:
    found = np.empty(values.shape, dtype=np.uint8)
    flat, into = values.reshape(-1), found.reshape(-1)
    for start in range(0, flat.size, _PIECE):
        piece = slice(start, start + _PIECE)
        np.take(table, flat[piece], out=into[piece], mode="clip")
    return found
