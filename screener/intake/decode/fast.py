"""Grey radiographs straight from the fastest decoder that is right, without the way through pydicom.

What it does not take as it should be goes on to the decoders of pydicom, which then say what is wrong: no
radiograph is refused, or read, for being read faster.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    JPEGBaseline8Bit,
    JPEGLSNearLossless,
    RLELossless,
)

from screener.intake.decode import codecs
from screener.intake.decode.jpeg import decode_grey_jpeg

Decoder = Callable[[bytes, int], Any]

_NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)


def fast_values(dataset: Dataset, syntax: UID) -> NDArray[Any] | None:
    """Return the stored values, shape (rows, columns), as words; None where others must decode.

    Bits above those of the stream are clear, whatever the sign; of JPEG 2000 they repeat it. Uncompressed
    values are those of the data set itself, as they are, and read-only.

    Raises:
        Exception: What the plugin in codecs.py would raise of the same stream, too.
    """
    if syntax in _NATIVE:
        return _native(dataset, syntax)
    decode = _decoders().get(syntax)
    if decode is None or not _plain(dataset, syntax):
        return None
    bits = int(dataset.BitsAllocated)
    shape = int(dataset.Rows), int(dataset.Columns)
    try:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        values = np.asarray(decode(frame, bits))
    except Exception:  # a decoder fed arbitrary bytes may raise anything; the next one tells
        if syntax in codecs.SYNTAXES:  # there it is the same one
            raise
        return None
    if values.size != shape[0] * shape[1] or values.itemsize * 8 != bits:
        return None
    if syntax in JPEG2000TransferSyntaxes and (values.dtype.kind == "i") != _signed(dataset):
        return None  # pydicom knows what to do
    return values.reshape(shape) if values.ndim == 1 or values.shape == shape else None


def _native(dataset: Dataset, syntax: UID) -> NDArray[Any] | None:
    """Return uncompressed values without the two copies that pydicom makes, of 10 MB each."""
    if not _plain(dataset, syntax) or dataset.PhotometricInterpretation == "PALETTE COLOR":
        return None
    words = np.dtype(f"<{'i' if _signed(dataset) else 'u'}{int(dataset.BitsAllocated) // 8}")
    shape = int(dataset.Rows), int(dataset.Columns)
    length, content = shape[0] * shape[1] * words.itemsize, dataset.PixelData
    if len(content) - length not in (0, length % 2):  # one more makes an odd number even (PS3.5 8.1.1)
        return None
    return np.frombuffer(content, words, shape[0] * shape[1]).reshape(shape)


def fast_decoder(syntax: UID) -> str:
    """Return the library that reads grey radiographs of a syntax first, empty where none does."""
    decoder = _decoders().get(syntax)
    return "" if decoder is None else ("simplejpeg" if decoder is _baseline else "imagecodecs")


def _plain(dataset: Dataset, syntax: UID) -> bool:
    """Return whether a radiograph is grey, one frame, and of 8 or 16 bits."""
    one = int(dataset.get("NumberOfFrames") or 1) == 1
    # Near-lossless values are clipped afterwards, for which they must have their sign.
    unsigned = syntax != JPEGLSNearLossless or not _signed(dataset)
    return int(dataset.SamplesPerPixel) == 1 and one and unsigned and int(dataset.BitsAllocated) in (8, 16)


def _signed(dataset: Dataset) -> bool:
    return int(dataset.PixelRepresentation) == 1


@lru_cache(maxsize=1)
def _decoders() -> dict[UID, Decoder]:
    found: dict[UID, Decoder] = {JPEGBaseline8Bit: _baseline, RLELossless: _rle}
    for syntax in codecs.SYNTAXES:
        found[syntax] = lambda frame, bits, syntax=syntax: codecs.decoded(frame, syntax)  # type: ignore[misc]
    return found


def _baseline(frame: bytes, bits: int) -> Any:
    """Luma where the header says grey and the stream has colours: some archives wrap colour JPEG so."""
    return decode_grey_jpeg(frame)


def _rle(frame: bytes, bits: int) -> Any:
    import imagecodecs

    words = np.dtype(f"<u{bits // 8}")
    return np.frombuffer(imagecodecs.dicomrle_decode(frame, words), words)
