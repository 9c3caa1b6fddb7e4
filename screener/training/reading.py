"""Ways of reading a film smaller than it is stored: training draws one at random, so that all are alike.

An archive may hold a film as JPEG 2000, as JPEG or plain, and a reader may take it whole, at a level of the
wavelet transform, at a scale of the cosine transform, or by some library's kernel. All show the same lungs.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from PIL import Image

from screener import ways
from screener.domain import ByteImage
from screener.resolution import halvings

Way = Callable[[ByteImage, int], ByteImage]

LARGEST = 2.0  # times the wanted side: what is larger is made smaller by area in the end


def read_somehow(pixels: ByteImage, size: int, rng: np.random.Generator) -> ByteImage:
    """Return the film read in one of the ways, its short side at least `size` where it was before.

    pixels: uint8, shape (rows, columns). The wanted side is drawn, too: from `size` to LARGEST times that.
    """
    if min(pixels.shape) <= size:
        return pixels
    way = list(WAYS.values())[int(rng.integers(len(WAYS)))]
    return way(pixels, int(size * rng.choice((1.0, 1.5, LARGEST))))


def by_area(pixels: ByteImage, side: int) -> ByteImage:
    """Return the film by area averaging, its short side `side`; a smaller film as it is."""
    return _resized(pixels, side, cv2.INTER_AREA)


def halved(pixels: ByteImage, side: int) -> ByteImage:
    """Return the film halved by area as often as its short side stays at least `side`."""
    return ways.by_area(pixels, _halvings(pixels, side))


def by_wavelet(pixels: ByteImage, side: int, lossless: bool) -> ByteImage:
    """Return the film at the lowest level of a wavelet transform whose short side is at least `side`."""
    low_pass = ways.REVERSIBLE if lossless else ways.IRREVERSIBLE
    return ways.by_wavelet(pixels, _halvings(pixels, side), low_pass=low_pass)


def by_cosines(pixels: ByteImage, side: int) -> ByteImage:
    """Return the film as a JPEG decoder gives it at a half, quarter or eighth of its side."""
    scale = next((each for each in (8, 4, 2) if min(pixels.shape) >= each * side), 1)
    if scale == 1:
        return pixels
    reduced = {
        2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
        4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
        8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
    }
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return np.asarray(cv2.imdecode(encoded, reduced[scale]), np.uint8)


def bilinear(pixels: ByteImage, side: int) -> ByteImage:
    """Return the film between four pixels each, without averaging what lies between: it aliases."""
    return _resized(pixels, side, cv2.INTER_LINEAR)


def by_pillow(pixels: ByteImage, side: int, kernel: Image.Resampling) -> ByteImage:
    """Return the film under a kernel that Pillow widens as the film is shrunk."""
    if min(pixels.shape) <= side:
        return pixels
    rows, columns = _wanted(pixels, side)
    return np.asarray(Image.fromarray(pixels).resize((columns, rows), kernel), np.uint8)


WAYS: dict[str, Way] = {
    "by area": by_area,
    "halved by area": halved,
    "wavelet 9/7": partial(by_wavelet, lossless=False),
    "wavelet 5/3": partial(by_wavelet, lossless=True),
    "cosines": by_cosines,
    "bilinear": bilinear,
    "bilinear, antialiased": partial(by_pillow, kernel=Image.Resampling.BILINEAR),
    "Lanczos": partial(by_pillow, kernel=Image.Resampling.LANCZOS),
}


def _resized(pixels: ByteImage, side: int, kernel: int) -> ByteImage:
    if min(pixels.shape) <= side:
        return pixels
    rows, columns = _wanted(pixels, side)
    return np.asarray(cv2.resize(pixels, (columns, rows), interpolation=kernel), np.uint8)


def _halvings(pixels: ByteImage, side: int) -> int:
    rows, columns = pixels.shape
    return halvings(rows, columns, side)


def _wanted(pixels: ByteImage, side: int) -> tuple[int, int]:
    scale = side / min(pixels.shape)
    rows, columns = (round(scale * each) for each in pixels.shape)
    return rows, columns
