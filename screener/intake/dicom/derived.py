"""Captures that carry another program's result: made from a radiograph, and no radiograph themselves."""

import re

import numpy as np
from numpy.typing import NDArray

from screener.intake.dicom.header import Header

DERIVED_CAPTURE = "a derived capture, perhaps another program's result"

_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"  # and .7.1 to .7.4, the multi-frame ones
_CAPTURED = frozenset(("OT", "SC"))

# What is written of an image that was stored in another way and still shows the same film.
_STORED_ANEW = re.compile(
    r"COMPRESS|LOSS(Y|LESS)|JPE?G|J2K|JP2|WAVELET|\bRLE\b|TRANSCOD|RESAMPL|RESIZ|DIGITI[SZ]|SCAN"
    r"|DE-?IDENTIF|ANONYM"
)
_WORKED_ON = re.compile(
    r"HEAT|OVERLAY|SALIEN|ACTIVATION|\bAI\b|\bCADE?X?\b|DETECT|ANNOTAT|SEGMENT|RESULT|PROBABIL|FINDING"
    r"|SUPPRESS|SUBTRACT"
)
_SAME_FILM_CODES = frozenset(("113040", "113085"))  # PS3.16 CID 7203: lossy compression, spatial resampling

_CLEARLY_COLOURED = (
    48  # of 255, between a pixel's channels: JPEG turns no grey into that, nor does tinted film
)
_LEAST_COLOURED = 2e-4  # of the pixels: the outline of a small box


def is_capture(header: Header) -> bool:
    """Return whether an image is a Secondary Capture by its class, or of Modality OT or SC."""
    uid = header.sop_class_uid
    captured = uid == _SECONDARY_CAPTURE or uid.startswith(f"{_SECONDARY_CAPTURE}.")
    return captured or header.modality in _CAPTURED


def is_derived_capture(header: Header) -> bool:
    """Return whether a capture says that it was made from another image, and not only stored anew.

    A digitised film names no image that it was made from. A gateway that compresses a film writes that it
    did (PS3.3 C.7.6.1.1.3, C.8.6.1): that is still the film.
    """
    if not is_capture(header) or header.image_type.startswith("ORIGINAL"):
        return False
    words, codes = header.derivation_description, header.derivation_codes
    if _WORKED_ON.search(words):
        return True
    told = bool(words or codes)
    stored_anew = bool(_STORED_ANEW.search(words)) or (not words and _SAME_FILM_CODES.issuperset(codes))
    return not stored_anew if told else header.made_from_images


def shows_colour(colour: NDArray[np.uint8]) -> bool:
    """Return whether a picture has real colour somewhere, such as a heat map or a marked box.

    colour: uint8, shape (rows, columns, 3).
    """
    red, green, blue = (colour[..., channel] for channel in range(3))
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    return int(np.count_nonzero(highest - lowest > _CLEARLY_COLOURED)) >= _LEAST_COLOURED * red.size
