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
_SIGNED = 0x80
_PILLOW_BITS = 16  # Pillow scales deeper samples than 8 bits to them


@dataclass(frozen=True, slots=True)
class Codestream:
    """What the first marker segment, SIZ, says of a codestream (ITU-T T.800, A.5.1). bits: of a component."""

    rows: int
    columns: int
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
        return cls(rows, columns, components, (depth & ~_SIGNED) + 1, bool(depth & _SIGNED))


def refuse_cut_codestream(stream: bytes) -> None:
    """Return if the tile parts follow each other to the end, and the size is one that a radiograph has.

    Raises:
        ValueError: A part is missing, be it that the stream ends early or goes on in zeros; or it claims
            far too many pixels, whatever the header of the film says.
    """
    said = Codestream.of(stream)
    if not 0 < said.rows * said.columns <= MAX_PIXELS:
        raise ValueError("the codestream claims too many pixels to be a radiograph")
    if not _is_whole(stream):
        raise ValueError("truncated: the tile parts do not reach to the end of the codestream")


def at_lower_resolution(stream: bytes, halvings: int) -> NDArray[Any]:
    """Return the samples of a grey codestream, its sides halved so often; signed where it says so.

    Pillow must have been told to refuse truncated streams (raster.refuse_truncated).

    Raises:
        ValueError: A part of it is missing, or it has colours or more than 16 bits. Pillow raises others.
    """
    refuse_cut_codestream(stream)
    said = Codestream.of(stream)
    if said.components != 1 or said.bits > _PILLOW_BITS:
        raise ValueError("no grey picture of up to 16 bits")
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


def _is_whole(stream: bytes) -> bool:
    position = stream.find(_START_OF_TILE, max(stream.find(_START), 0))
    while 0 < position < len(stream) and stream.startswith(_START_OF_TILE, position):
        length = int.from_bytes(stream[position + 6 : position + 10], "big")
        if not length:  # the last one, up to the end (A.4.2)
            return stream.rstrip(b"\0").endswith(_END)
        position += length
    # Some encoders leave the End of Codestream out; every tile part is there all the same.
    return stream.startswith(_END, position) or 0 < position == len(stream)
