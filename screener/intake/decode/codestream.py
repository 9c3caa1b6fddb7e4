"""What a compressed stream says of itself, and where it ends: read from its markers, nothing decoded."""

import re
from dataclasses import dataclass

_SOI, _EOI, _SOS = b"\xff\xd8", b"\xff\xd9", 0xDA
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # TEM, RSTn, SOI: without a length (ITU-T T.81, B.1.1.3)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn; the others among them are tables
_LOSSLESS, _JPEG_LS = 0xC3, 0xF7
_AFTER_ENTROPY = re.compile(rb"\xff+(?P<code>[\x01-\xcf\xd8-\xfe])")  # FF 00 and RSTn belong to the scan
_AFTER_JPEG_LS = re.compile(rb"\xff+(?P<code>[\x80-\xcf\xd8-\xfe])")  # there, after FF a bit is stuffed
_SOC_SIZ = b"\xff\x4f\xff\x51"  # ITU-T T.800, A.4.1 and A.5.1
_SIGNED = 0x80  # in Ssiz (A.5.1)
_PART_15 = 1 << 14  # Rsiz of High-Throughput JPEG 2000 (ITU-T T.814, A.2)


@dataclass(frozen=True, slots=True)
class Codestream:
    """What a stream is and holds.

    coding: "JPEG", "lossless JPEG", "JPEG-LS", "JPEG 2000" or "High-Throughput JPEG 2000". bits: of a
    sample. rows: 0 where the stream says so only behind its scan. signed: None where the stream does not
    say whether its samples have a sign.
    """

    coding: str
    rows: int
    columns: int
    components: int
    bits: int
    signed: bool | None = None


def codestream_of(stream: bytes) -> Codestream | None:
    """Return what a stream's header says; None where it begins as none of these does, or is damaged."""
    try:
        if stream.startswith(_SOC_SIZ):
            return _jpeg_2000(stream)
        return _jpeg(stream) if stream.startswith(_SOI) else None
    except IndexError:
        return None


def jpeg_end(stream: bytes) -> int | None:
    """Return where a JPEG or JPEG-LS stream ends: behind its own End of Image marker; None without one.

    What lies in its segments, such as a thumbnail, or behind its end, such as a phone's trailer, does not
    count.
    """
    position, scan = 2, _AFTER_ENTROPY
    while True:
        found = scan.search(stream, position)
        if found is None:
            return None
        code, position = found["code"][0], found.end()
        if code == _EOI[1]:
            return position
        if code in _ALONE:
            continue
        length = int.from_bytes(stream[position : position + 2], "big")
        position += max(length, 2)
        scan = _AFTER_JPEG_LS if code == _JPEG_LS or scan is _AFTER_JPEG_LS else _AFTER_ENTROPY


def _jpeg(stream: bytes) -> Codestream | None:
    position = 2
    while found := _AFTER_ENTROPY.search(stream, position):
        code, position = found["code"][0], found.end()
        if code in _ALONE:
            continue
        if code in _FRAMES or code == _JPEG_LS:
            frame = stream[position + 2 : position + 8]
            coding = {_LOSSLESS: "lossless JPEG", _JPEG_LS: "JPEG-LS"}.get(code, "JPEG")
            rows, columns = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
            signed = False if coding == "JPEG" else None  # a DCT counts from half of its range (A.3.1)
            return Codestream(coding, rows, columns, frame[5], frame[0], signed)
        if code in (_SOS, _EOI[1]):
            return None
        position += max(int.from_bytes(stream[position : position + 2], "big"), 2)
    return None


def _jpeg_2000(stream: bytes) -> Codestream:
    capability = int.from_bytes(stream[6:8], "big")
    right, bottom, left, top = (int.from_bytes(stream[start : start + 4], "big") for start in (8, 12, 16, 20))
    rows, columns = bottom - top, right - left
    coding = "High-Throughput JPEG 2000" if capability & _PART_15 else "JPEG 2000"
    components, depth = int.from_bytes(stream[40:42], "big"), stream[42]
    return Codestream(coding, rows, columns, components, (depth & ~_SIGNED) + 1, bool(depth & _SIGNED))
