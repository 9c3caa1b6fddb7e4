"""Decodes what was written and compares it with what was meant."""

from io import BytesIO

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray

from builder.chest import Chest
from builder.develop import RadiographPixels
from builder.dicom_files import ct_slice_values
from builder.dicom_format import DicomFormat, stored_values
from builder.raster_files import RasterFormat, eight_bit, sixteen_bit

_LOSSY_TOLERANCE = 2.0  # grey levels of 256, on average


def check_radiograph(data: bytes, radiograph: RadiographPixels, form: DicomFormat) -> None:
    """Raise ValueError unless the file decodes to the radiograph: exactly, or nearly where it is lossy."""
    dataset = pydicom.dcmread(BytesIO(data))
    if form.syntax == "jpeg":
        _check_near(dataset.pixel_array, eight_bit(radiograph))
    else:
        _check_equal(dataset.pixel_array, stored_values(radiograph, form))


def check_ct_slice(data: bytes, chest: Chest, slice_index: int) -> None:
    """Raise ValueError unless the file decodes to the slice's Hounsfield units."""
    dataset = pydicom.dcmread(BytesIO(data))
    hounsfield = dataset.pixel_array.astype(np.int32) * int(dataset.RescaleSlope) + int(
        dataset.RescaleIntercept
    )
    _check_equal(hounsfield, ct_slice_values(chest, slice_index))


def check_raster(data: bytes, radiograph: RadiographPixels, form: RasterFormat) -> None:
    """Raise ValueError unless the file decodes to the radiograph: exactly for PNG, nearly for JPEG."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise ValueError(f"A {form} file was written that cannot be read.")
    if form == "jpeg":
        _check_near(found, eight_bit(radiograph))
    else:
        _check_equal(found, sixteen_bit(radiograph))


def _check_equal(found: NDArray[np.generic], wanted: NDArray[np.generic]) -> None:
    if not np.array_equal(found, wanted):
        raise ValueError("A lossless file does not decode to the pixels that were written.")


def _check_near(found: NDArray[np.generic], wanted: NDArray[np.uint8]) -> None:
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        raise ValueError(f"Wrote {wanted.dtype} {wanted.shape}, read {found.dtype} {found.shape}.")
    difference = float(np.abs(found.astype(np.float64) - wanted).mean())
    if difference > _LOSSY_TOLERANCE:
        raise ValueError(f"A lossy file is off by {difference:.1f} grey levels on average.")
