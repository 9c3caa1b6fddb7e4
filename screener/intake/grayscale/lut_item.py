"""One look-up table of a header (PS3.3 C.11.1, C.11.2), whatever its VR, depth or packing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

_WORD = 1 << 16
_MIN_BITS, _MAX_BITS = 8, 16  # PS3.3 C.11.2.1.1: entries have 8 to 16 bits
# Shares of the declared range. Machines that always declare 16 bits, or 12, fill 8, 10 or 12 of them up to
# the top; nobody means a radiograph whose white is a quarter of white. In between the one goes over into the
# other: no grey level more makes a picture four times as dark.
_FALSE, _MEANT = 0.25, 0.45


@dataclass(frozen=True, slots=True)
class LookUpTable:
    """What a table says of each value.

    entries: shape (number of entries,), at least one. first: the value that the first entry is for, as the
    file has it: see first_of. white: what an entry would be that is as bright as can be.
    """

    entries: NDArray[np.float64]
    first: int
    white: float

    @property
    def bits(self) -> int:
        """Depth of the entries, 8 to 16."""
        return int(self.white).bit_length()

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
        ValueError: It has no descriptor, or no entries. TypeError, AttributeError for invalid values.
    """
    count, first, declared = _words(item["LUTDescriptor"].value, little_endian)[:3]
    entries, packed = _entries(item, count or _WORD, int(declared), little_endian)
    if not entries.size:
        raise ValueError("a look-up table without entries")
    white = 255 if packed else _white(int(entries.max()), int(declared))
    return LookUpTable(entries.astype(np.float64), int(first), white)


def is_table(item: Dataset, values: int, little_endian: bool) -> bool:
    """Return whether an item of a LUT sequence is a table that tells values apart.

    values: how many there may be. Of them, or of its own entries if they are fewer, it must have half.
    """
    try:
        table = look_up_table(item, little_endian)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return False
    declared = int(_words(item["LUTDescriptor"].value, little_endian)[0]) or _WORD
    entries = table.entries
    return bool(2 * entries.size >= min(declared, values) and entries.min() < entries.max())


def _entries(item: Dataset, count: int, bits: int, little_endian: bool) -> tuple[NDArray[np.int64], bool]:
    """Return up to so many entries, as many as there are, and whether each is one byte.

    Bytes may be packed into words of VR US, too. As many bytes as entries, or a few less, are no table of
    words that lacks more than half of itself.
    """
    held = item["LUTData"].value
    if not isinstance(held, bytes):
        held = _words(held, little_endian).astype("<u2" if little_endian else ">u2").tobytes()
    even = count + count % 2
    packed = even // 2 < len(held) <= even or (bits <= _MIN_BITS and len(held) < even)
    if not packed:
        return _words(held[: len(held) // 2 * 2], little_endian)[:count], False
    return np.frombuffer(held, np.uint8)[:count].astype(np.int64), True


def _words(value: object, little_endian: bool) -> NDArray[np.int64]:
    """Return numbers of 16 bits without a sign, whether pydicom made them out or left them bytes."""
    if isinstance(value, bytes):
        return np.frombuffer(value, "<u2" if little_endian else ">u2").astype(np.int64)
    return np.atleast_1d(np.asarray(value, dtype=np.int64)) % _WORD


def _white(highest: int, declared: int) -> float:
    """Return what the entries are out of: as declared, or the highest one where that cannot be meant."""
    known = declared if _MIN_BITS <= declared <= _MAX_BITS else _MIN_BITS
    white, least = (1 << known) - 1, (1 << _MIN_BITS) - 1
    false = max(_FALSE * white, least)
    if highest <= false or highest >= white or known == _MIN_BITS:
        return float(max(highest, least))
    return float(np.interp(highest, (false, max(_MEANT * white, false + 1)), (false, white)))
