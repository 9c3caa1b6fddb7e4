"""Stored values at a lower resolution by the codec's own means, at a fraction of the cost of all pixels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
)

from screener.intake.decode.depth import overshoots
from screener.intake.decode.dispatch import within_bits_stored
from screener.intake.decode.jpeg import decode_grey_jpeg
from screener.intake.decode.jpeg2000 import at_lower_resolution, is_reversible
from screener.preprocessing.resolution import halved_size
from screener.sampling import LowPass

JPEG_2000 = (JPEG2000Lossless, JPEG2000, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K)


@dataclass(frozen=True, slots=True)
class Reduced:
    """Stored values at a lower resolution, and the filter that they came by."""

    values: NDArray[Any]
    low_pass: LowPass


def reduced_values(dataset: Dataset, halvings: int) -> Reduced | None:
    """Return the stored values of a grey image, its sides halved so often; None where it must be read whole.

    None too where anything about the stream is unusual: what decodes it whole then says what is wrong.
    """
    decode = _decoder(UID(dataset.file_meta.TransferSyntaxUID))
    if decode is None or int(dataset.get("NumberOfFrames") or 1) != 1:
        return None
    try:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        read = decode(frame, halvings)
    except Exception:  # noqa: BLE001  # a decoder fed arbitrary bytes may raise anything; the next one tells
        return None
    wanted = tuple(halved_size(int(dataset[side].value), halvings) for side in ("Rows", "Columns"))
    if read is None or read.values.shape != wanted:
        return None
    signed = read.values.dtype.kind == "i"
    if signed != (int(dataset.PixelRepresentation) == 1) or not overshoots(read.values, dataset):
        return None
    return replace(read, values=within_bits_stored(read.values, dataset))


def _decoder(syntax: UID) -> Callable[[bytes, int], Reduced | None] | None:
    if syntax in JPEG_2000:
        return _jpeg_2000
    return _jpeg if syntax == JPEGBaseline8Bit else None


def _jpeg_2000(frame: bytes, halvings: int) -> Reduced:
    values = at_lower_resolution(frame, halvings)
    return Reduced(values, LowPass.REVERSIBLE if is_reversible(frame) else LowPass.IRREVERSIBLE)


def _jpeg(frame: bytes, halvings: int) -> Reduced | None:
    values = decode_grey_jpeg(frame, halvings)
    return None if values is None else Reduced(values, LowPass.MEAN)
