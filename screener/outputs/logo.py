"""The picture at the top of page 1: read once, bounded, drawn anew."""

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFile, ImageOps

from screener.errors import UsageError, why

MOST_BYTES = 5_000_000
MOST_PIXELS = 25_000_000
SIZE = (800, 320)  # pixels at most; printed at 12 mm of height


def logo_uri(path: Path) -> str:
    """Return a PNG or JPEG file as a data URI, never larger than 800 × 320 pixels.

    Decoded and encoded again, so that nothing of the file itself gets into the report but its pixels.

    Raises:
        UsageError: The file is absent, too large or damaged, or holds no PNG or JPEG.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError("outputs.logo_unreadable", path=path, error=why(error)) from error
    if len(content) > MOST_BYTES:
        raise UsageError("outputs.logo_too_large", path=path, most=MOST_BYTES // 10**6)
    encoded = io.BytesIO()
    _drawn(content, path).save(encoded, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(encoded.getvalue()).decode("ascii")


def _drawn(content: bytes, path: Path) -> Image.Image:
    try:
        with _no_filling(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is dropped
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
                columns, rows = picture.size
                if columns * rows > MOST_PIXELS:
                    raise UsageError("outputs.logo_pixels", path=path, columns=columns, rows=rows)
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
        upright.thumbnail(SIZE)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise UsageError("outputs.logo_undecodable", path=path) from error
    return upright


@contextmanager
def _no_filling() -> Iterator[None]:
    """Let Pillow refuse a truncated picture: WeasyPrint, once imported, has it filled with grey."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
