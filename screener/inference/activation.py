"""Where an activation map points: into the body or beside it; whether the mirror image agrees."""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, FloatImage, ShownMap

SIDE = 56  # pixels; eight for each cell of the map
LEAST_BODY = 0.25  # of the cell with the map's peak: an arm's edge is still body, a letter beside it is not

AGREES = 0.7  # of a map's own maximum; see mean_with_mirror

_SAMPLED = 224  # pixels a side that are looked at: a large radiograph is sampled, which takes 0.5 ms
_AIR = 0.12  # of the radiograph's range of greys, after smoothing
_RIM = 4


def points_outside_body(activation_map: FloatImage, pixels: ByteImage) -> bool:
    """Return whether the map's greatest part of the logit, if above 0, comes from beside the body.

    activation_map: float32, square, of the radiograph stretched to a square. pixels: the radiograph as it was
    screened, uint8, shape (rows, columns), air dark.
    """
    if not activation_map.max() > 0:
        return False
    rows, columns = activation_map.shape
    body = body_mask(pixels).astype(np.float32)
    share = cv2.resize(body, (columns, rows), interpolation=cv2.INTER_AREA)
    return bool(share[np.unravel_index(activation_map.argmax(), share.shape)] < LEAST_BODY)


def mean_with_mirror(own: FloatImage, mirror: FloatImage, slope: float) -> ShownMap:
    """Return the map to draw.

    own, mirror: float32, (7, 7), whose mean is the uncalibrated logit: of the radiograph, and of its
    mirror image as the network gave it. slope: of the calibration.

    The mean is stable where both maps, within a cell of its peak, reach 70 % of their own maximum. One cell,
    because the network's windows lie up to half a cell to the right of where their cell is drawn; mirrored,
    to the left. A share rather than the places of the two peaks, because of two equal opacities either may be
    the peak, and both maps show both. Measured: see docs/generalisation.md.
    """
    back = mirror[:, ::-1]
    mean: FloatImage = ((own + back) / 2).astype(np.float32)
    agrees = not mean.max() > 0 or all(_reaches(each, mean) for each in (own, back))
    cells: FloatImage = (slope * mean / mean.size).astype(np.float32)
    return ShownMap(cells, agrees)


def _reaches(single: FloatImage, mean: FloatImage) -> bool:
    row, column = np.unravel_index(int(mean.argmax()), mean.shape)
    near = single[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
    return bool(near.max() >= AGREES * single.max())


def body_mask(pixels: ByteImage) -> NDArray[np.bool_]:
    """Return where the body is, shape (56, 56), of the radiograph stretched to a square.

    Outside is what is dark and reaches the radiograph's edge: air that the beam met directly, and collimated
    borders; also what lies in it apart from the body, such as letters. A radiograph without such a border is
    all body; so is one grey.
    """
    steps = [max(1, side // _SAMPLED) for side in pixels.shape]
    small = cv2.resize(pixels[:: steps[0], :: steps[1]], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    smooth = cv2.blur(small, (3, 3))
    low, high = np.percentile(smooth, (0.5, 99))
    if not high > low:
        return np.ones((SIDE, SIDE), np.bool_)
    dark = (smooth <= low + _AIR * (high - low)).astype(np.uint8)
    framed = cv2.copyMakeBorder(dark, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    outside = 2
    cv2.floodFill(framed, None, (0, 0), outside)
    return _largest((framed[1:-1, 1:-1] != outside).astype(np.uint8))


def _largest(mask: ByteImage) -> NDArray[np.bool_]:
    """Return the largest part that hangs together by more than a thread; all, where there is none."""
    framed = cv2.copyMakeBorder(mask, _RIM, _RIM, _RIM, _RIM, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(framed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    inner = np.ascontiguousarray(opened[_RIM:-_RIM, _RIM:-_RIM])
    parts, numbers, figures, _ = cv2.connectedComponentsWithStats(inner, connectivity=4)
    if parts == 1:
        return np.ones(mask.shape, np.bool_)
    areas = figures[1:, cv2.CC_STAT_AREA]
    return np.asarray(numbers == 1 + int(np.argmax(areas)), np.bool_)
