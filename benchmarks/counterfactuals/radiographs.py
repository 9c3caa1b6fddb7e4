"""Frames, exposure, sharpness: what another machine, or a careless crop, does to an image."""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, FloatImage
from screener.training.lungs import lung_fields

FRAME = 0.08  # of each side: the outer frame that alone told the classes of the training set apart
_SIDE = 256  # pixels; what is to be hidden is drawn at this size and stretched to the image
_MARGIN = 13  # pixels at that size: how far beyond the fields they are hidden


def frame_mask(shape: tuple[int, ...], share: float = FRAME) -> FloatImage:
    """Return 1 in the outer frame and 0 inside it, float32, shape (rows, columns)."""
    rows, columns = shape
    high, wide = max(1, round(share * rows)), max(1, round(share * columns))
    mask = np.ones((rows, columns), np.float32)
    mask[high : rows - high, wide : columns - wide] = 0
    return mask


def frame_swapped(radiograph: ByteImage, other: ByteImage, share: float = FRAME) -> ByteImage:
    """Return the image within the outer frame of another, which is stretched to the image's size."""
    rows, columns = radiograph.shape
    fitted = cv2.resize(other, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.where(frame_mask(radiograph.shape, share) > 0, fitted, radiograph).astype(np.uint8)


def frame_masked(radiograph: ByteImage, share: float = FRAME) -> ByteImage:
    """Return the image with its outer frame black."""
    return np.where(frame_mask(radiograph.shape, share) > 0, 0, radiograph).astype(np.uint8)


def lungs_masked(radiograph: ByteImage, fields: FloatImage | None = None) -> ByteImage:
    """Return the image with its lung fields under a smooth fill of the grey of the chest wall.

    A model that still tells the classes apart goes by something else. The outer frame stays as it was. Hidden
    is the convex hull of each field and a margin: the outline itself must not tell where a lung was white.
    fields: what lung_fields gives, where it is known already.
    """
    fields = lung_fields(radiograph) if fields is None else fields
    size = (_SIDE, _SIDE)
    small = cv2.resize(radiograph, size, interpolation=cv2.INTER_AREA)
    inner = 1 - frame_mask((_SIDE, _SIDE))
    hulls = _hulls((cv2.resize(fields, size, interpolation=cv2.INTER_AREA) > 0.3).astype(np.uint8))
    hidden = cv2.dilate(hulls, _disc(_MARGIN)) * inner
    rim = cv2.dilate(hidden, _disc(_MARGIN)) * (1 - hidden) > 0.5
    grey = float(np.median(small[rim] if rim.any() else small))
    soft = cv2.resize(cv2.GaussianBlur(hidden, (0, 0), 3.0), radiograph.shape[::-1])
    soft *= 1 - frame_mask(radiograph.shape)
    return np.round(radiograph * (1 - soft) + grey * soft).astype(np.uint8)


def _hulls(mask: ByteImage) -> FloatImage:
    """Return 1 within the convex hull of each part of a mask, float32, shape as the mask."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.float32)
    for outline in outlines:
        cv2.fillConvexPoly(filled, cv2.convexHull(outline), 1.0)
    return filled


def cropped(radiograph: ByteImage, share: float) -> ByteImage:
    """Return the image without so much of each of its sides: 0.05 takes off 5 % on the left, right, ..."""
    rows, columns = radiograph.shape
    high, wide = round(share * rows), round(share * columns)
    return np.ascontiguousarray(radiograph[high : rows - high, wide : columns - wide])


def gamma(radiograph: ByteImage, g: float) -> ByteImage:
    """Return the image with its greys, 0..1, raised to a power; above 1 it darkens."""
    return _mapped(radiograph, (np.arange(256) / 255) ** g)


def exposure(radiograph: ByteImage, shift: float = 0.0, contrast: float = 1.0) -> ByteImage:
    """Return the image with contrast stretched about mid-grey and brightness shifted, both of greys 0..1."""
    return _mapped(radiograph, (np.arange(256) / 255 - 0.5) * contrast + 0.5 + shift)


def blurred(radiograph: ByteImage, sigma: float) -> ByteImage:
    """Return the image softened; sigma in pixels of an image shrunk to 224: the same at every resolution."""
    across, down = sigma * radiograph.shape[1] / 224, sigma * radiograph.shape[0] / 224
    return np.asarray(cv2.GaussianBlur(radiograph, (0, 0), sigmaX=across, sigmaY=down), np.uint8)


def jpeg(radiograph: ByteImage, quality: int) -> ByteImage:
    """Return the image after another JPEG compression at a quality, 1..100."""
    _, encoded = cv2.imencode(".jpg", radiograph, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)


def _mapped(radiograph: ByteImage, table: NDArray[np.float64]) -> ByteImage:
    return np.asarray(cv2.LUT(radiograph, np.round(np.clip(table, 0, 1) * 255).astype(np.uint8)), np.uint8)


def _disc(size: int) -> ByteImage:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
