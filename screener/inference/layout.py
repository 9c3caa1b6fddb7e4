"""How a picture is laid out: what is light where, and how strong edges of each direction are where.

The network's embedding is a mean over the picture, so it cannot tell a radiograph from one cut into tiles and
put together otherwise, and hardly from a photograph that has something of each of its textures. The gate sees
this layout, too.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage

LAYOUT_VERSION = 1  # raised when a picture's layout changes: gates are fitted on it
LIGHT, CELLS, DIRECTIONS = 16, 7, 8
EDGES = 112  # pixels wide and high: where edges are looked for
LAYOUT_PARTS = (LIGHT**2, CELLS**2 * DIRECTIONS)  # how many numbers say what is light, and where edges are
LAYOUT_FEATURES = sum(LAYOUT_PARTS)
_BLUR = 0.8  # pixels: noise has no direction
_PLACE = np.arange(EDGES) * CELLS // EDGES
_CELL = (_PLACE[:, np.newaxis] * CELLS + _PLACE) * DIRECTIONS


def layout_of(square: ByteImage) -> NDArray[np.float32]:
    """Return a picture's layout, float32, shape (LAYOUT_FEATURES,).

    First the mean of each of 16 × 16 cells, 0..1; then, of each of 7 × 7 cells, by direction, the logarithm
    of 1 and the mean strength of its edges (histograms of oriented gradients, Dalal and Triggs 2005, CVPR
    886-893, without their normalisation: CLAHE has already evened contrast).

    square: uint8, shape (size, size), after CLAHE: what the network sees.
    """
    light = cv2.resize(square, (LIGHT, LIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    small = cv2.resize(square, (EDGES, EDGES), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), _BLUR)
    across, down = cv2.Sobel(blurred, cv2.CV_32F, 1, 0), cv2.Sobel(blurred, cv2.CV_32F, 0, 1)
    strength, angle = cv2.cartToPolar(across, down)
    direction = (angle * (DIRECTIONS / np.pi)).astype(np.int64) % DIRECTIONS
    sums = np.bincount((_CELL + direction).ravel(), strength.ravel(), minlength=LAYOUT_PARTS[1])
    edges = np.log1p(sums * (CELLS / EDGES) ** 2).astype(np.float32)
    return np.concatenate([light.ravel(), edges])
