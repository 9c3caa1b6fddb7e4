"""Images for the triage page: one to look at, one as a stamp, each within a number of bytes.

Runs inside the disposable workers that decode: only JPEG bytes go back to the parent.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from screener.domain import ByteImage, ShownMap
from screener.outputs.overlay import as_jpeg, reduced

PICTURE_SIDE = 1024  # pixels, the longer side
PICTURE_BYTES = 110_000  # 200 images as base64 are 29 MB: the page is to stay under 40
THUMBNAIL_SIDES = (112, 96, 80, 64)
THUMBNAIL_BYTES = 3_000
SMALL_SIDE = 320  # pixels; a refused picture in the PDF, at about 190 dpi
_QUALITIES = (88, 82, 75, 68, 60, 50)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One image as the triage page holds it, grey JPEG, turned as it was screened.

    full: at most 1,024 pixels and, but for images that no quality makes that small, 110,000 bytes; empty
    where only the thumbnail was asked for. thumbnail: at most 3,000 bytes. shown: the map to lay over it;
    None where it is not to have one, or none is to be had.
    """

    full: bytes
    thumbnail: bytes
    shown: ShownMap | None = None


def page_picture(pixels: ByteImage, full: bool, shown: ShownMap | None = None) -> PagePicture:
    """Return an image for the triage page.

    pixels: uint8, shape (rows, columns); air dark. full: whether there is to be more than a thumbnail.
    """
    radiograph = reduced(pixels, PICTURE_SIDE)
    return PagePicture(_within(radiograph, PICTURE_BYTES) if full else b"", _thumbnail(radiograph), shown)


def small_picture(pixels: ByteImage) -> bytes:
    """Return a picture of at most 320 pixels as JPEG: enough to tell what it shows, not to read it."""
    return as_jpeg(reduced(pixels, SMALL_SIDE), _QUALITIES[1])


def _thumbnail(radiograph: ByteImage) -> bytes:
    for side in THUMBNAIL_SIDES:
        encoded = _within(reduced(radiograph, side), THUMBNAIL_BYTES)
        if len(encoded) <= THUMBNAIL_BYTES:
            return encoded
    flat = np.asarray(
        cv2.blur(reduced(radiograph, THUMBNAIL_SIDES[-1]), (5, 5)), np.uint8
    )  # noise, or next to it
    return as_jpeg(flat, _QUALITIES[-1])


def _within(picture: ByteImage, most: int) -> bytes:
    """Return a JPEG in the best quality that fits, or the smallest there is."""
    encoded = b""
    for quality in _QUALITIES:
        encoded = as_jpeg(picture, quality)
        if len(encoded) <= most:
            break
    return encoded
