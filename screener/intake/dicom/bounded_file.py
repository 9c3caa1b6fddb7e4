"""Reading a file that may lie about itself: no length in it allocates more than the file holds."""

import io
import os
import zlib
from pathlib import Path

from screener.errors import UnreadableImageError
from screener.reasons import ReasonCode

MAX_PIXELS = 64_000_000  # three times the largest detector; a header that claims more is damaged
MAX_INFLATED = 160 << 20  # bytes: so many pixels of 16 bits, and a generous header

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_META = 144  # where the file meta group begins, behind preamble, prefix and its own length (PS3.10 7.1)
_SMALL = 1 << 16  # bytes: below it, a wrong length costs nothing


class BoundedFile(io.BufferedReader):
    """A file of which nobody reads more than it holds: a length of 4 GB allocates nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(os.fspath(path)))  # pydicom adds its name to a text
        self._size = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to that many bytes, as any file does."""
        if size is not None and size > _SMALL:
            size = min(size, max(self._size - self.tell(), 0))
        return super().read(size)

    def at_end(self) -> bool:
        """Return whether nothing of it is left to read."""
        return self.tell() >= self._size


def check_inflated(stream: BoundedFile) -> None:
    """Raise if a deflated data set (PS3.5 A.5) inflates to more than a radiograph holds; rewind the file.

    Raises:
        UnreadableImageError: It inflates to more.
    """
    start = stream.read(_META)
    if start[128:132] == b"DICM":
        length = int.from_bytes(start[140:144], "little")
        if length < _SMALL and _DEFLATED in stream.read(length):
            _inflate(stream)
    stream.seek(0)


def _inflate(stream: BoundedFile) -> None:
    inflater, left = zlib.decompressobj(-zlib.MAX_WBITS), MAX_INFLATED
    while packed := inflater.unconsumed_tail or stream.read(_SMALL):
        left -= len(inflater.decompress(packed, 1 << 20))
        if left <= 0:
            limit = MAX_INFLATED >> 20
            raise UnreadableImageError(ReasonCode.TOO_LARGE, what=f"more than {limit} MB")
