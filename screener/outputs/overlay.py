"""Pictures for the report's cards: a radiograph, and beside it where the network looked.

Runs inside the disposable workers that decode: only JPEG bytes go back to the parent.
"""

import cv2
import numpy as np

from screener.domain import ByteImage, FloatImage
from screener.outputs.report_content import CardPicture

LONG_SIDE = 640  # pixels; prints at about 190 dpi on a card
STRONGEST_OPACITY = 0.6  # the anatomy below the strongest part stays legible
DARKEST_COLOUR = 60  # of 0..255: inferno starts at black, which on a radiograph would say nothing
CONTOUR_SHARE = 0.5  # half the maximum; the one mark that also survives greyscale print
_JPEG_QUALITY = 88


def card_picture(pixels: ByteImage, activation_map: FloatImage) -> CardPicture:
    """Return both pictures of a card, long side at most 640 pixels.

    pixels: uint8, shape (rows, columns); air dark. activation_map: float32, shape (7, 7), of the
    image stretched to a square.
    """
    grey = reduced(pixels)
    return CardPicture(as_jpeg(grey), as_jpeg(coloured(grey, activation_map)))


def coloured(grey: ByteImage, activation_map: FloatImage) -> ByteImage:
    """Return uint8, shape (rows, columns, 3), blue first as OpenCV has it: the map laid over grey.

    Opacity rises with the share of the map's maximum; where the map is 0 or below, grey stays.
    """
    share = _share_of_maximum(activation_map, grey.shape)
    # Inferno: perceptually uniform and legible to the colour-blind, its lightness rises throughout.
    colour = cv2.applyColorMap(_levels(share), cv2.COLORMAP_INFERNO).astype(np.float32)
    opacity = (STRONGEST_OPACITY * share)[..., np.newaxis]
    blend = (1 - opacity) * grey[..., np.newaxis].astype(np.float32) + opacity * colour
    picture: ByteImage = np.round(blend).astype(np.uint8)
    _draw_contour(picture, share)
    return picture


def _levels(share: FloatImage) -> ByteImage:
    levels: ByteImage = np.round(DARKEST_COLOUR + (255 - DARKEST_COLOUR) * share).astype(np.uint8)
    return levels


def _share_of_maximum(activation_map: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """Return float32 in 0..1 at the picture's size; 0 where the map has nothing above 0."""
    rows, columns = shape
    # Stretching the square back to the picture's aspect undoes what preprocessing did to it.
    smooth = cv2.resize(activation_map.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    maximum = float(smooth.max())
    if not maximum > 0:
        return np.zeros((rows, columns), np.float32)
    share: FloatImage = np.clip(smooth / maximum, 0, 1).astype(np.float32)
    return share


def _draw_contour(picture: ByteImage, share: FloatImage) -> None:
    inside = (share >= CONTOUR_SHARE).astype(np.uint8)
    lines, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    # White on black, so that it shows on lung and on bone.
    cv2.drawContours(picture, lines, -1, (0, 0, 0), thickness=3, lineType=cv2.LINE_AA)
    cv2.drawContours(picture, lines, -1, (255, 255, 255), thickness=1, lineType=cv2.LINE_AA)


def colour_ramp() -> ByteImage:
    """Return uint8, shape (256, 4): red, green, blue and opacity of each share of the map's maximum, 0..1."""
    share = np.linspace(0, 1, 256, dtype=np.float32)
    colour = cv2.applyColorMap(_levels(share), cv2.COLORMAP_INFERNO).reshape(256, 3)[:, ::-1]
    opacity = np.round(255 * STRONGEST_OPACITY * share).astype(np.uint8)
    ramp: ByteImage = np.column_stack((colour, opacity))
    return ramp


def reduced(pixels: ByteImage, long_side: int = LONG_SIDE) -> ByteImage:
    """Return the film at so many pixels at most, in its own aspect ratio."""
    rows, columns = pixels.shape
    factor = min(1.0, long_side / max(rows, columns))
    if factor == 1.0:
        return pixels
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def as_jpeg(picture: ByteImage, quality: int = _JPEG_QUALITY) -> bytes:
    """Return a picture, grey or blue-green-red, as JPEG; quality: 1..100."""
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(encoded)
