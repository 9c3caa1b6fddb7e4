"""JPEG 2000 decoded only as far as screening needs: its lower resolutions, a twelfth of the time.

Off unless asked for (--fast-jpeg2000): a lower resolution is no area mean, and probabilities move a little.
docs/performance.md says by how much.
"""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import JPEG2000, UID, JPEG2000Lossless

_LEAST_SIDE = 448  # pixels that are left: twice what the network sees
_START_OF_TILE, _END = b"\xff\x90\x00\x0a", b"\xff\xd9"  # ITU-T T.800, A.4
_COMPONENTS, _DEPTH = slice(40, 42), 42  # in the main header, whose SIZ comes first (A.5.1)
_SIGNED = 0x80


def lower_resolution(dataset: Dataset) -> NDArray[Any] | None:
    """Return the stored values at the lowest resolution that is large enough; None where all must be decoded.

    None too where anything about the stream is unusual: what decodes it whole then says what is wrong.
    Pillow must have been told to refuse truncated streams.
    """
    halvings = _halvings(int(dataset.Rows), int(dataset.Columns))
    if not halvings or not _plain(dataset):
        return None
    try:
        stream = next(generate_frames(dataset.PixelData, number_of_frames=1))
        depth = _depth(stream)
        if depth is None or not _is_whole(stream):
            return None
        with Image.open(BytesIO(stream), formats=("JPEG2000",)) as opened:
            if opened.size != (dataset.Columns, dataset.Rows):
                return None
            opened.reduce = halvings  # type: ignore[method-assign, assignment]
            values = np.asarray(opened)
    except Exception:  # noqa: BLE001  # a decoder fed arbitrary bytes may raise anything; the next one tells
        return None
    if values.dtype == np.uint8:
        return values if depth == 8 else None
    return values.astype(np.uint16) >> (16 - depth)  # Pillow scales to 16 bits


def _halvings(rows: int, columns: int) -> int:
    """Return how often a film may be halved."""
    halvings = 0
    while min(rows, columns) >> (halvings + 1) >= _LEAST_SIDE:
        halvings += 1
    return halvings


def _plain(dataset: Dataset) -> bool:
    """Return whether a film is in JPEG 2000, grey, unsigned and one frame."""
    return (
        UID(dataset.file_meta.TransferSyntaxUID) in (JPEG2000Lossless, JPEG2000)
        and int(dataset.SamplesPerPixel) == 1
        and int(dataset.PixelRepresentation) == 0
        and int(dataset.get("NumberOfFrames") or 1) == 1
        and str(dataset.PhotometricInterpretation).startswith("MONOCHROME")
    )


def _depth(stream: bytes) -> int | None:
    """Return the bits of an unsigned codestream of one component, None of any other."""
    if stream[:4] != b"\xff\x4f\xff\x51" or int.from_bytes(stream[_COMPONENTS], "big") != 1:
        return None
    depth = stream[_DEPTH]
    return None if depth & _SIGNED or depth >= 16 else depth + 1


def _is_whole(stream: bytes) -> bool:
    """Return whether the tile parts follow each other to the end: of what is not read, nothing is missing."""
    position = stream.find(_START_OF_TILE)
    while 0 < position < len(stream) and stream.startswith(_START_OF_TILE, position):
        length = int.from_bytes(stream[position + 6 : position + 10], "big")
        if not length:  # the last one, up to the end (A.4.2)
            return stream.rstrip(b"\0").endswith(_END)
        position += length
    return stream.startswith(_END, position)
