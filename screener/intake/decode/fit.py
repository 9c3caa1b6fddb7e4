"""Where header and pixels disagree: the stream decides, and a false transfer syntax is named."""

import re
from collections.abc import Iterable
from copy import deepcopy

import simplejpeg
from pydicom import Dataset
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
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
    JPEGLSNearLossless,
    JPEGLSTransferSyntaxes,
    RLELossless,
)

from screener.errors import UnreadableImageError
from screener.intake.decode import codecs
from screener.intake.decode.codestream import Codestream, codestream_of
from screener.intake.decode.depth import breaks
from screener.intake.decode.encapsulated import ITEM, encapsulated, items_of, one_frame
from screener.intake.dicom.bounded_file import MAX_PIXELS
from screener.reasons import Reason, ReasonCode

NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)
_JP2, _CODESTREAM = b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"
_SOI = b"\xff\xd8"
_RLE, _NATIVE, _UNKNOWN = "RLE", "not compressed", "unknown"
_OTHERS = {  # what else has been found in the place of pixels
    "PNG": rb"\x89PNG\r\n",
    "GIF": rb"GIF8[79]a",
    "BMP": rb"BM.{4}\0{4}",
    "TIFF": rb"II\*\0|MM\0\*",
    "WebP": rb"RIFF.{4}WEBP",
    "JPEG XL": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "PDF": rb"%PDF-",
    "ZIP": rb"PK\x03\x04",
}
_CODINGS: dict[str, Iterable[UID]] = {
    "JPEG": (JPEGBaseline8Bit, JPEGExtended12Bit),
    "lossless JPEG": (JPEGLossless, JPEGLosslessSV1),
    "JPEG-LS": JPEGLSTransferSyntaxes,
    "JPEG 2000": JPEG2000TransferSyntaxes,
    "High-Throughput JPEG 2000": (HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K),
    _RLE: (RLELossless,),
}
_MOST = {
    "JPEG": JPEGExtended12Bit,
    "lossless JPEG": JPEGLossless,
    "JPEG-LS": JPEGLSNearLossless,
    "JPEG 2000": JPEG2000,
    "High-Throughput JPEG 2000": HTJ2K,
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
    if stream.coding == "JPEG" and stream.bits > 8 and _syntax(dataset) == JPEGBaseline8Bit:
        dataset.file_meta = deepcopy(dataset.file_meta)
        dataset.file_meta.TransferSyntaxUID = JPEGExtended12Bit  # the same but for its depth
    if stream.rows * stream.columns > MAX_PIXELS:
        raise UnreadableImageError(ReasonCode.TOO_LARGE, what=f"{stream.columns} × {stream.rows} pixels")
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


def syntax_of(value: bytes) -> UID | None:
    """Return a transfer syntax for compressed pixels that come without one; None where they are native.

    Of syntaxes that share a coding the one that allows most.
    """
    frame = items_of(value).frame() if value[:4] == ITEM else value
    stream = codestream_of(frame)
    if stream is not None:
        return JPEGBaseline8Bit if (stream.coding, stream.bits) == ("JPEG", 8) else _MOST[stream.coding]
    return RLELossless if value[:4] == ITEM and frame[4:8] == b"\x40\0\0\0" else None


def misfit(dataset: Dataset) -> Reason | None:
    """Return the reason if the pixels contradict the transfer syntax, else None."""
    syntax = _syntax(dataset)
    said = _NATIVE if syntax in NATIVE else _CODING_OF.get(syntax, "")
    found = _coding(dataset)
    if not said or not found or found == said or (said == _RLE and found == _UNKNOWN):
        return None
    found = f"not {said}" if found == _UNKNOWN else found
    return Reason.of(ReasonCode.TRANSFER_SYNTAX, claimed=syntax.name, found=found)


def _syntax(dataset: Dataset) -> UID:
    return UID(dataset.file_meta.TransferSyntaxUID)


def _coding(dataset: Dataset) -> str:
    """Return what the pixels are, as far as their first bytes tell; empty where they do not."""
    try:
        value = dataset.get("PixelData")
    except Exception:  # noqa: BLE001  # as in header.text
        return ""
    if not isinstance(value, bytes):
        return ""
    stream = items_of(value).frame() if value[:4] == ITEM else value
    if (known := codestream_of(stream)) is not None:
        return known.coding
    other = next((name for name, start in _OTHERS.items() if re.match(start, stream, re.DOTALL)), "")
    if other or value[:4] != ITEM:
        return other or _NATIVE
    segments = int.from_bytes(stream[:4], "little")
    if 1 <= segments <= 15 and stream[4:8] == b"\x40\0\0\0":
        return _RLE
    return "" if not stream.strip(b"\0") or stream.startswith((_SOI, _CODESTREAM)) else _UNKNOWN


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
