"""8-bit JPEG by libjpeg-turbo, through simplejpeg: of all readers the one that tells of damage.

Pillow and OpenCV fill what they cannot decode with grey, or with the wrong part of the film, and say
nothing (docs/decisions/0002).
"""

import re

import numpy as np
import simplejpeg

from screener.domain import ByteImage

_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
_SURPLUS = re.compile(r"(?P<count>[0-9]+) extraneous bytes? before marker 0xd9")
_MOST_SURPLUS = 16  # bytes of padding before the end; more of them are what a damaged scan left unread


def refuse_truncated_jpeg(content: bytes) -> None:
    """Return if the stream has its end: an interrupted copy leaves zeros where the rest should be.

    Raises:
        ValueError: It has none.
    """
    end = content.rfind(_END_OF_IMAGE)  # a thumbnail has its own, before the film's scan
    if content.find(_START_OF_SCAN, max(end, 0)) >= 0:
        raise ValueError("truncated: no End of Image marker")


def decode_grey_jpeg(content: bytes) -> ByteImage | None:
    """Return the grey levels of a JPEG, uint8, shape (rows, columns); luma of YCbCr (ITU-R BT.601).

    None where it has other colours (CMYK, RGB), which simplejpeg does not turn into grey.

    Raises:
        ValueError: The stream is damaged: nothing is guessed.
    """
    refuse_truncated_jpeg(content)
    *_, colour, _ = simplejpeg.decode_jpeg_header(content)
    if colour not in ("Gray", "YCbCr"):
        return None
    try:
        decoded = simplejpeg.decode_jpeg(content, "GRAY", strict=True)
    except ValueError as error:
        surplus = _SURPLUS.search(str(error))
        if surplus is None or int(surplus["count"]) > _MOST_SURPLUS:
            raise
        decoded = simplejpeg.decode_jpeg(content, "GRAY", strict=False)
    return np.asarray(decoded[..., 0], dtype=np.uint8)
