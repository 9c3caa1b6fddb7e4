"""Compressed pixels as a file holds them (PS3.5 A.4), also where their end is missing or odd."""

from dataclasses import dataclass

from pydicom import Dataset

ITEM, DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_ITEM_END, _UNDEFINED = b"\xfe\xff\x0d\xe0\0\0\0\0", 0xFFFFFFFF
_END_OF_IMAGE = b"\xff\xd9"  # JPEG's EOI, and JPEG 2000's EOC


@dataclass(frozen=True, slots=True)
class Items:
    """The items of an encapsulated value, the offset table among them.

    cut: whether the data end within one. tidy: whether they are as PS3.5 A.4 has them.
    """

    items: tuple[bytes, ...]
    cut: bool
    tidy: bool

    def frame(self) -> bytes:
        """Return the one frame of a radiograph: all fragments, joined; the offset table is no part of it.

        Where there is no table, although there must be one, the first item is a fragment, too.
        """
        first = self.items[0] if self.items else b""
        table = len(first) % 4 == 0 and (not first or first[:4] == b"\0\0\0\0")
        return b"".join(self.items[1:] if table or len(self.items) > 1 else self.items)


def items_of(value: bytes) -> Items:
    """Return the items at the beginning of some bytes, however they end."""
    items: list[bytes] = []
    position, tidy = 0, True
    while True:
        tag = value[position : position + 4]
        if tag != ITEM:
            if value[position + 1 : position + 5] not in (ITEM, DELIMITER) or not items:
                break
            position, tidy = position + 1, False  # an odd item whose padding its length does not count
            continue
        length = int.from_bytes(value[position + 4 : position + 8], "little")
        if length == _UNDEFINED:  # which PS3.5 A.4 does not allow here
            length, behind, tidy = *_delimited(value, position + 8), False
        else:
            behind = 0
        items.append(value[position + 8 : position + 8 + length])
        position += 8 + length + behind
    ends_well = value[position : position + 4] in (DELIMITER, b"")
    return Items(tuple(items), _is_cut(items, position - len(value)), tidy and ends_well)


def _delimited(value: bytes, start: int) -> tuple[int, int]:
    """Return the length of an item that ends at its own delimiter, or at that of all, and the delimiter's."""
    end = value.find(_ITEM_END, start)
    if end >= 0:
        return end - start, len(_ITEM_END)
    end = value.find(DELIMITER + bytes(4), start)
    return (end if end >= 0 else len(value)) - start, 0


def encapsulated(frame: bytes) -> bytes:
    """Return one frame as the items of PS3.5 A.4: an empty offset table and one fragment."""
    even = frame + b"\0" * (len(frame) % 2)
    return ITEM + bytes(4) + ITEM + len(even).to_bytes(4, "little") + even


def one_frame(dataset: Dataset) -> bytes:
    """Return the compressed stream of an image of one frame; empty where it is not one frame."""
    value = dataset.get("PixelData")
    one = int(dataset.get("NumberOfFrames") or 1) == 1
    if not (one and isinstance(value, bytes) and value[:4] == ITEM):
        return b""
    return items_of(value).frame()


def tidy_up(dataset: Dataset) -> None:
    """Put the items of an encapsulated value in order, where pydicom would not make them out."""
    value = dataset.get("PixelData")
    if not isinstance(value, bytes) or value[:4] != ITEM:
        return
    found = items_of(value)
    one = len(found.items) == 1 and found.items[0]  # no offset table, although there must be one
    if (not found.tidy or one) and int(dataset.get("NumberOfFrames") or 1) == 1:
        dataset.PixelData = encapsulated(found.frame())


def _is_cut(items: list[bytes], missing: int) -> bool:
    """Return whether a stream ends early: within an item, and not at its own end.

    missing: bytes by which the last item is shorter than its length says.
    """
    return missing > 1 and bool(items) and not items[-1].rstrip(b"\0").endswith(_END_OF_IMAGE)
