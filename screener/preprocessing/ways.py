"""How programs read one radiograph: at which resolution, by whose lower resolution, by which kernel.

A network that serves archives of all kinds must not care which of them read its radiographs: training draws
one for each radiograph (a jitter), and benchmarks/bench_recipes.py measures what is left of the difference.
Codecs are imitated on decoded pixels, so that any radiograph can be read in any way: the low-pass filters of
both wavelets of JPEG 2000 (ITU-R T.800, annex F), and the low DCT coefficients of a JPEG. Not every program
takes those: libjpeg-turbo, with which Screener reads, averages pairs of pixels at 1/2, 1/4 and 1/8, which is
by_area.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from screener.domain import ByteImage
from screener.preprocessing.area_resize import shrink
from screener.preprocessing.cell_means import IRREVERSIBLE, REVERSIBLE
from screener.preprocessing.resolution import halved

_BLOCK = 8  # pixels of a side of a JPEG's block

Reduction = Callable[[ByteImage, int], ByteImage]
Kernel = Callable[[ByteImage, int], ByteImage]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of reading: what halves an image, None for nothing, and what shrinks the rest to the square."""

    name: str
    reduce: Reduction | None
    resize: Kernel

    def square(self, pixels: ByteImage, size: int, times: int) -> ByteImage:
        """Return a radiograph as the square before CLAHE, uint8, shape (size, size).

        times: how often its sides are halved first, where this way halves them.
        """
        return self.resize(self.reduced(pixels, times), size)

    def reduced(self, pixels: ByteImage, times: int) -> ByteImage:
        """Return the picture as this way reads it, before the kernel; uint8, smaller where the way halves."""
        return self.reduce(pixels, times) if self.reduce and times else pixels


def by_area(pixels: ByteImage, times: int) -> ByteImage:
    """Return the means of squares of 2**times pixels."""
    return halved(pixels, times)


def by_dct(pixels: ByteImage, times: int) -> ByteImage:
    """Return what the low DCT coefficients of each block show alone, as libjpeg 7 and later scale down."""
    kept = _BLOCK >> times
    if not kept:
        raise ValueError(f"A block of {_BLOCK} pixels cannot be halved {times} times.")
    rows, columns = (-(-side >> times) for side in pixels.shape)
    below, beside = (-side % _BLOCK for side in pixels.shape)
    whole = cv2.copyMakeBorder(pixels, 0, below, 0, beside, cv2.BORDER_REPLICATE).astype(np.float32)
    basis = (_cosines(kept).T @ _cosines(_BLOCK)[:kept] * np.sqrt(kept / _BLOCK)).astype(np.float32)
    down = np.matmul(basis, whole.reshape(-1, _BLOCK, whole.shape[1])).reshape(-1, whole.shape[1])
    both = np.matmul(down.reshape(-1, _BLOCK), basis.T).reshape(down.shape[0], -1)
    return _bytes(both[:rows, :columns])


def by_wavelet(pixels: ByteImage, times: int, *, low_pass: NDArray[np.float64] = REVERSIBLE) -> ByteImage:
    """Return the lower resolution that a JPEG 2000 stream holds: sharper than the mean of an area."""
    values: Any = pixels.astype(np.float32)
    for _ in range(times):
        smooth = cv2.sepFilter2D(values, cv2.CV_32F, low_pass, low_pass, borderType=cv2.BORDER_REFLECT_101)
        values = np.ascontiguousarray(smooth[::2, ::2])
    return _bytes(values)


def _bilinear(pixels: ByteImage, size: int) -> ByteImage:
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)


def _by_pillow(pixels: ByteImage, size: int, *, kernel: Image.Resampling) -> ByteImage:
    return np.asarray(Image.fromarray(pixels).resize((size, size), kernel), np.uint8)


def _cosines(size: int) -> NDArray[np.float64]:
    """Return the orthonormal DCT-II: coefficients down, pixels across."""
    frequency, pixel = np.arange(size)[:, np.newaxis], np.arange(size)
    basis = np.cos(np.pi * frequency * (2 * pixel + 1) / (2 * size)) * np.sqrt(2 / size)
    basis[0] /= np.sqrt(2)
    return np.asarray(basis)


def _bytes(values: NDArray[np.float32]) -> ByteImage:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


_antialiased = partial(_by_pillow, kernel=Image.Resampling.BILINEAR)
_lanczos = partial(_by_pillow, kernel=Image.Resampling.LANCZOS)

RULE = Way("halved by area, area", by_area, shrink)
"""Means of squares, as a JPEG at a DCT scale gives them: the others are measured against it."""

WAYS = (
    RULE,
    Way("whole, area", None, shrink),
    Way("low DCT coefficients, area", by_dct, shrink),
    Way("5/3 wavelet level, area", by_wavelet, shrink),
    Way("9/7 wavelet level, area", partial(by_wavelet, low_pass=IRREVERSIBLE), shrink),
    Way("whole, bilinear", None, _bilinear),
    Way("whole, bilinear with antialiasing", None, _antialiased),
    Way("whole, Lanczos with antialiasing", None, _lanczos),
    Way("halved by area, bilinear", by_area, _bilinear),
    Way("halved by area, bilinear with antialiasing", by_area, _antialiased),
)
