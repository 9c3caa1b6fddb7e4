"""imagecodecs as a plugin of pydicom: JPEG (12 bits, lossless), JPEG-LS, JPEG 2000, HTJ2K; grey and colour.

Of pydicom's own plugins none is needed beside it but Pillow's, for colour in baseline JPEG. Importing this
module registers the plugin, under the name of the library. docs/performance.md compares the decoders.
"""

import importlib.util
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

from screener.intake.decode.jpeg import closed_jpeg, whole_jpeg
from screener.intake.decode.jpeg2000 import whole_codestream
from screener.intake.dicom.bounded_file import MAX_PIXELS

PLUGIN = "imagecodecs"
_JPEG = (JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)
_JPEG_LS = (JPEGLSLossless, JPEGLSNearLossless)
_JPEG_2000 = (JPEG2000Lossless, JPEG2000, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K)
SYNTAXES = (*_JPEG, *_JPEG_LS, *_JPEG_2000)

# SOFn of JPEG (ITU-T T.81, B.2.2) or SOF55 of JPEG-LS: 2 to 16 bits, 1 to 4 components. The first one counts.
_FRAME = re.compile(
    rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf\xf7]..[\x02-\x10](?P<rows>..)(?P<columns>..)[\x01-\x04]",
    re.DOTALL,
)

DECODER_DEPENDENCIES = dict.fromkeys(SYNTAXES, ("imagecodecs>=2026.3",))


def is_available(uid: str) -> bool:
    """Return whether imagecodecs is installed; pydicom asks."""
    return uid in DECODER_DEPENDENCIES and importlib.util.find_spec("imagecodecs") is not None


def decode_frame(source: bytes, runner: DecodeRunner) -> bytes:
    """Return one frame, samples of a pixel side by side, little endian; pydicom calls.

    Raises:
        ValueError: The stream ends early, or holds another picture than the header says. The decoders
            raise others.
    """
    values, samples = decoded(source, runner.transfer_syntax), runner.samples_per_pixel
    if values.shape != (runner.rows, runner.columns, samples)[: 2 if samples == 1 else 3]:
        raise ValueError("the stream holds another picture than the header says")
    if samples > 1:
        runner.set_option("planar_configuration", 0)
    if runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):  # both decoders undo the transform
        runner.set_option("photometric_interpretation", "RGB")
    runner.set_option("bits_allocated", 8 * values.itemsize)  # as deep as the stream, not as the header
    return values.tobytes()


def decoded(stream: bytes, syntax: UID) -> NDArray[Any]:
    """Return the samples of one frame in one of SYNTAXES; shape (rows, columns) or (rows, columns, 3)."""
    if syntax in _JPEG:
        return jpeg(stream)
    if syntax in _JPEG_LS:
        return jpeg_ls(stream)
    return jpeg_2000(stream)


def jpeg(stream: bytes) -> NDArray[Any]:
    """Return the samples of a JPEG of any depth, in the colours that it stores: untransformed.

    Raises:
        ValueError: It has no end.
    """
    import imagecodecs

    _refuse_claims(stream)
    stream = whole_jpeg(stream)  # libjpeg-turbo fills up what is missing
    try:
        return np.asarray(imagecodecs.jpeg8_decode(stream, colorspace="RGB", outcolorspace="RGB"))
    except imagecodecs.Jpeg8Error:  # one component has no colours
        return np.asarray(imagecodecs.jpeg8_decode(stream))


def jpeg_ls(stream: bytes) -> NDArray[Any]:
    """Return the samples of a JPEG-LS stream.

    Raises:
        ValueError: It has no end.
    """
    import imagecodecs

    _refuse_claims(stream)
    try:
        stream = whole_jpeg(stream)
    except ValueError:  # CharLS takes seconds to find out that much is missing
        stream = closed_jpeg(stream)
    values = np.asarray(imagecodecs.jpegls_decode(stream))
    return (
        values.transpose(1, 2, 0) if values.ndim == 3 and values.shape[0] == 3 != values.shape[2] else values
    )


def jpeg_2000(stream: bytes) -> NDArray[Any]:
    """Return the samples of a JPEG 2000 codestream, or of the JP2 file around one; signed where it says so.

    High-Throughput JPEG 2000 by OpenJPEG, too. imagecodecs has OpenJPH besides, in 40 ms against 100 for five
    megapixels; but it goes on where OpenJPH finds damage, and where a lossy stream overshoots its depth the
    values wrap: white comes out black (2026.3.6).

    Raises:
        ValueError: A part of it is missing.
    """
    import imagecodecs

    stream = whole_codestream(stream)  # OpenJPEG fills up zeros
    return np.asarray(imagecodecs.jpeg2k_decode(stream, numthreads=1))


def _refuse_claims(stream: bytes) -> None:
    """Refuse a JPEG whose frame claims far too many pixels, before a decoder makes room for them."""
    found = _FRAME.search(stream)
    if found and int.from_bytes(found["rows"], "big") * int.from_bytes(found["columns"], "big") > MAX_PIXELS:
        raise ValueError("the stream claims too many pixels to be a radiograph")


for _syntax in SYNTAXES:
    get_decoder(_syntax).add_plugin(PLUGIN, (__name__, "decode_frame"))
