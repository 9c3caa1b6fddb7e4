"""Pictures for the report's cards: a radiograph, and beside it where the network looked.

Runs inside the disposable workers that decode: only JPEG bytes go back to the parent.
"""

import math

import cv2
import numpy as np

from screener.domain import ByteImage, FloatImage, ShownMap
from screener.outputs.map_place import map_place
from screener.outputs.report_content import CardPicture

LONG_SIDE = 640  # pixels; prints at about 190 dpi on a card
FULL_ODDS = 2  # a cell that alone doubles the odds of pneumonia has the full colour
FULL_COLOUR = math.log(FULL_ODDS)  # logits; of 3.2.0, the strongest cell of 19 in 20 flagged adults is weaker
STRONGEST_OPACITY = 0.6  # the anatomy below the strongest part stays legible
DARKEST_COLOUR = 60  # of 0..255: inferno starts at black, which on a radiograph would say nothing
_JPEG_QUALITY = 88


def card_picture(pixels: ByteImage, shown: ShownMap | None) -> CardPicture:
    """Return both pictures of a card, long side at most 640 pixels.

    pixels: uint8, shape (rows, columns); air dark. shown: of the image stretched to a square; None where
    no map is to be had: the card then has the radiograph alone.
    """
    grey = reduced(pixels)
    if shown is None:
        return CardPicture(as_jpeg(grey))
    overlay = as_jpeg(coloured(grey, shown.cells))
    return CardPicture(
        as_jpeg(grey), overlay, shown.stable, strongest_odds(shown.cells), map_place(shown.cells)
    )


def strongest_odds(cells: FloatImage) -> float:
    """Return by how much the strongest cell multiplies the odds of pneumonia; 1 where none raises them.

    cells: logits, as in ShownMap.
    """
    return math.exp(max(0.0, float(cells.max())))


def coloured(grey: ByteImage, cells: FloatImage) -> ByteImage:
    """Return uint8, shape (rows, columns, 3), blue first as OpenCV has it: the map laid over grey.

    cells: logits, as in ShownMap. Opacity and colour rise with them up to FULL_COLOUR, the same on every
    image: a weak map is pale. Where the map is 0 or below, grey stays.
    """
    share = colour_share(cells, grey.shape)
    # Inferno: perceptually uniform and legible to the colour-blind, its lightness rises throughout.
    colour = cv2.applyColorMap(_levels(share), cv2.COLORMAP_INFERNO).astype(np.float32)
    opacity = (STRONGEST_OPACITY * share)[..., np.newaxis]
    blend = (1 - opacity) * grey[..., np.newaxis].astype(np.float32) + opacity * colour
    picture: ByteImage = np.round(blend).astype(np.uint8)
    return picture


def colour_share(cells: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """Return float32 in 0..1, of FULL_COLOUR, at a picture's size (rows, columns)."""
    rows, columns = shape
    # Stretching the square back to the picture's aspect undoes what preprocessing did to it.
    smooth = cv2.resize(cells.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    share: FloatImage = np.nan_to_num(np.clip(smooth / FULL_COLOUR, 0, 1)).astype(np.float32)
    return share


def _levels(share: FloatImage) -> ByteImage:
    levels: ByteImage = np.round(DARKEST_COLOUR + (255 - DARKEST_COLOUR) * share).astype(np.uint8)
    return levels


def colour_ramp() -> ByteImage:
    """Return uint8, shape (256, 4): red, green, blue and opacity of each share of FULL_COLOUR, 0..1."""
    share = np.linspace(0, 1, 256, dtype=np.float32)
    colour = cv2.applyColorMap(_levels(share), cv2.COLORMAP_INFERNO).reshape(256, 3)[:, ::-1]
    opacity = np.round(255 * STRONGEST_OPACITY * share).astype(np.uint8)
    ramp: ByteImage = np.column_stack((colour, opacity))
    return ramp


def reduced(pixels: ByteImage, long_side: int = LONG_SIDE) -> ByteImage:
    """Return the image at so many pixels at most, in its own aspect ratio."""
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
