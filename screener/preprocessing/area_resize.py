"""OpenCV's INTER_AREA to the byte, sooner: sums from an integral image, ties as OpenCV rounds them.

OpenCV adds every pixel to its cell in float32, one by one: 4.5 ms for 2,048 × 2,500 pixels, here 1.9 ms.
The mean of a cell is four corners of the integral image. Both round to the same byte unless the mean lies
within float32's error of a half; those few cells, about 20 of 50,176, are added up again in OpenCV's order.
"""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_LEAST_PIXELS = 2_000_000  # for fewer, OpenCV is as fast
_MOST_PIXELS = (2**31 - 1) // 255  # whose sum an integral image of 32 bits holds
_LARGEST_SIZE = 900  # cells a side; beyond, OpenCV drops slivers of a pixel that an integral image has
_SLIVER = 1e-3  # of a pixel
_CHECKED = (331, 337)  # rows and columns of the picture that shows whether OpenCV rounds as it does here

_Bytes = NDArray[np.uint8]


def shrink(pixels: _Bytes, size: int) -> _Bytes:
    """Return uint8, shape (size, size): what cv2.resize gives with INTER_AREA.

    pixels: uint8, shape (rows, columns).
    """
    rows, columns = pixels.shape
    if not (_pays(rows, columns, size) and _agrees_with_opencv()):
        return _plainly(pixels, size)
    return _by_integral(pixels, size)


def _pays(rows: int, columns: int, size: int) -> bool:
    """Return whether the integral image gives the same, and sooner; whole ratios OpenCV does fast itself."""
    whole = rows % size == 0 and columns % size == 0
    worth_it = _LEAST_PIXELS <= rows * columns <= _MOST_PIXELS
    return worth_it and min(rows, columns) > size <= _LARGEST_SIZE and not whole


def _plainly(pixels: _Bytes, size: int) -> _Bytes:
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _by_integral(pixels: _Bytes, size: int) -> _Bytes:
    rows, columns = pixels.shape
    sums = cv2.integral(pixels, sdepth=cv2.CV_32S).reshape(-1)
    top, below = _edges(rows, size)
    left, beside = _edges(columns, size)
    corner = top[:, None] * (columns + 1) + left
    upper = _between(sums.take(corner), sums.take(corner + 1), beside)
    corner += columns + 1
    lower = _between(sums.take(corner), sums.take(corner + 1), beside)
    corners = _between(upper, lower, below[:, None])
    across = corners[:, 1:] - corners[:, :-1]
    means = (across[1:] - across[:-1]) * (size * size / (rows * columns))
    nearest = np.rint(means)
    cells = np.flatnonzero(np.abs(means - nearest) > 0.5 - _float_error(rows, columns, size))
    shrunk: _Bytes = nearest.astype(np.uint8)
    shrunk.reshape(-1)[cells] = _as_opencv_adds(pixels, size, *np.divmod(cells, size))
    return shrunk


def _float_error(rows: int, columns: int, size: int) -> float:
    """Return by how many grey levels float32 may miss a mean: half a unit in the last place for each step."""
    steps = rows // size + columns // size + 8
    return float(steps * np.spacing(np.float32(255)))


def _edges(side: int, size: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return where cells begin and end: the pixel, and the share of it that lies before the edge."""
    edges = np.arange(size + 1) * (side / size)
    pixel = np.minimum(edges.astype(np.intp), side - 1)
    return pixel, np.asarray(edges - pixel, np.float64)


def _between(before: NDArray[Any], after: NDArray[Any], share: NDArray[np.float64]) -> NDArray[np.float64]:
    after -= before
    return np.asarray(before + after * share)


def _as_opencv_adds(pixels: _Bytes, size: int, down: NDArray[np.intp], across: NDArray[np.intp]) -> _Bytes:
    """Return some cells, added up as OpenCV does: along each row, then the rows, in float32."""
    rows, row_shares = (each[down] for each in _shares(pixels.shape[0], size))
    columns, column_shares = (each[across] for each in _shares(pixels.shape[1], size))
    parts = pixels[rows[:, :, None], columns[:, None, :]].astype(np.float32)
    along = np.zeros(rows.shape, np.float32)
    for number in range(columns.shape[1]):
        along += parts[:, :, number] * column_shares[:, None, number]
    total = np.zeros(len(down), np.float32)
    for number in range(rows.shape[1]):
        total += row_shares[:, number] * along[:, number]
    return np.rint(total).astype(np.uint8)


@lru_cache(maxsize=64)
def _shares(side: int, size: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return for each cell the pixels it covers and their shares of it, as computeResizeAreaTab does.

    Shape (size, most pixels of a cell); where a cell covers fewer, the rest have no share.
    """
    scale = 1 / (size / side)
    most = int(np.ceil(scale)) + 2
    pixels, shares = np.zeros((size, most), np.intp), np.zeros((size, most), np.float32)
    for cell in range(size):
        start, stop = cell * scale, cell * scale + scale
        width = min(scale, side - start)
        last = min(int(np.floor(stop)), side - 1)
        first = min(int(np.ceil(start)), last)
        covered = [(first - 1, (first - start) / width)] if first - start > _SLIVER else []
        covered += [(pixel, 1 / width) for pixel in range(first, last)]
        if stop - last > _SLIVER:
            covered.append((last, min(stop - last, 1.0, width) / width))
        for number, (pixel, share) in enumerate(covered):
            pixels[cell, number], shares[cell, number] = pixel, share
    return pixels, shares


@lru_cache(maxsize=1)
def _agrees_with_opencv() -> bool:
    """Return whether this machine's OpenCV adds as written here: where it fuses operations, it may not."""
    picture = np.random.default_rng(0).integers(0, 4, _CHECKED, np.uint8) * 85
    size = 224
    every = np.indices((size, size)).reshape(2, -1)
    cells = _as_opencv_adds(picture, size, *every).reshape(size, size)
    return np.array_equal(cells, _plainly(picture, size))
