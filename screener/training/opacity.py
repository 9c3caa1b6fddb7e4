"""Consolidation painted into a healthy radiograph: its ill twin, alike in all but the lung."""

import cv2
import numpy as np

from screener.domain import ByteImage, FloatImage

_SIDE = 128  # pixels; the opacity is drawn at this size and stretched to the radiograph
_COVERED = (0.10, 0.40)  # of the lung field
OPAQUE = 0.2  # from here on a place counts as covered
STRENGTH = (0.8, 1.3)  # of a painted opacity in training: fainter ones vanish in CLAHE
_TRIES = 12


def paint_consolidation(
    radiograph: ByteImage,
    masks: tuple[FloatImage, FloatImage],
    rng: np.random.Generator,
    strength: float = 1.0,
) -> tuple[ByteImage, FloatImage]:
    """Return the picture with one soft, ill-defined, patchy opacity in one lung, and how opaque it is where.

    Greys are drawn towards those of heart and soft tissue; what is sharp (ribs, vessels) fades and stays
    faintly visible. Usually 10 to 40 % of the field is covered; never anything outside it.

    masks: what lung_masks gives. strength: 1 for a plain consolidation, 0.5 for a faint one, at most 1.3.
    The second value is float32, 0..1, shape (rows, columns).
    """
    rows, columns = radiograph.shape
    square = (_SIDE, _SIDE)
    sides = [np.asarray(cv2.resize(mask, square, interpolation=cv2.INTER_AREA), np.float32) for mask in masks]
    areas = np.array([side.sum() for side in sides]) + 1e-6
    field = sides[int(rng.choice(2, p=areas / areas.sum()))]
    shape = _opacity(field, rng)
    opacity = cv2.resize(shape, (columns, rows), interpolation=cv2.INTER_CUBIC)
    opacity = np.clip(opacity * min(0.9 * strength * rng.uniform(0.8, 1.0), 1.0), 0, 1).astype(np.float32)
    return _through(radiograph, opacity, _soft_tissue(radiograph, sides)), opacity


def _opacity(field: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Return one opacity, 0..1, on the square: the first that covers a plausible share, else the nearest."""
    nearest, miss = np.zeros_like(field), np.inf
    wanted = float(rng.uniform(*_COVERED))
    size = 1.0
    for _ in range(_TRIES):
        shape = _blob(field, np.sqrt(wanted) * size, rng)
        covered = float((shape * field > OPAQUE).sum()) / max(float(field.sum()), 1.0)
        if abs(covered - wanted) < miss:
            nearest, miss = shape, abs(covered - wanted)
        if miss < 0.04:
            break
        size *= float(np.clip(np.sqrt(wanted / max(covered, 0.01)), 0.7, 1.4))
    return nearest


def _blob(field: FloatImage, size: float, rng: np.random.Generator) -> FloatImage:
    """Return a few blurred ellipses about one place in the field, broken up by fractal noise."""
    ys, xs = np.nonzero(field > 0.6)
    if len(ys) == 0:
        return np.zeros_like(field)
    pick = int(rng.integers(len(ys)))
    high, wide = np.ptp(ys) + 1, np.ptp(xs) + 1
    blob = np.zeros_like(field)
    for _ in range(int(rng.integers(2, 6))):
        centre = np.array([xs[pick] + rng.normal(0, 0.16) * wide, ys[pick] + rng.normal(0, 0.10) * high])
        axes = 0.62 * size * np.array([wide, 0.75 * high]) * rng.uniform(0.45, 1.0, 2)
        patch = np.zeros_like(field)
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(patch, (centre.tolist(), (2 * axes).tolist(), angle), 1.0, -1)
        blob = np.maximum(blob, patch * rng.uniform(0.75, 1.0))
    blob = np.asarray(cv2.GaussianBlur(blob, (0, 0), float(rng.uniform(2.5, 5))), np.float32)
    inside = np.minimum(field, cv2.GaussianBlur(field, (0, 0), 1.5))  # fades towards the pleura, no halo
    patchy = 0.72 + 0.75 * _fractal(rng)
    shape = np.clip(1.35 * blob * patchy, 0, 1) * inside
    return np.asarray(cv2.GaussianBlur(shape, (0, 0), 0.8), np.float32)


def _fractal(rng: np.random.Generator) -> FloatImage:
    """Return smooth noise over several octaves, mean 0, about -0.5..0.5, on the square."""
    noise = np.zeros((_SIDE, _SIDE), np.float32)
    for octave, weight in ((5, 1.0), (10, 0.7), (20, 0.45), (40, 0.25)):
        grains = rng.normal(0, 1, (octave, octave)).astype(np.float32)
        noise += weight * cv2.resize(grains, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    return (noise / (2.5 * float(noise.std()) + 1e-6)).astype(np.float32)


def _soft_tissue(radiograph: ByteImage, sides: list[FloatImage]) -> float:
    """Return the grey of heart and mediastinum: what lies between the fields, less its brightest bone."""
    square = cv2.resize(radiograph, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    left, right = (side > 0.5 for side in sides)
    beyond_left = np.maximum.accumulate(left, axis=1)
    before_right = np.maximum.accumulate(right[:, ::-1], axis=1)[:, ::-1]
    heart = beyond_left & before_right & (np.maximum(*sides) < 0.2)
    if heart.sum() < 13:
        return float(np.percentile(square, 75))
    return float(np.percentile(square[heart], 45))


def _through(radiograph: ByteImage, opacity: FloatImage, tissue: float) -> ByteImage:
    """Return the picture seen through the opacity: smooth greys rise to tissue, detail keeps about half."""
    grey = radiograph.astype(np.float32)
    square = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    broad = cv2.resize(cv2.GaussianBlur(square, (0, 0), _SIDE / 40), radiograph.shape[::-1])
    detail = grey - broad
    raised = broad + opacity * np.maximum(tissue - broad, 0)
    seen = np.round(raised + detail * (1 - 0.5 * opacity))
    return np.asarray(np.clip(seen, 0, 255), np.uint8)
