"""Stored values to the grey levels a radiologist would see (PS3.3 C.11): one table, one look-up."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_windowing
from pydicom.pixels.utils import pixel_array

from screener.domain import ByteImage
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake import jpeg_extended  # noqa: F401  # registers the decoder
from screener.intake.dicom import text
from screener.intake.levels import robust_range, to_grey
from screener.intake.raster import refuse_truncated

FloatArray = NDArray[np.float64]

MAX_BITS = 16
MAX_PIXELS = 120_000_000  # ten times the largest detector; a header that claims more is damaged

_FAR = 1e12  # beyond every stored value: where the window has long reached its ends


def display_pixels(dataset: Dataset) -> ByteImage:
    """Return uint8, shape (rows, columns): air dark, bone bright, whoever stored it and however.

    Raises:
        UnreadableImageError: The pixels cannot be decoded.
        IneligibleImageError: They are of a kind that no radiograph has.
    """
    refuse_truncated()
    try:
        _check_layout(dataset)
        with warnings.catch_warnings(action="ignore"):  # they can quote values, which no log may hold
            return _shown(dataset, pixel_array(dataset))
    except (UnreadableImageError, IneligibleImageError):
        raise
    except Exception as error:  # decoders fed arbitrary bytes may raise anything
        raise UnreadableImageError(_in_words(dataset, error)) from error


def _shown(dataset: Dataset, stored: NDArray[Any]) -> ByteImage:
    if stored.ndim == 3:
        return _luma(_eight_bits(stored))
    if text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        return _luma(_eight_bits(apply_color_lut(stored, dataset)))
    return _grey(dataset, stored)


def display_table(dataset: Dataset, stored_values: NDArray[np.int64]) -> FloatArray | None:
    """Return the brightness, 0..1, of each stored value; None where the header has no usable window.

    Modality LUT, then VOI LUT or window (the first of several). The window's output range is the
    display range: never stretched to what an image happens to hold.
    """
    modality = apply_modality_lut(stored_values, dataset)  # PS3.3 C.11.1
    if dataset.get("VOILUTSequence"):  # PS3.3 C.11.2.1.1
        return _voi_lut(dataset, np.round(modality).astype(np.int64))
    try:
        if not (text(dataset, "WindowCenter") and text(dataset, "WindowWidth")):
            return None
        with np.errstate(over="ignore"):  # SIGMOID: far below the window, exp() is infinite and grey 0
            display = apply_windowing(modality, dataset).astype(np.float64)  # PS3.3 C.11.2.1.2
            low, high = apply_windowing(np.array([-_FAR, _FAR]), dataset)
    except (TypeError, ValueError):  # no number, a width under 1, or an unknown VOI LUT Function
        return None
    if low == high or not np.isfinite(display).all():
        return None
    unit: FloatArray = np.clip((display - low) / (high - low), 0, 1)
    return unit


def _voi_lut(dataset: Dataset, modality: NDArray[np.int64]) -> FloatArray:
    """Return the brightness, 0..1, that the first VOI LUT gives to each value.

    Not pydicom's apply_voi_lut: in 3.0.2 its index wraps at 256 where the entries have 8 bits.
    """
    item = dataset.VOILUTSequence[0]
    count, first, bits = (int(each) for each in item.LUTDescriptor)
    count = count or 1 << 16
    entries = item.LUTData
    if isinstance(entries, bytes):
        order = "<" if dataset.file_meta.TransferSyntaxUID.is_little_endian else ">"
        entries = np.frombuffer(entries, dtype=f"{order}u2" if len(entries) >= 2 * count else "u1")
    looked_up = np.asarray(entries[:count], dtype=np.float64)[np.clip(modality - first, 0, count - 1)]
    return np.asarray(np.clip(looked_up / (2**bits - 1), 0, 1))


def shown_inverted(dataset: Dataset) -> bool:
    """Return whether low values are bright: MONOCHROME1 and INVERSE say the same thing, once."""
    return (
        text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
        or text(dataset, "PresentationLUTShape").upper() == "INVERSE"
    )


def _grey(dataset: Dataset, stored: NDArray[np.int64]) -> ByteImage:
    bits = int(dataset.BitsStored)
    signed = int(dataset.PixelRepresentation) == 1
    lowest = -(1 << (bits - 1)) if signed else 0
    values = np.arange(lowest, lowest + (1 << bits), dtype=np.int64)
    index = _used_bits(stored, bits, signed) - lowest
    present = np.bincount(index.ravel(), minlength=values.size) > 0
    table = display_table(dataset, values)
    if table is None or np.ptp(table[present]) == 0:  # no window, or one that lies off the values
        table = _without_window(dataset, values, index)
    table = 1 - table if shown_inverted(dataset) else table
    grey: ByteImage = np.round(255 * table).astype(np.uint8)[index]
    return grey


def _without_window(dataset: Dataset, values: NDArray[np.int64], index: NDArray[np.int64]) -> FloatArray:
    modality = np.asarray(apply_modality_lut(values, dataset), dtype=np.float64)
    if values.size == 256:
        low, high = float(modality.min()), float(modality.max())  # 8 bits were made for a screen
    else:
        padding = _padding(dataset, values)
        film = index[~padding[index]] if padding.any() else index
        low, high = robust_range(modality[film if film.size else index])
    if low == high:
        return np.zeros(values.size)
    return np.clip((modality - low) / (high - low), 0, 1)


def _padding(dataset: Dataset, values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which stored values only fill the frame (PS3.3 C.7.5.1.1.2): they say nothing of the film."""
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int):
        return np.zeros(values.shape, dtype=np.bool_)
    limit = dataset.get("PixelPaddingRangeLimit")
    low, high = sorted((value, limit if isinstance(limit, int) else value))
    return np.asarray((values >= low) & (values <= high))


def _used_bits(stored: NDArray[np.int64], bits: int, signed: bool) -> NDArray[np.int64]:
    """Return the values without what older scanners keep in the unused bits (overlays, PS3.5 8.1.2)."""
    masked = stored.astype(np.int64) & ((1 << bits) - 1)
    if signed:
        masked -= (masked >> (bits - 1)) << bits
    return masked


def _check_layout(dataset: Dataset) -> None:
    allocated, rows, columns = (int(dataset[key].value) for key in ("BitsAllocated", "Rows", "Columns"))
    if allocated > MAX_BITS:
        raise IneligibleImageError(
            f"Bits Allocated (0028,0100) is {allocated}: radiographs have up to {MAX_BITS}"
        )
    if rows * columns > MAX_PIXELS:
        raise UnreadableImageError(
            f"the header claims {columns} × {rows} pixels: too large to be a radiograph"
        )


def _luma(colour: NDArray[np.uint8]) -> ByteImage:
    """Return the brightness of an RGB capture, ITU-R BT.601."""
    weighed = colour.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return to_grey(weighed, 0, 255)


def _eight_bits(colour: NDArray[np.uint16]) -> NDArray[np.uint8]:
    return (colour >> 8).astype(np.uint8) if colour.dtype.itemsize > 1 else colour.astype(np.uint8)


def _in_words(dataset: Dataset, error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "the pixels cannot be decoded: they need more memory than a worker may use"
    if isinstance(error, (KeyError, AttributeError)):
        return "the pixels cannot be decoded: the header lacks an attribute that describes them"
    meta = getattr(dataset, "file_meta", None)
    syntax = getattr(meta, "TransferSyntaxUID", None)
    name = getattr(syntax, "name", "") or "unknown transfer syntax"
    if isinstance(error, NotImplementedError):
        return f"the pixels cannot be decoded: no decoder here reads {name}; see 'screener doctor'"
    return f"the pixels cannot be decoded ({name}): the stream is truncated or damaged"
