"""A radiograph with its map, below a bar that says what the picture is: viewers show nothing else of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from screener.domain import ByteImage
from screener.outputs.overlay import coloured
from screener.outputs.page_picture import PagePicture
from screener.resources import resource_folder

_QUALITY = 88
_TEXT_SHARE = 40  # letters are a fortieth of the picture's width, but legible
_LEAST_TEXT = 14  # pixels
_INK, _PAPER = (255, 255, 255), (110, 30, 20)  # red, green, blue


@dataclass(frozen=True, slots=True)
class CapturePicture:
    """A colour JPEG (baseline, 4:2:2), with its size in pixels."""

    jpeg: bytes
    rows: int
    columns: int


def capture_picture(picture: PagePicture, said: Sequence[str]) -> CapturePicture:
    """Return a picture with its map, if it has one, below a bar with these sentences.

    picture: with `full`, our own JPEG.
    """
    decoded = cv2.imdecode(np.frombuffer(picture.full, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert decoded is not None  # we wrote it
    grey: ByteImage = decoded.astype(np.uint8)
    plain: ByteImage = np.repeat(grey[..., np.newaxis], 3, axis=2)
    shown = plain if picture.shown is None else coloured(grey, picture.shown.cells)[..., ::-1]
    whole = np.vstack([_bar(said, shown.shape[1]), shown])
    done, encoded = cv2.imencode(
        ".jpg",
        whole[..., ::-1],
        [
            cv2.IMWRITE_JPEG_QUALITY,
            _QUALITY,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
        ],
    )
    assert done  # a picture of this size always can be
    return CapturePicture(encoded.tobytes(), whole.shape[0], whole.shape[1])


def _bar(said: Sequence[str], width: int) -> ByteImage:
    """Return uint8, shape (rows, width, 3): the sentences, broken into lines that fit."""
    size = max(_LEAST_TEXT, width // _TEXT_SHARE)
    font = ImageFont.truetype(str(resource_folder("templates") / "fonts" / "NotoSans-Bold.ttf"), size)
    lines = [line for sentence in said for line in _lines(sentence, font, width - size)]
    step = round(1.35 * size)
    bar = Image.new("RGB", (width, step * len(lines) + size // 2), _PAPER)
    pen = ImageDraw.Draw(bar)
    for number, line in enumerate(lines):
        pen.text((size // 2, size // 4 + step * number), line, fill=_INK, font=font)
    return np.asarray(bar, np.uint8)


def _lines(sentence: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in sentence.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
