"""Stored values to brightness as the header says it: modality LUT, then VOI LUT or window (PS3.3 C.11)."""

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_windowing

from screener.intake.header import text

FloatArray = NDArray[np.float64]

_FAR = 1e12  # beyond every stored value: where the window has long reached its ends
_MIN_VOI_BITS = 8  # PS3.3 C.11.2.1.1: entries have 8 to 16 bits


def modality_values(dataset: Dataset, stored_values: NDArray[np.int64]) -> FloatArray:
    """Return what each stored value means (PS3.3 C.11.1): through a table, or a slope and an intercept.

    A slope that is empty, zero or no number says nothing: the values stay as they are stored.
    """
    if dataset.get("ModalityLUTSequence"):
        return np.asarray(apply_modality_lut(stored_values, dataset), dtype=np.float64)
    slope, intercept = _number(dataset, "RescaleSlope", 1.0), _number(dataset, "RescaleIntercept", 0.0)
    return np.asarray(stored_values * (slope or 1.0) + intercept, dtype=np.float64)


def brightness(dataset: Dataset, modality: FloatArray) -> FloatArray | None:
    """Return the brightness, 0..1, of each modality value; None where the header has no usable window.

    The first of several windows. Its output range is the display range: never stretched to what an
    image happens to hold.
    """
    if dataset.get("VOILUTSequence"):  # PS3.3 C.11.2.1.1
        try:
            return _voi_lut(dataset, np.round(modality).astype(np.int64))
        except (AttributeError, IndexError, TypeError, ValueError):  # a descriptor or entries that are none
            return None
    if not names_window(dataset):
        return None
    try:
        with np.errstate(over="ignore"):  # SIGMOID: far below the window, exp() is infinite and grey 0
            display = apply_windowing(modality, dataset).astype(np.float64)  # PS3.3 C.11.2.1.2
            low, high = apply_windowing(np.array([-_FAR, _FAR]), dataset)
    except (TypeError, ValueError):  # no number, a width under 1, or an unknown VOI LUT Function
        return None
    if low == high or not np.isfinite(display).all():
        return None
    unit: FloatArray = np.clip((display - low) / (high - low), 0, 1)
    return unit


def names_window(dataset: Dataset) -> bool:
    """Return whether the header has a VOI LUT or a window, usable or not."""
    return bool(dataset.get("VOILUTSequence")) or bool(
        text(dataset, "WindowCenter") and text(dataset, "WindowWidth")
    )


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
    table = np.asarray(entries[:count], dtype=np.float64)
    looked_up = table[np.clip(modality - first, 0, len(table) - 1)]
    return np.asarray(np.clip(looked_up / (2 ** _voi_bits(table, bits) - 1), 0, 1))


def _voi_bits(table: FloatArray, declared: int) -> int:
    """Return how many bits the entries have: some machines always declare 16, and fill 12."""
    held = max(int(table.max()).bit_length(), _MIN_VOI_BITS)
    return min(declared, held) if declared else held


def _number(dataset: Dataset, keyword: str, default: float) -> float:
    try:
        value = float(text(dataset, keyword) or default)
    except ValueError:
        return default
    return value if np.isfinite(value) else default
