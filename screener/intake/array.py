"""Grey levels that a program holds already, as a radiograph."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.domain import Identifiers, Radiograph
from screener.errors import UsageError
from screener.intake.dicom.eligibility import check_picture
from screener.intake.raster import stretched


def radiograph_of(values: NDArray[Any], identifiers: Identifiers) -> Radiograph:
    """Return grey levels as a radiograph, read as a PNG of the same values is.

    values: shape (rows, columns), air dark; uint8 as they are, uint16 shown as DICOM without a window is.

    Raises:
        IneligibleImageError: The picture is too small, or blank.
        UsageError: It has another shape, or its values another type.
    """
    if values.ndim != 2 or values.dtype not in (np.uint8, np.uint16):
        raise UsageError("intake.no_radiograph", shape=values.shape, type=values.dtype)
    pixels = values if values.dtype == np.uint8 else stretched(values)
    check_picture(pixels)
    return Radiograph(identifiers, np.ascontiguousarray(pixels))
