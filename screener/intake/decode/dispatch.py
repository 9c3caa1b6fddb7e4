"""Compressed or not to stored values, and which transfer syntaxes this installation reads with what."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    UID,
    JPEGBaseline8Bit,
    RLELossless,
)

from screener.intake.decode import codecs
from screener.intake.decode.depth import LOSSY, fit_depth
from screener.intake.decode.fast import fast_decoder, fast_values
from screener.intake.decode.jpeg import decode_grey_jpeg
from screener.intake.decode.length import check_rle_length
from screener.said import Said, say

_COMPRESSED = (
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.5",
)

# Permissive licences only: pydicom would also take pylibjpeg-libjpeg, which is under GPL-3.
_LIBRARIES = {
    "simplejpeg": say("intake.reads_simplejpeg"),
    "pydicom": say("intake.reads_pydicom"),
    "imagecodecs": say("intake.reads_imagecodecs"),
    "pillow": say("intake.reads_pillow"),
}
_GPL = "pylibjpeg-libjpeg"


class MoreFramesError(ValueError):
    """The stream holds more frames, or larger ones, than the header says."""


def stored_values(dataset: Dataset) -> NDArray[Any]:
    """Return the stored values, shape (rows, columns), or (rows, columns, 3) for colour, which is RGB.

    With every bit that the stream holds: of native and lossless values, bits other than those that are
    Stored may be set. pydicom would drop the ones above; High Bit may put the picture there (PS3.5 8.1.1).
    Changes BitsStored and HighBit of the data set, which must be a copy, where they cannot be right.

    Raises:
        UnreadableImageError: They cannot be right, and nobody can tell what is.
        ValueError: The stream ends early, or holds more than one frame. The decoders raise others.
    """
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    values = fast_values(dataset, syntax)
    if values is None:
        values = _by_pydicom(dataset, syntax)
    if dataset.PhotometricInterpretation != "PALETTE COLOR":
        fit_depth(dataset, values)
    if syntax in LOSSY and values.ndim == 2:
        return within_bits_stored(values, dataset)
    return values


def _by_pydicom(dataset: Dataset, syntax: UID) -> NDArray[Any]:
    if syntax == JPEGBaseline8Bit:
        _check_complete(dataset)
    if syntax == RLELossless:
        check_rle_length(dataset)
    indices = dataset.PhotometricInterpretation == "PALETTE COLOR"  # they alone need the other bits cleared
    values = pixel_array(dataset, decoding_plugin=decoding_plugin(syntax), correct_unused_bits=indices)
    if values.ndim != (2 if dataset.SamplesPerPixel == 1 else 3):
        raise MoreFramesError("more frames than the header says")  # Rows or Columns are wrong
    return values


def decoders() -> list[tuple[str, str | Said]]:
    """Return each compressed transfer syntax (PS3.5 A.4) with the decoders that read it here.

    Where none does, say what is missing.
    """
    found: list[tuple[str, str | Said]] = []
    for uid in map(UID, _COMPRESSED):
        decoder = get_decoder(uid)
        plugin = decoding_plugin(uid)
        able = [plugin] if plugin in decoder.available_plugins else []
        plugins = ", ".join(dict.fromkeys(filter(None, (fast_decoder(uid), *able))))
        missing = "; ".join(each for each in decoder.missing_dependencies if _GPL not in each)
        found.append((uid.name, plugins or say("intake.no_decoder", missing=missing)))
    return found


def decoder_libraries() -> list[tuple[str, Said]]:
    """Return each library that decodes DICOM pixels with its version, or what is not read without it."""
    return [(name, _state(name, reads)) for name, reads in _LIBRARIES.items()]


def decoder_key() -> str:
    """Return the versions of all that reads files: what failed under others is tried again."""
    names = (*_LIBRARIES, "opencv-python-headless", "cxr-screener")
    return ", ".join(f"{name} {_version(name)}" for name in names)


def decoding_plugin(syntax: UID) -> str:
    """Return the one plugin of pydicom to decode with, empty for the one that it comes with.

    What ours refuses must not go on to others that happen to be installed: pyjpegls 1.5.1 takes 6 s to
    refuse a radiograph of 256 × 240 pixels, pylibjpeg-openjpeg 2.6 fills up a stream whose rest is zeros.
    """
    if syntax in codecs.SYNTAXES:
        return codecs.PLUGIN
    return {JPEGBaseline8Bit: "pillow", RLELossless: "pydicom"}.get(syntax, "")


def _check_complete(dataset: Dataset) -> None:
    """Refuse a baseline JPEG without its end or with damage: Pillow fills it up and says nothing."""
    for frame in generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1)):
        decode_grey_jpeg(frame)


def within_bits_stored(values: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    """Return the values of a lossy stream or of a lower resolution, none beyond the ends of Bits Stored.

    A stream that is deeper than Bits Stored may overshoot it: with the surplus bit cut off, white
    would come out black.
    """
    bits = int(dataset.BitsStored)
    lowest = -(1 << (bits - 1)) if dataset.PixelRepresentation == 1 else 0
    limits = np.iinfo(values.dtype)
    return np.asarray(np.clip(values, max(lowest, limits.min), min(lowest + (1 << bits) - 1, limits.max)))


def _state(name: str, reads: Said) -> Said:
    if found := _version(name):
        return say("intake.library", version=found, reads=reads)
    return say("intake.no_library", reads=reads, name=name)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
