"""One answer of an archive, read in pieces: bounded in size and time, and known to be whole."""

import http.client
import time
import zlib
from collections.abc import Iterator

from screener.archives.http_errors import translated
from screener.archives.words import ArchiveAnswerError

CHUNK_BYTES = 1 << 20
MOST_JSON_BYTES = 64 << 20


class HttpAnswer:
    """One answer of an archive, whose body is read in pieces."""

    def __init__(self, response: http.client.HTTPResponse, place: str, seconds: float) -> None:
        self._response, self._place = response, place
        self._until, self._seconds = time.monotonic() + seconds, seconds
        self.status = response.status
        self.headers = response.headers  # whatever the case of a name
        self.whole = False  # read to its end

    def chunks(self, most: int) -> Iterator[bytes]:
        """Yield the body.

        Raises:
            ArchiveAnswerError: It is longer than `most` bytes, cut short, too slow or oddly encoded.
        """
        size = 0
        for chunk in self._decoded():
            size += len(chunk)
            if size > most:
                raise ArchiveAnswerError.of(self._place, "too_long", most=most)
            yield chunk

    def read(self, most: int = MOST_JSON_BYTES) -> bytes:
        """Return the whole body; raises as `chunks` does."""
        return b"".join(self.chunks(most))

    def _decoded(self) -> Iterator[bytes]:
        """Yield the body; some proxies compress it although they are asked not to."""
        encoding = self.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding in ("identity", ""):
            yield from self._raw()
            return
        if encoding != "gzip":
            raise ArchiveAnswerError.of(self._place, "encoded", encoding=encoding[:20])
        inflate = zlib.decompressobj(wbits=31)
        try:
            for chunk in self._raw():
                rest = chunk
                while rest:
                    yield inflate.decompress(rest, CHUNK_BYTES)
                    rest = inflate.unconsumed_tail
            yield inflate.flush()
        except zlib.error:
            raise ArchiveAnswerError.of(self._place, "cut") from None
        if not inflate.eof:
            raise ArchiveAnswerError.of(self._place, "cut")

    def _raw(self) -> Iterator[bytes]:
        told = self.headers.get("Content-Length")
        missing = int(told) if told is not None and told.isdecimal() else None
        while True:
            with translated(self._place, "cut"):
                chunk = self._response.read1(CHUNK_BYTES)
            if time.monotonic() > self._until:
                raise ArchiveAnswerError.of(self._place, "too_slow", seconds=self._seconds)
            if not chunk:
                break
            missing = None if missing is None else missing - len(chunk)
            yield chunk
        if missing:
            raise ArchiveAnswerError.of(self._place, "cut")
        self.whole = True
        self._response.close()  # so that the connection can be asked again
