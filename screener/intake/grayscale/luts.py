"""Stored values to brightness as the header says it: modality LUT, then VOI LUT or window (PS3.3 C.11)."""

import re
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_windowing
from pydicom.uid import ExplicitVRBigEndian

from screener.intake.dicom.header import text
from screener.intake.grayscale.lut_item import LookUpTable, look_up_table

FloatArray = NDArray[np.float64]

_FAR = 1e12  # beyond every stored value: where the window has long reached its ends


def modality_values(dataset: Dataset, stored_values: NDArray[np.int64]) -> FloatArray:
    """Return what each stored value means (PS3.3 C.11.1): through a table, or a slope and an intercept.

    A table that cannot be read says nothing, nor does a slope that is empty, zero or no number.
    """
    for table in _tables(dataset, "ModalityLUTSequence"):
        return table.looked_up(stored_values)
    slope, intercept = _number(dataset, "RescaleSlope", 1.0), _number(dataset, "RescaleIntercept", 0.0)
    return np.asarray(stored_values * (slope or 1.0) + intercept, dtype=np.float64)


def brightness(
    dataset: Dataset, modality: FloatArray, accept: Callable[[FloatArray], bool] = lambda table: True
) -> FloatArray | None:
    """Return the brightness, 0..1, of each modality value; None where the header has no usable window.

    The first VOI LUT, else the first window, that can be read and that `accept` takes. Its output range is
    the display range: never stretched to what an image happens to hold.
    """
    return next(filter(accept, _looks(dataset, modality)), None)


def names_window(dataset: Dataset) -> bool:
    """Return whether the header has a VOI LUT or a window, usable or not."""
    return bool(dataset.get("VOILUTSequence")) or bool(
        text(dataset, "WindowCenter") and text(dataset, "WindowWidth")
    )


def _looks(dataset: Dataset, modality: FloatArray) -> Iterator[FloatArray]:
    """Yield what each VOI LUT (PS3.3 C.11.2.1.1) and each window (C.11.2.1.2) makes of the values."""
    for table in _tables(dataset, "VOILUTSequence"):
        found = table.looked_up(np.round(modality).astype(np.int64))
        yield np.asarray(np.clip(found / table.white, 0, 1))
    for index in range(_windows(dataset)):
        display = _windowed(dataset, modality, index)
        if display is not None:
            yield display


def _tables(dataset: Dataset, keyword: str) -> Iterator[LookUpTable]:
    """Yield the tables of a sequence that can be read."""
    little_endian = dataset.file_meta.TransferSyntaxUID != ExplicitVRBigEndian
    for item in dataset.get(keyword) or ():
        try:
            yield look_up_table(item, little_endian)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # not a descriptor
            continue


def _windows(dataset: Dataset) -> int:
    """Return how many windows there are, each with a centre and a width."""
    if not (text(dataset, "WindowCenter") and text(dataset, "WindowWidth")):
        return 0
    return int(min(dataset["WindowCenter"].VM, dataset["WindowWidth"].VM))


def _windowed(dataset: Dataset, modality: FloatArray, index: int) -> FloatArray | None:
    try:
        window = _window(dataset, index)
        with np.errstate(over="ignore"):  # SIGMOID: far below the window, exp() is infinite and grey 0
            display = apply_windowing(modality, window).astype(np.float64)
            low, high = apply_windowing(np.array([-_FAR, _FAR]), window)
    except (IndexError, TypeError, ValueError):  # no number, or a width under 1
        return None
    if low == high or not np.isfinite(display).all():
        return None
    unit: FloatArray = np.clip((display - low) / (high - low), 0, 1)
    return unit


def _window(dataset: Dataset, index: int) -> Dataset:
    """Return one window as a header that has no other, and that says of the values what can be said."""
    window = Dataset()
    window.PhotometricInterpretation, window.VOILUTFunction = "MONOCHROME2", _function(dataset)
    window.BitsStored, window.PixelRepresentation = dataset.BitsStored, dataset.PixelRepresentation
    for keyword in ("WindowCenter", "WindowWidth"):
        element = dataset[keyword]
        setattr(window, keyword, element.value[index] if element.VM > 1 else element.value)
    if "ModalityLUTSequence" not in dataset and text(dataset, "RescaleIntercept"):
        slope, intercept = _number(dataset, "RescaleSlope", 1.0), _number(dataset, "RescaleIntercept", 0.0)
        window.RescaleSlope, window.RescaleIntercept = slope or 1.0, intercept
    return window


def _function(dataset: Dataset) -> str:
    """Return VOI LUT Function: the first of several, however it is spelt; LINEAR for any other."""
    said = re.sub("[^A-Z]", "", text(dataset, "VOILUTFunction").upper().split("\\")[0])
    return {"LINEAREXACT": "LINEAR_EXACT", "SIGMOID": "SIGMOID"}.get(said, "LINEAR")


def _number(dataset: Dataset, keyword: str, default: float) -> float:
    try:
        value = float(text(dataset, keyword) or default)
    except ValueError:
        return default
    return value if np.isfinite(value) else default
