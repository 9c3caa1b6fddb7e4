"""The means of an image's areas, from an image that was read smaller: as if it had been read whole.

The network learned from images that were shrunk by area: each pixel it sees is the mean of a cell of the
image. An image read smaller no longer holds those means, only samples: means of squares that lie across the
edges of cells, or the low-pass band of a wavelet, which is sharper than a mean and lies farther to the top
left. Each cell's mean is estimated from the samples in it and beside it, down the columns and then across
the rows, by the weights that err least on average: the best linear unbiased estimate (ordinary kriging;
Matheron, Economic Geology, 1963) of a picture whose grey levels wander from pixel to pixel as in Brownian
motion, so that their power falls with the square of the frequency, as that of natural pictures does. The
weights depend on the sizes and on the filter of the codec alone: nothing is fitted to images.
docs/performance.md says how near this comes.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage
from screener.sampling import Axis, LowPass, Sampling

REVERSIBLE = np.array([-1, 2, 6, 2, -1]) / 8
"""The low-pass filter of the 5/3 wavelet, sum 1."""
IRREVERSIBLE = np.array(
    [0.026749, -0.016864, -0.078223, 0.266864, 0.602949, 0.266864, -0.078223, -0.016864, 0.026749]
)
"""The low-pass filter of the 9/7 wavelet."""
_BESIDE = 5  # samples beside a cell that its mean is estimated from, too
_NOISE = 0.1  # of the variance from pixel to pixel: what is white and not part of the picture

_Floats = NDArray[np.float64]


def cell_means(pixels: ByteImage, sampling: Sampling, size: int) -> ByteImage:
    """Return the means of an image's size × size cells, uint8, shape (size, size).

    pixels: uint8, shape (rows, columns), read smaller as the sampling says.
    """
    down = _weighed(pixels, sampling.down, size)
    across = _weighed(np.ascontiguousarray(down.T), sampling.across, size)
    return np.clip(np.rint(across.T), 0, 255).astype(np.uint8)


def _weighed(samples: NDArray[Any], axis: Axis, size: int) -> NDArray[np.float32]:
    """Return float32, shape (size, columns): the means of the cells of each column."""
    places, weights = _weights(axis, size)
    total = np.zeros((size, samples.shape[1]), np.float32)
    for place, weight in zip(places.T, weights.T, strict=True):
        total += samples[place] * weight[:, np.newaxis]
    return total


@lru_cache(maxsize=256)  # 20 kB each: an archive of cropped images has many sides
def _weights(axis: Axis, size: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return which samples a cell's mean is estimated from, and their weights; shape (size, taps)."""
    step = 1 << axis.halvings
    kernel, start = _kernel(axis)
    width = axis.side / size
    edges = np.arange(size + 1) * width
    taps = min(math.ceil(width / step) + _BESIDE, axis.samples)
    middles = (edges[:-1] + edges[1:] - len(kernel)) / 2 - start  # of the cells, from the middle of sample 0
    first = np.clip(np.rint(middles / step - (taps - 1) / 2), 0, axis.samples - taps).astype(np.intp)
    cells = np.asarray(np.stack([edges[:-1], edges[1:]]) - (start + step * first), np.float64)
    places, weights = first[:, np.newaxis] + np.arange(taps), _best(kernel, step, taps, cells)
    if axis.backwards:
        places, weights = axis.samples - 1 - places[::-1], weights[::-1]
    return places, weights.astype(np.float32)


def _best(kernel: _Floats, step: int, taps: int, cells: _Floats) -> _Floats:
    """Return the weights that err least, shape (cells, taps), each row of sum 1.

    cells: where each begins and ends, shape (2, cells), in pixels from the first one in its first sample.
    """
    reach = taps * step + len(kernel) + math.ceil(float(np.ptp(cells, axis=0).max()))
    distances = np.arange(-reach - len(kernel) + 1, reach + 1)
    with_sample = np.convolve(_covariance(distances), kernel, "valid")  # of each pixel from -reach to reach
    until = np.concatenate([[0.0], np.cumsum(with_sample)])
    ends = cells[:, :, np.newaxis] - step * np.arange(taps) + reach
    summed = np.interp(ends, np.arange(len(until)), until)
    with_cell = (summed[1] - summed[0]) / np.ptp(cells, axis=0)[:, np.newaxis]
    between = np.correlate(with_sample, kernel, "valid")[step * np.arange(taps) + reach]
    system = np.ones((taps + 1, taps + 1))
    system[:taps, :taps] = between[np.abs(np.subtract.outer(np.arange(taps), np.arange(taps)))]
    system[-1, -1] = 0  # the last row keeps the sum at 1
    wanted = np.column_stack([with_cell, np.ones(len(with_cell))])
    return np.asarray(np.linalg.solve(system, wanted.T).T[:, :taps])


def _covariance(distance: NDArray[np.intp]) -> _Floats:
    """Return the generalised covariance of two pixels of a line: Brownian motion and a little white noise."""
    return np.asarray(_NOISE * (distance == 0) - np.abs(distance) / 2)


def _kernel(axis: Axis) -> tuple[_Floats, int]:
    """Return what a sample weighs pixels with, and the first of these for sample 0."""
    if axis.low_pass is LowPass.MEAN:
        step = 1 << axis.halvings
        return np.full(step, 1 / step), 0
    once = REVERSIBLE if axis.low_pass is LowPass.REVERSIBLE else IRREVERSIBLE
    kernel = np.ones(1)
    for level in range(axis.halvings):
        spread = np.zeros((len(once) - 1 << level) + 1)
        spread[:: 1 << level] = once
        kernel = np.convolve(kernel, spread)
    return kernel, -(len(kernel) // 2)
