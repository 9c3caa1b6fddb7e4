"""Where the lung fields lie, roughly: a template fitted to the radiograph, then refined by darkness.

No segmentation network: two rounded fields are tried at some 2,000 places and sizes, and the one that
is darkest inside against its rim (chest wall, mediastinum, abdomen) is taken. Good enough to paint into
or to blank out, not to measure by.
"""

from functools import cache
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, FloatImage

_SIDE = 48  # pixels; the radiograph on which the template is fitted
_FINE = 128  # and the one on which it is refined

# One field in a box: u from the midline (0) to the outer edge (1), v from the apex (0) to the angle (1).
_RIGHT_LUNG = (
    (0.22, 0.08), (0.34, 0.0), (0.52, 0.02), (0.70, 0.14), (0.83, 0.32), (0.92, 0.54), (0.97, 0.76),
    (0.98, 0.98), (0.86, 0.90), (0.66, 0.83), (0.46, 0.82), (0.26, 0.88), (0.24, 0.70), (0.18, 0.50),
    (0.20, 0.28),
)  # fmt: skip
_LEFT_LUNG = (
    (0.22, 0.08), (0.34, 0.0), (0.52, 0.02), (0.70, 0.14), (0.83, 0.32), (0.92, 0.54), (0.97, 0.76),
    (0.98, 0.98), (0.88, 0.92), (0.72, 0.87), (0.60, 0.86), (0.48, 0.70), (0.34, 0.54), (0.22, 0.44),
    (0.20, 0.28),
)  # fmt: skip

_CENTRES = np.linspace(0.38, 0.62, 7)
_HALF_WIDTHS = np.linspace(0.24, 0.48, 7)
_TOPS = np.linspace(-0.08, 0.32, 8)
_BOTTOMS = np.linspace(0.55, 1.05, 10)
_SHORTEST = 0.42  # of the radiograph's height: less is no chest radiograph, but a stomach or an armpit
_TYPICAL = np.array([0.5, 0.37, 0.12, 0.83])  # centre, half width, top, bottom
_SPREAD = np.array([0.07, 0.09, 0.13, 0.13])
_AIR = (0.1, 0.45)  # of the radiograph's range of greys: air lies below the one, tissue above the other
_PRIOR = 4.0  # grey levels of contrast that one spread away from the typical costs


def lung_masks(radiograph: ByteImage) -> tuple[FloatImage, FloatImage]:
    """Return the two lung fields, each float32, 0..1, shape (rows, columns), soft at its edge.

    First the field on the picture's left side (the patient's right lung), then the other. They follow the
    darkness near the fitted template, but always hold its core: an ill lung is partly white.
    """
    rows, columns = radiograph.shape
    even = _evened(radiograph, _FINE)
    masks = []
    for field in _polygons(_fit(radiograph)):
        template = _drawn(field, _FINE)
        reach = cv2.dilate(template, _disc(9))
        core = np.asarray(cv2.erode(template, _disc(7)), np.float32)
        rim = (cv2.dilate(template, _disc(19)) > 0.5) & (reach < 0.5)
        inside, outside = np.median(even[core > 0.5]), np.median(even[rim])
        threshold = inside + 0.55 * max(float(outside - inside), 12.0)
        dark = (even < threshold).astype(np.float32) * reach
        mask = np.maximum(dark, core)
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _disc(11))
        opened = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, _disc(7)), np.float32)
        soft = cv2.GaussianBlur(_largest(opened, core), (0, 0), 1.4)
        masks.append(np.clip(cv2.resize(soft, (columns, rows), interpolation=cv2.INTER_LINEAR), 0, 1))
    return masks[0].astype(np.float32), masks[1].astype(np.float32)


def lung_fields(radiograph: ByteImage) -> FloatImage:
    """Return both lung fields as one mask, float32, 0..1, shape (rows, columns)."""
    left, right = lung_masks(radiograph)
    return np.maximum(left, right)


def _evened(radiograph: ByteImage, side: int) -> FloatImage:
    """Return the picture on a square: air round the body filled, exposure evened out, ribs smoothed away."""
    square = np.asarray(cv2.resize(radiograph, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    air = _air(square)
    square[air] = np.median(square[~air]) if (~air).any() else 0
    even = cv2.createCLAHE(2.0, (3, 3)).apply(square)
    return np.asarray(cv2.GaussianBlur(even, (0, 0), side / 60), np.float32)


def _air(square: ByteImage) -> NDArray[np.bool_]:
    """Return what is darker than the lungs and reaches the left or right edge: air beside the body."""
    side = len(square)
    low, high = np.percentile(square, (1, 99))
    lung = np.percentile(square[side // 5 : 7 * side // 10, side // 4 : 3 * side // 4], 5)
    level = np.clip(0.95 * lung, *(low + np.array(_AIR) * (high - low)))
    dark = (square < level).astype(np.uint8)
    thick = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))  # cuts leaks into the lungs
    _, numbers = cv2.connectedComponents(thick)
    edges = np.unique(numbers[:, [0, 1, -2, -1]])
    return np.isin(numbers, edges[edges > 0])


def _fit(radiograph: ByteImage) -> NDArray[np.float64]:
    """Return centre, half width, top and bottom of the best template, as shares of the radiograph."""
    places, weights, prior = _bank()
    contrast = weights @ _evened(radiograph, _SIDE).ravel()
    best: NDArray[np.float64] = places[int(np.argmax(contrast - prior))]
    return best


@cache
def _bank() -> tuple[NDArray[np.float64], FloatImage, NDArray[np.float64]]:
    """Return the templates: places, (n, 4); weights, (n, pixels), rim less inside; what each costs, (n,)."""
    grid = product(_CENTRES, _HALF_WIDTHS, _TOPS, _BOTTOMS)
    places = np.array(
        [each for each in grid if each[3] - each[2] >= _SHORTEST and abs(each[0] - 0.5) + each[1] < 0.52]
    )
    weights = np.empty((len(places), _SIDE * _SIDE), np.float32)
    columns = (np.arange(_SIDE) + 0.5) / _SIDE
    for row, place in zip(weights, places, strict=True):
        inside = np.maximum(*(_drawn(field, _SIDE) for field in _polygons(place))) > 0.5
        rim = (cv2.dilate(inside.astype(np.uint8), _disc(7)) > 0) & ~inside
        between = rim & (np.abs(columns - place[0]) < 0.5 * place[1])  # spine and heart
        row[:] = (_mean_of(between) / 2 + _mean_of(rim & ~between) / 2 - _mean_of(inside)).ravel()
    prior = _PRIOR * (((places - _TYPICAL) / _SPREAD) ** 2).sum(axis=1)
    return places, weights, prior


def _mean_of(where: NDArray[np.bool_]) -> FloatImage:
    """Return the weights whose product with a radiograph is its mean there."""
    return (where / max(int(where.sum()), 1)).astype(np.float32)


def _polygons(place: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    centre, half_width, top, bottom = place
    fields = []
    for side, outline in ((-1, _RIGHT_LUNG), (1, _LEFT_LUNG)):
        u, v = np.array(outline).T
        fields.append(np.stack([centre + side * half_width * u, top + (bottom - top) * v], axis=1))
    return fields


def _drawn(field: NDArray[np.float64], side: int) -> FloatImage:
    mask = np.zeros((side, side), np.float32)
    cv2.fillPoly(mask, [np.round(field * side * 16).astype(np.int32)], 1.0, shift=4)
    return mask


def _largest(mask: FloatImage, core: FloatImage) -> FloatImage:
    """Return the mask without islands that do not touch the core."""
    _, numbers = cv2.connectedComponents((mask > 0.5).astype(np.uint8))
    return np.isin(numbers, np.unique(numbers[(core > 0.5) & (numbers > 0)])).astype(np.float32)


def _disc(size: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
