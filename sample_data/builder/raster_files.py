"""Writes radiographs as JPEG and PNG, as an export without DICOM headers would."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from builder.develop import RadiographPixels

RasterFormat = Literal["jpeg", "png16"]

JPEG_QUALITY = 92


def eight_bit(radiograph: RadiographPixels) -> NDArray[np.uint8]:
    """Return the radiograph's 12 bits as 8."""
    return (radiograph >> 4).astype(np.uint8)


def sixteen_bit(radiograph: RadiographPixels) -> NDArray[np.uint16]:
    """Return the radiograph's 12 bits as the upper 12 of 16."""
    return (radiograph << 4).astype(np.uint16)


def jpeg_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Return a grey baseline JPEG file."""
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def raster_bytes(radiograph: RadiographPixels, form: RasterFormat) -> bytes:
    """Return a whole file: an 8-bit grey JPEG or a 16-bit grey PNG."""
    if form == "jpeg":
        return jpeg_bytes(eight_bit(radiograph))
    return cv2.imencode(".png", sixteen_bit(radiograph), [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
