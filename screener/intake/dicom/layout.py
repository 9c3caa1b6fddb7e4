"""Whether a header describes pixels that can be there, and why they cannot be decoded."""

import numpy as np
from pydicom import Dataset

from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake.decode.dispatch import MoreFramesError
from screener.intake.decode.fit import NATIVE, misfit
from screener.intake.decode.length import check_native_length
from screener.intake.dicom.bounded_file import MAX_PIXELS
from screener.intake.dicom.described import check_described
from screener.reasons import Reason, ReasonCode

MAX_BITS = 16

_WORKING_BYTES = 8  # for each pixel: JPEG 2000 keeps two planes of 32 bits
_UNDEFINED_LENGTH = 0xFFFFFFFF


def check_layout(dataset: Dataset) -> None:
    """Raise if the header describes pixels that a radiograph cannot have, or that cannot be there.

    Raises:
        IneligibleImageError: They have more bits than any radiograph.
        UnreadableImageError: They are too many, more or fewer than there are, or in another transfer syntax
            than the one that is named; or an attribute has an invalid value.
    """
    allocated, rows, columns = (int(dataset[key].value) for key in ("BitsAllocated", "Rows", "Columns"))
    if allocated > MAX_BITS:
        raise IneligibleImageError(ReasonCode.BITS_ALLOCATED, value=allocated, most=MAX_BITS)
    if rows * columns > MAX_PIXELS:
        raise UnreadableImageError(ReasonCode.TOO_LARGE, what=f"{columns} × {rows} pixels")
    check_described(dataset)
    if dataset.file_meta.TransferSyntaxUID in NATIVE:
        _check_native(dataset)


def _check_native(dataset: Dataset) -> None:
    """Refuse a compressed stream under the name of a native syntax, whose bytes would pass for pixels."""
    try:
        check_native_length(dataset)
    except UnreadableImageError:
        if false_syntax := misfit(dataset):
            raise UnreadableImageError(false_syntax) from None
        raise


def check_length(dataset: Dataset) -> None:
    """Raise if the file ends within its pixels, even if what is left fills Rows and Columns.

    Raises:
        UnreadableImageError: It does.
    """
    held = dataset.get_item("PixelData")
    claimed = getattr(held, "length", _UNDEFINED_LENGTH)  # parsed, and not yet converted
    if claimed != _UNDEFINED_LENGTH and held is not None and len(held.value or b"") + 1 < claimed:
        raise UnreadableImageError(ReasonCode.PIXELS_TRUNCATED)


def _short_of_memory(dataset: Dataset) -> bool:
    """Return whether a decoder that only says that it failed had too little room to work in."""
    try:
        np.empty(_WORKING_BYTES * int(dataset.Rows) * int(dataset.Columns), dtype=np.uint8)
    except MemoryError:
        return True
    except Exception:  # noqa: BLE001  # a header that does not even say how large
        return False
    return False


def why_not_decoded(dataset: Dataset, error: Exception) -> Reason:
    """Return why the pixels cannot be decoded."""
    if isinstance(error, MemoryError) or _short_of_memory(dataset):
        return Reason.of(ReasonCode.OUT_OF_MEMORY)
    if false_syntax := misfit(dataset):
        return false_syntax
    if isinstance(error, MoreFramesError):
        return Reason.of(ReasonCode.MORE_PIXELS)
    if isinstance(error, (KeyError, AttributeError)):
        return Reason.of(ReasonCode.ATTRIBUTE_MISSING, attribute="an attribute that describes the pixels")
    meta = getattr(dataset, "file_meta", None)
    name = getattr(getattr(meta, "TransferSyntaxUID", None), "name", "") or "unknown transfer syntax"
    if isinstance(error, NotImplementedError):
        return Reason.of(ReasonCode.DECODER_MISSING, syntax=name)
    return Reason.of(ReasonCode.PIXELS_DAMAGED, syntax=name)
