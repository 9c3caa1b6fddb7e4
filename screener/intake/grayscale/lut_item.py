"""One look-up table of a header (PS3.3 C.11.1, C.11.2), whatever its VR, depth or packing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

_WORD = 1 << 16
_MIN_BITS, _MAX_BITS = 8, 16  # PS3.3 C.11.2.1.1: entries have 8 to 16 bits
_LIARS_BITS = (8, 10, 12)  # what machines fill that always declare 16


@dataclass(frozen=True, slots=True)
class LookUpTable:
    """What a table says of each value.

    entries: shape (number of entries,), at least one. first: the value that the first entry is for, as the
    file has it: see first_of. bits: depth of the entries, 8 to 16.
    """

    entries: NDArray[np.float64]
    first: int
    bits: int

    def looked_up(self, values: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the entry of each value; before the first and behind the last entry those two hold."""
        first = self.first_of(int(values.max(initial=0)))
        return np.asarray(self.entries[np.clip(values - first, 0, len(self.entries) - 1)])

    def first_of(self, highest: int) -> int:
        """Return the first value mapped, of values up to the highest one.

        It is 16 bits with or without a sign, as the values are; some machines write the wrong VR. A number
        beyond all values that there are is a negative one.
        """
        unsigned = self.first % _WORD
        return unsigned if unsigned < _WORD // 2 or unsigned <= highest else unsigned - _WORD


def look_up_table(item: Dataset, little_endian: bool) -> LookUpTable:
    """Return the table of one item of Modality or VOI LUT Sequence.

    Raises:
        ValueError: It has no descriptor, or no entries. TypeError, AttributeError for values that are none.
    """
    count, first, declared = _words(item["LUTDescriptor"].value, little_endian)[:3]
    entries, packed = _entries(item, count or _WORD, int(declared), little_endian)
    if not entries.size:
        raise ValueError("a look-up table without entries")
    return LookUpTable(
        entries.astype(np.float64), int(first), _MIN_BITS if packed else _bits(entries, int(declared))
    )


def has_table(item: Dataset) -> bool:
    """Return whether an item of a LUT sequence can be a table at all."""
    return item.get("LUTDescriptor") is not None and item.get("LUTData") is not None


def _entries(item: Dataset, count: int, bits: int, little_endian: bool) -> tuple[NDArray[np.int64], bool]:
    """Return up to so many entries, as many as there are, and whether each is one byte."""
    held = item["LUTData"].value
    if not isinstance(held, bytes):
        return _words(held, little_endian)[:count], False
    even = count + count % 2
    packed = len(held) in (count, even) or (bits <= _MIN_BITS and len(held) < even)
    if not packed:
        return _words(held[: len(held) // 2 * 2], little_endian)[:count], False
    return np.frombuffer(held, np.uint8)[:count].astype(np.int64), True


def _words(value: object, little_endian: bool) -> NDArray[np.int64]:
    """Return numbers of 16 bits without a sign, whether pydicom made them out or left them bytes."""
    if isinstance(value, bytes):
        return np.frombuffer(value, "<u2" if little_endian else ">u2").astype(np.int64)
    return np.atleast_1d(np.asarray(value, dtype=np.int64)) % _WORD


def _bits(entries: NDArray[np.int64], declared: int) -> int:
    """Return how deep the entries are: as declared, or deeper where they hold more.

    The one known lie is 16 bits declared and fewer filled, which would show all of it black.
    """
    held = max(int(entries.max()).bit_length(), _MIN_BITS)
    if not _MIN_BITS <= declared <= _MAX_BITS:
        return held
    if declared == _MAX_BITS:
        return next((bits for bits in _LIARS_BITS if held <= bits), declared)
    return max(declared, held)
