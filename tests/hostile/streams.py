"""Compressed streams that were cut off, overwritten or made up, in DICOM files that are else sound."""

from collections.abc import Iterator

import numpy as np
from pydicom.uid import (
    HTJ2K,
    UID,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from tests.hostile.radiographs import dataset, encapsulated, radiograph
from tests.intake.encodings import ENCODERS

SYNTAXES = {
    "jpeg-2000": JPEG2000Lossless,
    "jpeg-ls": JPEGLSLossless,
    "rle": RLELossless,
    "jpeg-lossless": JPEGLosslessSV1,
    "jpeg": JPEGBaseline8Bit,
    "htj2k": HTJ2K,
}
_BYTE = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "WindowCenter": 128, "WindowWidth": 256}


def damaged_streams() -> Iterator[tuple[str, bytes]]:
    """Yield file names with DICOM files of which none holds a whole image."""
    for number, (name, syntax) in enumerate(SYNTAXES.items()):
        noise = np.random.default_rng(number).bytes(40_000)
        whole = _stream(syntax)
        yield f"{name}-cut.dcm", _file(whole[: len(whole) // 2 // 2 * 2], syntax, number)
        yield f"{name}-noise.dcm", _file(noise, syntax, number)
        yield f"{name}-noise-inside.dcm", _file(whole[:200] + noise, syntax, number)
        yield f"{name}-empty.dcm", _file(b"\0\0", syntax, number)


def _stream(syntax: UID) -> bytes:
    """Return an image in a transfer syntax, 8 bits for JPEG, else 12."""
    if syntax == JPEGBaseline8Bit:
        return bytes(ENCODERS[syntax](dataset(**_BYTE), radiograph()))
    return bytes(ENCODERS[syntax](dataset(), radiograph().astype("<u2") * 16))


def _file(stream: bytes, syntax: UID, seed: int) -> bytes:
    return encapsulated(stream, syntax, seed, **(_BYTE if syntax == JPEGBaseline8Bit else {}))
