"""Where header and pixels disagree: the stream is right about itself, and a false transfer syntax is told."""

from collections.abc import Iterable

import simplejpeg
from pydicom import Dataset
from pydicom.uid import (
    HTJ2K,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSTransferSyntaxes,
    RLELossless,
)

from screener.errors import UnreadableImageError
from screener.intake.decode import codecs
from screener.intake.decode.codestream import Codestream, codestream_of
from screener.intake.decode.depth import breaks
from screener.intake.decode.encapsulated import ITEM, encapsulated, items_of, one_frame
from screener.intake.dicom.bounded_file import MAX_PIXELS

NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)
_JP2, _CODESTREAM = b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"
_RLE, _NATIVE = "RLE", "not compressed"
_CODINGS: dict[str, Iterable[UID]] = {
    "JPEG": (JPEGBaseline8Bit, JPEGExtended12Bit),
    "lossless JPEG": (JPEGLossless, JPEGLosslessSV1),
    "JPEG-LS": JPEGLSTransferSyntaxes,
    "JPEG 2000": JPEG2000TransferSyntaxes,
    "High-Throughput JPEG 2000": (HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K),
    _RLE: (RLELossless,),
}
_CODING_OF = {syntax: coding for coding, syntaxes in _CODINGS.items() for syntax in syntaxes}
_COLOURS = {"JPEG": "YBR_FULL_422", "JPEG 2000": "YBR_RCT", "High-Throughput JPEG 2000": "YBR_RCT"}


def fit_to_stream(dataset: Dataset) -> None:
    """Let a header say what its compressed stream says of size, samples, depth and sign.

    The stream is what is decoded: with another size or depth its values would be put together wrongly.
    Changes the data set, which must be a copy.

    Raises:
        UnreadableImageError: The stream claims more pixels than any radiograph has.
    """
    frame = one_frame(dataset)
    if frame.startswith(_JP2):  # a JP2 file, which PS3.5 A.4.4 does not allow as a frame
        frame = frame[max(frame.find(_CODESTREAM), 0) :]
        dataset.PixelData = encapsulated(frame)
    stream = codestream_of(frame)
    if stream is None:
        return
    if stream.rows * stream.columns > MAX_PIXELS:
        raise UnreadableImageError(
            f"the pixels are damaged: their stream claims {stream.columns} × {stream.rows} of them"
        )
    if stream.rows and stream.columns:
        dataset.Rows, dataset.Columns = stream.rows, stream.columns
    _fit_samples(dataset, stream, frame)
    allocated = int(dataset.BitsAllocated)
    if stream.bits <= 16 and (allocated not in (8, 16) or allocated < stream.bits):
        _set_bits(dataset, 8 if stream.bits <= 8 else 16, stream.bits)
    elif stream.coding == "JPEG" and stream.bits == 8 < allocated:
        _set_bits(dataset, 8, min(int(dataset.BitsStored), 8))
    elif int(dataset.BitsStored) > allocated:
        _set_bits(dataset, allocated, stream.bits)
    _fit_sign(dataset, stream, frame)


def misfit(dataset: Dataset) -> str:
    """Return in words that the pixels are not what the transfer syntax says, empty where they may be."""
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    said = _NATIVE if syntax in NATIVE else _CODING_OF.get(syntax, "")
    found = _coding(dataset)
    if not said or not found or found == said:
        return ""
    return (
        f"the transfer syntax does not fit the data: (0002,0010) says {syntax.name}, the pixels are {found}. "
        "Send the study again from where it was made"
    )


def _coding(dataset: Dataset) -> str:
    try:
        value = dataset.get("PixelData")
    except Exception:  # noqa: BLE001  # as in header.text
        return ""
    if not isinstance(value, bytes):
        return ""
    stream = items_of(value).frame() if value[:4] == ITEM else value
    if (known := codestream_of(stream)) is not None:
        return known.coding
    if value[:4] != ITEM:
        return _NATIVE
    segments = int.from_bytes(stream[:4], "little")
    return _RLE if 1 <= segments <= 15 and stream[4:8] == b"\x40\0\0\0" else ""


def _fit_samples(dataset: Dataset, stream: Codestream, frame: bytes) -> None:
    samples = int(dataset.SamplesPerPixel)
    if stream.components == 3 and samples == 1 and not _luma_comes_anyway(frame, stream, dataset):
        dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
        dataset.PhotometricInterpretation = _COLOURS.get(stream.coding, "RGB")
    elif stream.components == 1 and samples == 3:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"


def _luma_comes_anyway(frame: bytes, stream: Codestream, dataset: Dataset) -> bool:
    """Return whether a stream in colour is read as its luma, as if it were grey: baseline JPEG in YCbCr."""
    if (dataset.file_meta.TransferSyntaxUID, stream.coding, stream.bits) != (JPEGBaseline8Bit, "JPEG", 8):
        return False
    *_, colour, _ = simplejpeg.decode_jpeg_header(frame)
    return bool(colour == "YCbCr")


def _fit_sign(dataset: Dataset, stream: Codestream, frame: bytes) -> None:
    """Let Pixel Representation say what the stream does, unless that makes a broken picture of it.

    Some encoders put two's complement into a codestream without a sign, or the other way round.
    """
    signed = stream.signed
    if signed is None or int(signed) == int(dataset.PixelRepresentation):
        return
    if (
        int(dataset.PixelRepresentation) in (0, 1)
        and stream.coding.endswith("2000")
        and stream.components == 1
    ):
        values = codecs.jpeg_2000(frame)
        if breaks(values, stream.bits, signed) and not breaks(values, stream.bits, not signed):
            return  # pydicom puts it right
    dataset.PixelRepresentation = int(signed)


def _set_bits(dataset: Dataset, allocated: int, stored: int) -> None:
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, stored, stored - 1
