"""8-bit JPEG by libjpeg-turbo, through simplejpeg: of all readers the one that tells of damage.

Pillow and OpenCV fill what they cannot decode with grey, or with the wrong part of the radiograph, and say
nothing (docs/decisions/0002).
"""

import re

import numpy as np
import simplejpeg

from screener.domain import ByteImage
from screener.intake.decode.codestream import jpeg_end
from screener.preprocessing.resolution import halved_size

_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
_SURPLUS = re.compile(r"(?P<count>[0-9]+) extraneous bytes? before marker 0xd9")
# SOF0, SOF1 (baseline and extended, of sequential scans) and SOF55 (JPEG-LS), of one component
_ONE_SCAN = re.compile(rb"\xff[\xc0\xc1\xf7]..[\x02-\x10]....\x01", re.DOTALL)
_MOST_SURPLUS = 16  # bytes of padding before the end; more of them are what a damaged scan left unread


def whole_jpeg(content: bytes) -> bytes:
    """Return the stream up to its end, without what lies behind: a phone's trailer, padding.

    Raises:
        ValueError: It has no end: an interrupted copy leaves zeros where the rest should be.
    """
    end = content.rfind(_END_OF_IMAGE)  # a thumbnail has its own, before the radiograph's scan
    if content.find(_START_OF_SCAN, max(end, 0)) < 0:
        return content
    own = jpeg_end(content)
    if own is None:
        raise ValueError("truncated: no End of Image marker")
    return content[:own]


def closed_jpeg(content: bytes) -> bytes:
    """Return a stream of one scan that lacks its End of Image marker, and may have padding there, with one.

    Only for decoders that tell whether the scan is all there.

    Raises:
        ValueError: It has more than one scan: whether the others are all there, no decoder tells.
    """
    if content.count(_START_OF_SCAN) != 1 or not _ONE_SCAN.search(content):
        raise ValueError("truncated: no End of Image marker")
    return content.rstrip(b"\0\xff") + _END_OF_IMAGE


def _ended(content: bytes) -> bytes:
    """Return the stream up to its end, or with one: strict decoding tells whether only that was missing."""
    try:
        return whole_jpeg(content)
    except ValueError:
        return closed_jpeg(content)


def decode_grey_jpeg(content: bytes, halvings: int = 0) -> ByteImage | None:
    """Return the grey levels of a JPEG, uint8, shape (rows, columns); luma of YCbCr (ITU-R BT.601).

    None where it has other colours (CMYK, RGB), which simplejpeg does not turn into grey.

    halvings: of its sides, at most 3. libjpeg-turbo's DCT scales are means of 2 × 2, 4 × 4 and 8 × 8
        pixels, within one grey level of resolution.halved. All coefficients are read: damage shows as it
        does at full size.

    Raises:
        ValueError: The stream is damaged: nothing is guessed.
    """
    content = _ended(content)
    rows, columns, colour, _ = simplejpeg.decode_jpeg_header(content)
    if colour not in ("Gray", "YCbCr"):
        return None
    least = {"min_height": halved_size(rows, halvings), "min_width": halved_size(columns, halvings)}
    try:
        decoded = simplejpeg.decode_jpeg(content, "GRAY", strict=True, **least)
    except ValueError as error:
        surplus = _SURPLUS.search(str(error))
        if surplus is None or int(surplus["count"]) > _MOST_SURPLUS:
            raise
        decoded = simplejpeg.decode_jpeg(content, "GRAY", strict=False, **least)
    return np.asarray(decoded[..., 0], dtype=np.uint8)
