"""JPEG and PNG to grey levels."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps

from screener.domain import ByteImage
from screener.errors import UnreadableImageError
from screener.intake.levels import stretch_robustly

# A truncated stream is an error: never let a half-decoded film pass for a whole one.
ImageFile.LOAD_TRUNCATED_IMAGES = False

_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


def read_raster(path: Path) -> ByteImage:
    """Return the grey levels of a JPEG or PNG, uint8, shape (rows, columns), EXIF-upright.

    Colour goes to luma (ITU-R BT.601). More than 8 bits are stretched between robust
    percentiles: what the depth could hold says nothing about what the film shows.

    Raises:
        UnreadableImageError: The file is truncated, corrupt or far too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("JPEG", "PNG")) as opened:
                image = ImageOps.exif_transpose(opened)
                if image.mode in _DEEP_MODES:
                    return stretch_robustly(np.asarray(image))
                if image.mode not in ("L", "RGB"):
                    image = image.convert("RGB")
                return np.asarray(image.convert("L"), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(f"cannot be decoded: {_in_words(error)}") from error
    except Image.DecompressionBombWarning as error:
        raise UnreadableImageError(f"cannot be decoded: {error}") from error


def _in_words(error: Exception) -> str:
    text = str(error)
    if "truncated" in text.lower():
        return "the file is truncated; copy it again from its source"
    if "cannot identify" in text:  # Pillow names the path here; the outcome names it already
        return "its header is damaged"
    return text or type(error).__name__
