"""Stored values at a lower resolution by the codec's own means, at a fraction of the cost of all pixels."""

from collections.abc import Callable
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
from screener.intake.decode.jpeg2000 import at_lower_resolution
from screener.preprocessing.resolution import halved_size

JPEG_2000 = (JPEG2000Lossless, JPEG2000, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K)


def reduced_values(dataset: Dataset, halvings: int) -> NDArray[Any] | None:
    """Return a grey radiograph's stored values, its sides halved so often; None where all must be decoded.

    None too where anything about the stream is unusual: what decodes it whole then says what is wrong.
    """
    decode = _decoder(UID(dataset.file_meta.TransferSyntaxUID))
    if decode is None or int(dataset.get("NumberOfFrames") or 1) != 1:
        return None
    try:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        values = decode(frame, halvings)
    except Exception:  # noqa: BLE001  # a decoder fed arbitrary bytes may raise anything; the next one tells
        return None
    wanted = tuple(halved_size(int(dataset[side].value), halvings) for side in ("Rows", "Columns"))
    signed = values is not None and values.dtype.kind == "i"
    if values is None or values.shape != wanted or signed != (int(dataset.PixelRepresentation) == 1):
        return None
    return within_bits_stored(values, dataset) if overshoots(values, dataset) else None


def _decoder(syntax: UID) -> Callable[[bytes, int], NDArray[Any] | None] | None:
    if syntax in JPEG_2000:
        return at_lower_resolution
    return decode_grey_jpeg if syntax == JPEGBaseline8Bit else None
