"""JPEG and PNG to grey levels."""

import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from screener.domain import ByteImage
from screener.errors import UnreadableImageError
from screener.intake.levels import to_grey, unwindowed_range

_FORMATS = ("JPEG", "PNG")
_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")

MAX_VALUE = 65535  # of a PNG
_DEEP_COLOUR = ";16B"  # 16 bits with colour or alpha, of which Pillow keeps the upper 8 only


def refuse_truncated() -> None:
    """Let Pillow raise where a stream ends early: half a film must never pass for a whole one.

    Before each decoding, not once: importing WeasyPrint sets the opposite for the whole process.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False


def read_raster(path: Path) -> ByteImage:
    """Return the grey levels of a JPEG or PNG, uint8, shape (rows, columns), EXIF-upright.

    Colour goes to luma (ITU-R BT.601). More than 8 bits are shown as DICOM without a window is: what
    the depth could hold says nothing about what the film shows.

    Raises:
        UnreadableImageError: The file is truncated, corrupt or far too large.
    """
    refuse_truncated()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as opened:
                _check_complete(opened, path)
            with Image.open(path, formats=_FORMATS) as opened:
                if opened.format == "PNG" and str(opened.tile[0].args).endswith(_DEEP_COLOUR):
                    return _stretched(_deep_grey(path))
                image = ImageOps.exif_transpose(opened)
                if image.mode in _DEEP_MODES:
                    return _stretched(np.asarray(image))
                if image.mode not in ("L", "RGB"):
                    image = image.convert("RGB")
                return np.asarray(image.convert("L"), dtype=np.uint8)
    except Exception as error:  # a decoder fed arbitrary bytes may raise anything
        raise UnreadableImageError(f"cannot be decoded: {_in_words(error)}") from error


def _check_complete(opened: Image.Image, path: Path) -> None:
    """Refuse what an interrupted copy leaves: zeros where the rest should be decode as grey or noise."""
    opened.verify()  # the checksums of a PNG; nothing of a JPEG
    if opened.format != "PNG":
        content = path.read_bytes()
        end = content.rfind(_END_OF_IMAGE)  # a thumbnail has its own, before the film's scan
        if end < 0 or _START_OF_SCAN in content[end:]:
            raise ValueError("truncated: no End of Image marker")


def _deep_grey(path: Path) -> NDArray[np.uint16]:
    raw = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    decoded = cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    if decoded is None:
        raise ValueError("its pixels are damaged")
    return np.asarray(decoded, dtype=np.uint16)


def _stretched(deep: NDArray[Any]) -> ByteImage:
    values = np.clip(deep, 0, MAX_VALUE).astype(np.uint16)
    return to_grey(values, *unwindowed_range(values, MAX_VALUE + 1))


def _in_words(error: Exception) -> str:
    text = str(error)
    if "truncated" in text.lower():
        return "the file is truncated; copy it again from its source"
    if "cannot identify" in text:  # Pillow names the path here; the outcome names it already
        return "its header is damaged"
    if isinstance(error, MemoryError):
        return "it needs more memory than a worker may use"
    return text or type(error).__name__
