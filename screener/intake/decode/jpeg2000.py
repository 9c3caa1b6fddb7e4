"""JPEG 2000 codestreams: whether one is whole, and the lower resolutions that it holds.

OpenJPEG and OpenJPH take zeros for what is missing, so the tile parts are followed to the end before either
decodes, and what is not read is not missing either.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from screener.intake.dicom.bounded_file import MAX_PIXELS
from screener.preprocessing.resolution import halved_size

_START, _START_OF_TILE, _END = b"\xff\x4f\xff\x51", b"\xff\x90\x00\x0a", b"\xff\xd9"  # ITU-T T.800, A.4
_PADDING = b"\0\xff"  # behind the end, of archives and of tapes
_CODING_STYLE, _OF_COMPONENT = b"\xff\x52", b"\xff\x53"
_WAVELET = 13  # bytes from the marker of the coding style to its wavelet, the last of what it must name
_SIGNED = 0x80
_PILLOW_BITS = 16  # Pillow scales deeper samples than 8 bits to them


@dataclass(frozen=True, slots=True)
class SizMarker:
    """What the first marker segment, SIZ, says of a codestream (ITU-T T.800, A.5.1). bits: of a component.

    left, top: where the picture begins on the grid that all resolutions are taken from.
    """

    rows: int
    columns: int
    left: int
    top: int
    components: int
    bits: int
    signed: bool

    @classmethod
    def of(cls, stream: bytes) -> Self:
        """Return what a codestream says, or that in a JP2 file.

        Raises:
            ValueError: There is none.
        """
        start = stream.find(_START)
        if start < 0 or len(stream) < start + 43:
            raise ValueError("no JPEG 2000 codestream")
        size = [int.from_bytes(stream[start + at : start + at + 4], "big") for at in (8, 12, 16, 20)]
        depth = stream[start + 42]
        components = int.from_bytes(stream[start + 40 : start + 42], "big")
        rows, columns = size[1] - size[3], size[0] - size[2]
        return cls(rows, columns, size[2], size[3], components, (depth & ~_SIGNED) + 1, bool(depth & _SIGNED))


def whole_codestream(stream: bytes) -> bytes:
    """Return a codestream whose tile parts are all there, and whose size is one that a radiograph has.

    With its end where only that was missing: OpenJPEG refuses most of those, and takes some.

    Raises:
        ValueError: A part is missing, be it that the stream ends early or goes on in zeros; or it claims
            far too many pixels, whatever the header of the radiograph says.
    """
    said = SizMarker.of(stream)
    if not 0 < said.rows * said.columns <= MAX_PIXELS:
        raise ValueError("the codestream claims too many pixels to be a radiograph")
    end = _end(stream)
    if end is None:
        raise ValueError("truncated: the tile parts do not reach to the end of the codestream")
    return stream if stream.startswith(_END, end) else stream[:end] + _END


def at_lower_resolution(stream: bytes, halvings: int) -> NDArray[Any]:
    """Return the samples of a grey codestream, its sides halved so often; signed where it says so.

    Pillow must have been told to refuse truncated streams (raster.refuse_truncated).

    Raises:
        ValueError: A part of it is missing, or it has colours or more than 16 bits. Pillow raises others.
    """
    stream = whole_codestream(stream)
    said = SizMarker.of(stream)
    if said.components != 1 or said.bits > _PILLOW_BITS:
        raise ValueError("no grey picture of up to 16 bits")
    if (said.left | said.top) % (1 << halvings):
        raise ValueError("a corner that lies between the samples of the lower resolution")
    with Image.open(BytesIO(stream), formats=("JPEG2000",)) as opened:
        # Pillow 13 rounds to the nearest size, and JPEG 2000 up: given a multiple, both are the same.
        columns, rows = (halved_size(side, halvings) << halvings for side in opened.size)
        opened._size = columns, rows
        opened.reduce = halvings  # type: ignore[method-assign, assignment]
        samples = np.asarray(opened)
    values = samples if samples.dtype == np.uint8 else samples.astype(np.uint16)
    values = values >> (8 * values.itemsize - said.bits)
    if not said.signed:
        return values
    lowest = 1 << (said.bits - 1)  # Pillow counts from it
    return (values.astype(np.int32) - lowest).astype(f"i{values.itemsize}")


def is_reversible(stream: bytes) -> bool:
    """Return whether a codestream's default coding style, COD, names the 5/3 wavelet, not the 9/7 (A.6.1).

    Raises:
        ValueError: It has none, or a component has its own (COC), or it is no wavelet of Part 1.
    """
    position, wavelets = max(stream.find(_START), 0) + 2, []
    while (marker := stream[position : position + 2]) != _START_OF_TILE[:2] and len(marker) == 2:
        if marker in (_CODING_STYLE, _OF_COMPONENT):
            wavelets.append(stream[position + _WAVELET] if marker == _CODING_STYLE else None)
        position += 2 + max(int.from_bytes(stream[position + 2 : position + 4], "big"), 2)
    if wavelets not in ([0], [1]):
        raise ValueError("no single coding style of Part 1")
    return wavelets == [1]


def _end(stream: bytes) -> int | None:
    """Return where the tile parts end, None where some are missing.

    Some encoders leave the End of Codestream out. Then the tile parts must say that there are no more of
    them. A last one without a length (Psot is 0, A.4.2) goes up to that marker, so it must be there.
    """
    start = max(stream.find(_START), 0)
    position, left = stream.find(_START_OF_TILE, start), _tiles(stream, start)
    while 0 < position < len(stream) and stream.startswith(_START_OF_TILE, position):
        length = int.from_bytes(stream[position + 6 : position + 10], "big")
        if not length:
            content = stream.rstrip(_PADDING)
            return len(content) - len(_END) if content.endswith(_END) else None
        part, parts = stream[position + 10 : position + 12]
        left -= part + 1 == parts
        position += length
    if not 0 < position <= len(stream):
        return None
    if stream.startswith(_END, position):
        return position
    # Neither padding nor the marker may stand for the last bytes of a tile part: no packet ends so (B.10.1).
    cut = stream[position - 1] in _PADDING or stream.endswith(_END, 0, position)
    return position if left == 0 and not cut and not stream[position:].strip(_PADDING) else None


def _tiles(stream: bytes, start: int) -> int:
    """Return how many tiles SIZ says that there are (B.3)."""
    right, bottom, _, _, wide, high, left, top = (
        int.from_bytes(stream[start + at : start + at + 4], "big") for at in range(8, 40, 4)
    )
    return -(-(right - left) // wide) * -(-(bottom - top) // high) if wide and high else 0
