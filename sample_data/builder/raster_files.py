"""Writes films as JPEG and PNG, as an export without DICOM headers would."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from builder.film import FilmPixels

RasterFormat = Literal["jpeg", "png16"]

JPEG_QUALITY = 92


def eight_bit(film: FilmPixels) -> NDArray[np.uint8]:
    """Return the film's 12 bits as 8."""
    return (film >> 4).astype(np.uint8)


def sixteen_bit(film: FilmPixels) -> NDArray[np.uint16]:
    """Return the film's 12 bits as the upper 12 of 16."""
    return (film << 4).astype(np.uint16)


def jpeg_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Return a grey baseline JPEG file."""
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def raster_bytes(film: FilmPixels, form: RasterFormat) -> bytes:
    """Return a whole file: an 8-bit grey JPEG or a 16-bit grey PNG."""
    if form == "jpeg":
        return jpeg_bytes(eight_bit(film))
    return cv2.imencode(".png", sixteen_bit(film), [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
