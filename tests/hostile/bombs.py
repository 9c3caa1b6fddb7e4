"""Small files that ask for much: memory, time, or a deep stack."""

import struct
import zlib
from io import BytesIO
from zlib import crc32

import numpy as np
from PIL import Image
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from tests.hostile.radiographs import (
    PIXEL_BYTES,
    cut_after,
    dataset,
    dicom,
    encapsulated,
    jpeg,
    radiograph,
    to_deflate,
    with_elements,
)
from tests.intake.encodings import ENCODERS

_LONGEST = 0xFFFF  # what 16 bits can claim of a side
_UNDEFINED = b"\xff\xff\xff\xff"
_SEQUENCE = b"\x40\x00\x75\x02SQ\x00\x00"  # Request Attributes Sequence (0040,0275)
_ITEM = b"\xfe\xff\x00\xe0"
_END_OF_ITEM, _END_OF_SEQUENCE = b"\xfe\xff\x0d\xe0" + bytes(4), b"\xfe\xff\xdd\xe0" + bytes(4)
_FLUSHED = 1 << 22  # zeros deflated at a time

# Blocks of 8 × 8 pixels: their number is a multiple of the longest run that one code can end, 32,767.
_WIDE, _HIGH, _LONGEST_RUN = 1057, 930, 32_767


def deflated_dicom(inflated: int = 400 << 20) -> bytes:
    """Return a DICOM file a thousandth as long as its Pixel Data, of which the header needs the start."""
    meta, body = to_deflate()
    start, pixels = body[: -PIXEL_BYTES - 4], body[-PIXEL_BYTES:]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(start + struct.pack("<I", inflated) + pixels) + packer.flush(zlib.Z_FULL_FLUSH)
    return meta + packed + _deflated_zeros(inflated - PIXEL_BYTES)


def dicom_claiming_many_pixels() -> bytes:
    """Return a DICOM file whose header claims four thousand million pixels."""
    return dicom(Rows=_LONGEST, Columns=_LONGEST)


def jpeg_claiming_many_pixels() -> bytes:
    """Return a JPEG whose header claims four thousand million pixels."""
    return _with_frame_header(jpeg(), b"\xff\xc0")


def dicom_with_jpeg_claiming_many_pixels() -> bytes:
    """Return a DICOM file whose header is honest, and whose JPEG claims four thousand million pixels."""
    depth = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    return encapsulated(jpeg_claiming_many_pixels(), JPEGBaseline8Bit, **depth)


def dicom_with_jpeg_ls_claiming_many_pixels() -> bytes:
    """Return a DICOM file whose header is honest, and whose JPEG-LS claims four thousand million pixels."""
    return encapsulated(_with_frame_header(_encoded(JPEGLSLossless), b"\xff\xf7"), JPEGLSLossless)


def dicom_with_lossless_jpeg_claiming_many_pixels() -> bytes:
    """Return a DICOM file whose header is honest, and whose lossless JPEG claims as many pixels."""
    return encapsulated(_with_frame_header(_encoded(JPEGLosslessSV1), b"\xff\xc3"), JPEGLosslessSV1)


def dicom_with_jpeg_2000_claiming_many_pixels() -> bytes:
    """Return a DICOM file whose header is honest, and whose JPEG 2000 claims four thousand million pixels.

    In one tile (ITU-T T.800 A.5.1, SIZ).
    """
    stream = bytearray(_encoded(JPEG2000Lossless))
    size = stream.index(b"\xff\x51") + 6
    struct.pack_into(">II", stream, size, _LONGEST, _LONGEST)
    struct.pack_into(">II", stream, size + 16, _LONGEST, _LONGEST)
    return encapsulated(bytes(stream), JPEG2000Lossless)


def dicom_with_few_run_lengths() -> bytes:
    """Return a DICOM file that claims 63 million pixels, as many as are allowed, of a small RLE stream."""
    return encapsulated(_encoded(RLELossless), RLELossless, Rows=7_950, Columns=7_950)


def progressive_jpeg(scans: int = 6000) -> bytes:
    """Return a JPEG of half a megabyte and 63 million pixels, each of which every scan visits again.

    Valid throughout (ITU-T T.81 G.1): scans send one bit less, then that bit, in turn; each says in 30
    codes that nothing follows in any block.
    """
    first, refined = (_scan(1, 63, high, 1 - high, _ends_of_band()) for high in (0, 1))
    frame = struct.pack(">BHHB3B", 8, 8 * _HIGH, 8 * _WIDE, 1, 1, 0x11, 0)
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xDB, b"\x00" + b"\x01" * 64),
            _segment(0xC2, frame),
            _segment(0xC4, b"\x00\x01" + bytes(15) + b"\x00"),  # DC: the code 0 means no difference
            _segment(0xC4, b"\x10\x01" + bytes(15) + b"\xe0"),  # AC: the code 0 ends 16,384 bands and more
            _scan(0, 0, 0, 0, bytes(_WIDE * _HIGH // 8)),
            (first + refined) * (scans // 2),
            b"\xff\xd9",
        )
    )


def dicom_of_many_equal_pixels(side: int = 7900) -> bytes:
    """Return a DICOM image of 1 KB that keeps its promise: 62 million pixels of one grey, in JPEG 2000.

    It has a shutter, whose edges are those of the whole image: it is not read at a lower resolution.
    """
    stream = BytesIO()
    Image.new("L", (side, side), 90).save(stream, format="JPEG2000", no_jp2=True)
    depth = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "ShutterShape": "RECTANGULAR"}
    return encapsulated(stream.getvalue(), JPEG2000Lossless, Rows=side, Columns=side, **depth)


def png_claiming_many_pixels() -> bytes:
    """Return a PNG of under 100 bytes that claims 3,600 million pixels."""
    return _png(60_000, 60_000, 8, 0, zlib.compress(bytes(64)))


def png_of_many_bytes(side: int = 7900) -> bytes:
    """Return a PNG of 0.5 MB that keeps its promise: 62 million pixels of 8 bytes, all black."""
    size = side * (1 + 8 * side)
    checksum = struct.pack(">HH", size % 65_521, 1)  # Adler-32 of zeros
    return _png(side, side, 16, 6, b"\x78\xda" + _deflated_zeros(size) + checksum)


def nested_with_lengths(levels: int = 5000) -> bytes:
    """Return a DICOM image with sequences in sequences, each of which says how long it is."""
    opened = []
    for level in range(levels):
        length = 20 * level
        opened.append(_SEQUENCE + struct.pack("<I", length + 8) + _ITEM + struct.pack("<I", length))
    return with_elements(b"".join(reversed(opened)))


def nested_without_lengths(levels: int = 5000) -> bytes:
    """Return a DICOM image with sequences in sequences, each of which ends by a delimiter."""
    opened = (_SEQUENCE + _UNDEFINED + _ITEM + _UNDEFINED) * levels
    return with_elements(opened + (_END_OF_ITEM + _END_OF_SEQUENCE) * levels)


def cut_inside_sequence() -> bytes:
    """Return a DICOM file that ends within a sequence of undefined length."""
    return cut_after(_SEQUENCE + _UNDEFINED + _ITEM + _UNDEFINED + b"\x40\x00\x07\x00LO\x08\x00half")


def value_of_four_gigabytes() -> bytes:
    """Return a DICOM image with a value that says it is 4 GB long, and is not."""
    return with_elements(b"\x42\x00\x11\x00OB\x00\x00" + struct.pack("<I", 0xFFFFFFF0))


def pixels_of_four_gigabytes() -> bytes:
    """Return a DICOM image whose Pixel Data says it is 4 GB long, and is not."""
    content = dicom()
    return content[: -PIXEL_BYTES - 4] + struct.pack("<I", 0xFFFFFFF0) + content[-PIXEL_BYTES:]


def dicom_of_many_frames() -> bytes:
    """Return a DICOM file that claims two thousand million frames."""
    return dicom(NumberOfFrames=str(2**31 - 1))


def _encoded(syntax: str) -> bytes:
    values = radiograph().astype("<u2") * 16
    return bytes(ENCODERS[syntax](dataset(), values))


def _with_frame_header(stream: bytes, marker: bytes) -> bytes:
    changed = bytearray(stream)
    struct.pack_into(">HH", changed, changed.index(marker) + 5, _LONGEST, _LONGEST)
    return bytes(changed)


def _deflated_zeros(size: int) -> bytes:
    """Return the end of a deflated stream, quickly: after a full flush each part stands alone."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    part = packer.compress(bytes(_FLUSHED)) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return part * (size // _FLUSHED) + packer.compress(bytes(size % _FLUSHED)) + packer.flush()


def _png(columns: int, rows: int, bits: int, colour: int, packed: bytes) -> bytes:
    content = BytesIO()
    content.write(b"\x89PNG\r\n\x1a\n")
    header = struct.pack(">IIBBBBB", columns, rows, bits, colour, 0, 0, 0)
    for name, chunk in ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")):
        content.write(struct.pack(">I", len(chunk)) + name + chunk)
        content.write(struct.pack(">I", crc32(name + chunk)))
    return content.getvalue()


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def _scan(start: int, end: int, high: int, low: int, coded: bytes) -> bytes:
    return _segment(0xDA, bytes((1, 1, 0, start, end, high << 4 | low))) + coded


def _ends_of_band() -> bytes:
    """Return the codes, 15 bits each, that end the band of every block; FF is followed by 00."""
    codes = "0" + "1" * 14
    bits = codes * (_WIDE * _HIGH // _LONGEST_RUN)
    return np.packbits([int(bit) for bit in bits]).tobytes().replace(b"\xff", b"\xff\x00")
