"""The fastest decoder of each lossless syntax, of those that are right: docs/performance.md.

Each is tried first, on grey films alone. What it does not take as it should be goes on to the decoders of
pydicom, which then say what is wrong: no film is refused, or read, for being read faster.
"""

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    UID,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from screener.intake.jpeg import decode_grey_jpeg, refuse_truncated_jpeg

Decoder = Callable[[bytes, int], Any]


def fast_values(dataset: Dataset, syntax: UID) -> NDArray[Any] | None:
    """Return the stored values, shape (rows, columns), as unsigned words; None where others must decode.

    Bits above those of the stream are clear, whatever the sign.
    """
    decode = _decoders().get(syntax)
    if decode is None or not _plain(dataset, syntax):
        return None
    bits = int(dataset.BitsAllocated)
    shape = int(dataset.Rows), int(dataset.Columns)
    try:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        values = np.asarray(decode(frame, bits))
    except Exception:  # noqa: BLE001  # a decoder fed arbitrary bytes may raise anything; the next one tells
        return None
    if values.size != shape[0] * shape[1] or values.itemsize * 8 != bits:
        return None
    return values.reshape(shape) if values.ndim == 1 or values.shape == shape else None


def fast_decoder(syntax: UID) -> str:
    """Return the library that reads grey films of a syntax first, empty where none does."""
    decoder = _decoders().get(syntax)
    return "" if decoder is None else ("simplejpeg" if decoder is _baseline else "imagecodecs")


def _plain(dataset: Dataset, syntax: UID) -> bool:
    """Return whether a film is grey, one frame, and of 8 or 16 bits."""
    one = int(dataset.get("NumberOfFrames") or 1) == 1
    # Near-lossless values are clipped afterwards, for which they must have their sign.
    unsigned = syntax != JPEGLSNearLossless or int(dataset.PixelRepresentation) == 0
    return int(dataset.SamplesPerPixel) == 1 and one and unsigned and int(dataset.BitsAllocated) in (8, 16)


@lru_cache(maxsize=1)
def _decoders() -> dict[UID, Decoder]:
    found: dict[UID, Decoder] = {JPEGBaseline8Bit: _baseline}
    if importlib.util.find_spec("imagecodecs") is not None:
        found |= {
            JPEGLossless: _lossless_jpeg,
            JPEGLosslessSV1: _lossless_jpeg,
            JPEGLSLossless: _jpeg_ls,
            JPEGLSNearLossless: _jpeg_ls,
            RLELossless: _rle,
        }
    return found


def _baseline(frame: bytes, bits: int) -> Any:
    """It is decoded by simplejpeg in any case, which alone tells of damage."""
    *_, colour, _ = simplejpeg.decode_jpeg_header(frame)
    return decode_grey_jpeg(frame) if colour == "Gray" else np.empty(0)


def _lossless_jpeg(frame: bytes, bits: int) -> Any:
    import imagecodecs

    return imagecodecs.jpeg8_decode(frame)


def _jpeg_ls(frame: bytes, bits: int) -> Any:
    import imagecodecs

    refuse_truncated_jpeg(frame)  # CharLS takes seconds to find that out
    return imagecodecs.jpegls_decode(frame)


def _rle(frame: bytes, bits: int) -> Any:
    import imagecodecs

    words = np.dtype(f"<u{bits // 8}")
    return np.frombuffer(imagecodecs.dicomrle_decode(frame, words), words)
