"""multipart/related, as DICOMweb sends and takes DICOM files (RFC 2387, PS3.18 8.6)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from screener.archives.words import ArchiveAnswerError

_HEAD_BYTES = 1 << 16  # of one part, at most


def related(parts: Sequence[bytes], media_type: str = "application/dicom") -> tuple[bytes, str]:
    """Return a body of these parts and its Content-Type; the same parts give the same bytes."""
    boundary = "screener-" + hashlib.sha256(b"".join(parts)).hexdigest()
    head = f"--{boundary}\r\nContent-Type: {media_type}\r\n\r\n".encode()
    body = b"".join(head + part + b"\r\n" for part in parts)
    content_type = f'multipart/related; type="{media_type}"; boundary={boundary}'
    return body + f"--{boundary}--\r\n".encode(), content_type


def only_part(chunks: Iterable[bytes], boundary: str, place: str) -> Iterator[bytes]:
    """Yield the content of a body's first part, piece by piece, and make sure that nothing follows it.

    Raises:
        ArchiveAnswerError: There is no part, a second one, or no end.
    """
    mark = b"\r\n--" + boundary.encode("ascii", "replace")
    source = iter(chunks)
    held = _after_head(source, mark, place)
    keep = len(mark) + 2  # so that a boundary that is cut in two is found
    while (at := held.find(mark)) < 0:
        if len(held) > keep:
            yield held[:-keep]
            held = held[-keep:]
        chunk = next(source, None)
        if chunk is None:
            raise ArchiveAnswerError.of(place, "no_end")
        held += chunk
    yield held[:at]
    rest = held[at + len(mark) :]
    for chunk in source:  # to the end, so that the connection can be asked again
        rest = (rest + chunk)[:2]
    if not rest.startswith(b"--"):
        raise ArchiveAnswerError.of(place, "several_parts" if rest.startswith(b"\r\n") else "no_end")


def _after_head(source: Iterator[bytes], mark: bytes, place: str) -> bytes:
    """Return what follows the first part's header, as far as it was read."""
    held = b"\r\n"
    for chunk in source:
        held += chunk
        start = held.find(mark + b"\r\n")
        if start >= 0 and (end := held.find(b"\r\n\r\n", start + len(mark))) >= 0:
            return held[end + 4 :]
        if len(held) > _HEAD_BYTES + len(chunk):
            break
    raise ArchiveAnswerError.of(place, "not_multipart")
