"""Chest films as they also come: cut, askew, bright, soft. A gate is measured on them, not fitted."""

from collections.abc import Callable

import cv2
import numpy as np

from screener.domain import ByteImage
from screener.training.devices import Rng, white_out, with_devices

Change = Callable[[ByteImage], ByteImage]


def _cut(share: float) -> Change:
    """Return what cuts a share off each side."""

    def change(film: ByteImage) -> ByteImage:
        rows, columns = (int(side * share) for side in film.shape)
        return film[rows : film.shape[0] - rows, columns : film.shape[1] - columns]

    return change


def _askew(degrees: float) -> Change:
    def change(film: ByteImage) -> ByteImage:
        rows, columns = film.shape
        turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
        return np.asarray(cv2.warpAffine(film, turn, (columns, rows)), np.uint8)

    return change


def _exposed(contrast: float, brightness: float) -> Change:
    """Return what spreads or squeezes grey levels about the middle, and moves them; both in 0..1."""
    table = np.clip((np.arange(256) / 255 - 0.5) * contrast + 0.5 + brightness, 0, 1)

    def change(film: ByteImage) -> ByteImage:
        return np.asarray(cv2.LUT(film, (255 * table).astype(np.uint8)), np.uint8)

    return change


def _blurred(film: ByteImage) -> ByteImage:
    return np.asarray(cv2.GaussianBlur(film, (0, 0), max(film.shape) / 150), np.uint8)


def _half_covered(film: ByteImage) -> ByteImage:
    """Return the film with its lower third dark, as under a lead apron or where a copy stopped."""
    covered = film.copy()
    covered[2 * film.shape[0] // 3 :] = 0
    return covered


def _with(paint: Callable[[ByteImage, Rng], ByteImage]) -> Change:
    """Return what paints into a film, each time the same into the same film."""
    return lambda film: paint(film, np.random.default_rng(int(film.sum())))


CHANGES: dict[str, Change] = {
    "a film cut by 10 % a side": _cut(0.1),
    "a film askew by 10°": _askew(10.0),
    "a film askew by 25°": _askew(25.0),
    "a brighter film": _exposed(1.0, 0.25),
    "a darker film": _exposed(1.0, -0.25),
    "a film of half the contrast": _exposed(0.5, 0.0),
    "a blurred film": _blurred,
    "a film, its lower third dark": _half_covered,
    "a film with lines and devices": _with(with_devices),
    "a film with a lung gone white": _with(white_out),
}
