"""A few numbers for each image that tell whether images have changed, and of which no picture can be made."""

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

NUMBERS = 8


def summary_of(embedding: NDArray[np.float32]) -> tuple[float, ...]:
    """Return a random projection of the network's embedding, the same in every version and on every machine.

    embedding: float32, shape (any,). Distances between means survive such a projection (Johnson and
    Lindenstrauss 1984). Rounded to 16 bits.
    """
    values = _signs(embedding.size) @ embedding.astype(np.float64) / np.sqrt(embedding.size)
    return tuple(float(each) for each in values.astype(np.float16))


@cache
def _signs(size: int) -> NDArray[np.float64]:
    """Return ±1, shape (NUMBERS, size), from SHA-256: no generator of random numbers that may change."""
    needed = NUMBERS * size
    blocks = (hashlib.sha256(f"summary {block}".encode()).digest() for block in range(-(-needed // 256)))
    bits = np.unpackbits(np.frombuffer(b"".join(blocks), dtype=np.uint8))[:needed]
    return 2.0 * bits.reshape(NUMBERS, size).astype(np.float64) - 1.0
