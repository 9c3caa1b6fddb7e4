"""Radiographs read in ways drawn at random, so that the network does not care how an archive stores them."""

import numpy as np

from screener.domain import ByteImage
from screener.preprocessing.resolution import halvings
from screener.preprocessing.ways import WAYS

SIDES = (1.0, 1.5, 2.0)  # times the network's, of the square that augmentation starts from
_MOST_HALVINGS = 3  # a JPEG's block has no more


def read_somehow(pixels: ByteImage, size: int, rng: np.random.Generator) -> ByteImage:
    """Return the picture, read in one of screener.preprocessing.ways, on a square of at least `size` pixels.

    pixels: uint8, shape (rows, columns); a radiograph whose short side is at most `size` comes back as it is.
    How often it is halved is drawn, too, as is the square's side; no side grows.
    """
    shortest = min(pixels.shape)
    if shortest <= size:
        return pixels
    way = WAYS[int(rng.integers(len(WAYS)))]
    side = min(int(size * rng.choice(SIDES)), shortest)
    most = min(halvings(shortest, shortest, side), _MOST_HALVINGS)
    return way.square(pixels, side, int(rng.integers(most + 1)))
