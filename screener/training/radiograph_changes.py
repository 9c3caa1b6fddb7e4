"""Chest radiographs as they also come: cut, askew, bright, soft. A gate is measured on them, not fitted."""

from collections.abc import Callable

import cv2
import numpy as np

from screener.domain import ByteImage
from screener.training.devices import Rng, white_out, with_devices

Change = Callable[[ByteImage], ByteImage]


def _cut(share: float) -> Change:
    """Return what cuts a share off each side."""

    def change(radiograph: ByteImage) -> ByteImage:
        rows, columns = (int(side * share) for side in radiograph.shape)
        return radiograph[rows : radiograph.shape[0] - rows, columns : radiograph.shape[1] - columns]

    return change


def _askew(degrees: float) -> Change:
    def change(radiograph: ByteImage) -> ByteImage:
        rows, columns = radiograph.shape
        turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
        return np.asarray(cv2.warpAffine(radiograph, turn, (columns, rows)), np.uint8)

    return change


def _exposed(contrast: float, brightness: float) -> Change:
    """Return what spreads or squeezes grey levels about the middle, and moves them; both in 0..1."""
    table = np.clip((np.arange(256) / 255 - 0.5) * contrast + 0.5 + brightness, 0, 1)

    def change(radiograph: ByteImage) -> ByteImage:
        return np.asarray(cv2.LUT(radiograph, (255 * table).astype(np.uint8)), np.uint8)

    return change


def _blurred(radiograph: ByteImage) -> ByteImage:
    return np.asarray(cv2.GaussianBlur(radiograph, (0, 0), max(radiograph.shape) / 150), np.uint8)


def _half_covered(radiograph: ByteImage) -> ByteImage:
    """Return the radiograph with its lower third dark, as under a lead apron or where a copy stopped."""
    covered = radiograph.copy()
    covered[2 * radiograph.shape[0] // 3 :] = 0
    return covered


def _with(paint: Callable[[ByteImage, Rng], ByteImage]) -> Change:
    """Return what paints into a radiograph, each time the same into the same radiograph."""
    return lambda radiograph: paint(radiograph, np.random.default_rng(int(radiograph.sum())))


CHANGES: dict[str, Change] = {
    "a radiograph cut by 10 % a side": _cut(0.1),
    "a radiograph askew by 10°": _askew(10.0),
    "a radiograph askew by 25°": _askew(25.0),
    "a brighter radiograph": _exposed(1.0, 0.25),
    "a darker radiograph": _exposed(1.0, -0.25),
    "a radiograph of half the contrast": _exposed(0.5, 0.0),
    "a blurred radiograph": _blurred,
    "a radiograph, its lower third dark": _half_covered,
    "a radiograph with lines and devices": _with(with_devices),
    "a radiograph with a lung gone white": _with(white_out),
}
