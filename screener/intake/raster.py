"""JPEG and PNG to grey levels."""

import warnings
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from screener.domain import ByteImage, Hues
from screener.errors import UnreadableImageError
from screener.intake.decode.jpeg import decode_grey_jpeg
from screener.intake.dicom.bounded_file import MAX_PIXELS
from screener.intake.grayscale.auto_window import to_grey, unwindowed_range
from screener.intake.grayscale.geometry import Geometry, plausible_aspect
from screener.intake.hues import hues_of, hues_of_jpeg
from screener.preprocessing.resolution import halvings
from screener.reasons import Reason, ReasonCode
from screener.sampling import LowPass, Sampling

_FORMATS = ("JPEG", "PNG")
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")

_ORIENTATIONS = {  # EXIF 2.32, tag 0x0112: how a picture is turned to stand upright
    2: Geometry(mirrored=True),
    3: Geometry(mirrored=True, flipped=True),
    4: Geometry(flipped=True),
    5: Geometry(transposed=True),
    6: Geometry(transposed=True, mirrored=True),
    7: Geometry(transposed=True, mirrored=True, flipped=True),
    8: Geometry(transposed=True, flipped=True),
}
_LYING = (5, 6, 7, 8)  # those that exchange rows and columns
MAX_VALUE = 65535  # of a PNG
_DEEP_COLOUR = ";16B"  # 16 bits with colour or alpha, of which Pillow keeps the upper 8 only


def refuse_truncated() -> None:
    """Let Pillow raise where a stream ends early: half an image must never pass for a whole one.

    Before each decoding, not once: importing WeasyPrint sets the opposite for the whole process.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False


@dataclass(frozen=True, slots=True)
class Raster:
    """The picture of a JPEG or PNG file; fields as of a Radiograph."""

    pixels: ByteImage
    sampling: Sampling | None = None
    hues: Hues = Hues.GREY


def read_raster(path: Path) -> ByteImage:
    """Return the grey levels of a JPEG or PNG, read whole; raises as sampled_raster does."""
    return sampled_raster(path).pixels


def sampled_raster(path: Path, read_size: int | None = None) -> Raster:
    """Return the grey levels of a JPEG or PNG, uint8, shape (rows, columns), EXIF-upright, pixels square.

    Colour goes to luma (ITU-R BT.601). More than 8 bits are shown as DICOM without a window is: what
    the depth could hold says nothing about what the image shows.

    read_size: pixels of the short side that are enough, see preprocessing/resolution.py; None for all. Only
        of a JPEG: a PNG must be decoded whole, and its square is no cheaper when it is averaged first.

    Raises:
        UnreadableImageError: The file is truncated, corrupt or far too large.
    """
    refuse_truncated()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            content = path.read_bytes()
            with Image.open(BytesIO(content), formats=_FORMATS) as opened:
                _check_size(*opened.size)
                if opened.format == "JPEG":
                    found = _jpeg(content, opened, read_size)
                    if found is not None:
                        return found
                opened.verify()  # the checksums of a PNG; nothing of a JPEG
            return _by_pillow(content)
    except UnreadableImageError:
        raise
    except Exception as error:  # a decoder fed arbitrary bytes may raise anything
        raise UnreadableImageError(_reason(error)) from error


def _jpeg(content: bytes, opened: Image.Image, read_size: int | None) -> Raster | None:
    """Return the picture of a JPEG, None where it has colours that others must turn into grey."""
    across, down = _density(opened)
    turn = _ORIENTATIONS.get(opened.getexif().get(ExifTags.Base.Orientation, 1), Geometry())
    geometry = replace(turn, aspect=plausible_aspect(height=across, width=down))
    shape = opened.size[::-1]
    times = halvings(*shape, read_size) if geometry.aspect == 1 else 0
    grey = decode_grey_jpeg(content, times)
    if grey is None:
        return None
    sampling = geometry.sampling(Sampling.of(shape, times, LowPass.MEAN)) if times else None
    hues = Hues.GREY if opened.mode == "L" else hues_of_jpeg(content)
    return Raster(geometry.applied(grey), sampling, hues)


def _by_pillow(content: bytes) -> Raster:
    with Image.open(BytesIO(content), formats=_FORMATS) as opened:
        if opened.format == "PNG" and str(opened.tile[0].args).endswith(_DEEP_COLOUR):
            return Raster(_squared(stretched(_deep_grey(content)), opened))
        image = ImageOps.exif_transpose(opened)
        if image.mode in _DEEP_MODES:
            return Raster(_squared(stretched(np.asarray(image)), opened))
        if image.mode not in ("L", "RGB"):
            image = image.convert("RGB")
        grey = np.asarray(image.convert("L"), dtype=np.uint8)
        hues = hues_of(np.asarray(image, dtype=np.uint8)) if image.mode == "RGB" else Hues.GREY
        return Raster(_squared(grey, opened), hues=hues)


def _check_size(columns: int, rows: int) -> None:
    if rows * columns > MAX_PIXELS:
        raise UnreadableImageError(ReasonCode.TOO_LARGE, what=f"{columns} × {rows} pixels")


def _squared(upright: ByteImage, opened: Image.Image) -> ByteImage:
    """Return an upright picture with its pixels made square, where the file calls them oblong."""
    across, down = _density(opened)
    if across != down and opened.getexif().get(ExifTags.Base.Orientation, 1) in _LYING:
        across, down = down, across
    return Geometry(aspect=plausible_aspect(height=across, width=down)).applied(upright)


def _density(opened: Image.Image) -> tuple[float, float]:
    """Return the dots per length along the rows and along the columns, as stored, or their proportion.

    JFIF's density and PNG's pHYs hold dots per unit, or where they name no unit the proportion alone.
    """
    named = ("jfif_density",) if opened.format == "JPEG" else ("aspect", "dpi")
    across, down = next((opened.info[name] for name in named if name in opened.info), (1, 1))
    return across, down


def _deep_grey(content: bytes) -> NDArray[np.uint16]:
    raw = np.frombuffer(content, dtype=np.uint8)
    decoded = cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    if decoded is None:
        raise ValueError("its pixels are damaged")
    return np.asarray(decoded, dtype=np.uint16)


def stretched(deep: NDArray[Any]) -> ByteImage:
    """Return values of more than 8 bits as grey levels, shape (rows, columns)."""
    values = np.clip(deep, 0, MAX_VALUE).astype(np.uint16)
    return to_grey(values, *unwindowed_range(values, MAX_VALUE + 1))


def _reason(error: Exception) -> Reason:
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        return Reason.of(ReasonCode.CANNOT_BE_OPENED, why=error.strerror)
    if isinstance(error, MemoryError):
        return Reason.of(ReasonCode.OUT_OF_MEMORY)
    if isinstance(error, (Image.DecompressionBombWarning, Image.DecompressionBombError)):
        return Reason.of(ReasonCode.TOO_LARGE, what="far too many pixels")
    if isinstance(error, UnidentifiedImageError):  # its text names the path; the outcome names it already
        return Reason.of(ReasonCode.HEADER_DAMAGED, why="its picture's size cannot be read")
    if "truncated" in text.lower():  # Pillow has no class for it
        return Reason.of(ReasonCode.PIXELS_TRUNCATED)
    return Reason.of(ReasonCode.PIXELS_DAMAGED, syntax="JPEG or PNG")
