"""Where an activation map is strongest, as outlines in shares of the image's width and height."""

import cv2
import numpy as np

from screener.domain import FloatImage

Outline = tuple[tuple[float, float], ...]
"""Corners (x, y), 0 to 1, of a closed line; x to the right, y downwards."""

_SIDE = 112  # pixels on which the map is drawn: sixteen for each cell
_OF_MAXIMUM = 0.5
_LEAST_CORNERS = 3


def outlines(cells: FloatImage) -> tuple[Outline, ...]:
    """Return the outlines of what reaches half of the map's maximum; none where nothing is above 0.

    cells: float32, (7, 7), of an image stretched to a square; the outlines are turned as it is.
    """
    if not cells.max() > 0:
        return ()
    smooth = cv2.resize(cells, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    strong = (smooth >= _OF_MAXIMUM * smooth.max()).astype(np.uint8)
    found, _ = cv2.findContours(strong, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    lines = [_line(each.reshape(-1, 2)) for each in found if len(each) >= _LEAST_CORNERS]
    return tuple(sorted(lines))


def largest(lines: tuple[Outline, ...]) -> Outline:
    """Return the outline that surrounds most; empty where there is none."""
    return max(lines, key=_area, default=())


def _area(line: Outline) -> float:
    """Return what a closed line surrounds, as a share of the image (the shoelace formula)."""
    ends = zip(line, (*line[1:], line[0]), strict=True)
    return abs(sum(x * below - right * y for (x, y), (right, below) in ends)) / 2


def _line(corners: "np.ndarray[tuple[int, int], np.dtype[np.int32]]") -> Outline:
    return tuple((round(float(x + 0.5) / _SIDE, 4), round(float(y + 0.5) / _SIDE, 4)) for x, y in corners)
