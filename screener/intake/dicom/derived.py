"""Captures that carry another program's result: made from a radiograph, and no radiograph themselves."""

import re

import numpy as np
from numpy.typing import NDArray

from screener.intake.dicom.header import Header

_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"  # and .7.1 to .7.4, the multi-frame ones
_CAPTURED = frozenset(("OT", "SC"))

_WORD = re.compile(r"[^\W_]+")
# What is written of an image that was stored in another way and still shows the same image.
_STORED_ANEW = re.compile(
    r"(DE)?COMPRESS\w*|LOSS(Y|LESS|LESSLY)|(HT)?JPE?G(\d+|LS|XL)?|(HT)?J2K|JP2|WAVELETS?|RLE"
    r"|TRANSCOD\w*|(RE|DOWN|SUB)SAMPL\w*|RESIZ\w*|(RE)?DIGITI[SZ]\w*|SCAN(S|NED|NER|NING)?"
    r"|DEIDENTIF\w*|(PSEUD)?ANONYM\w*"
)
_UNIT = "X|BITS?|PX|PIXELS?|DPI|PPI|MM|CM|UM|ΜM|MICRONS?|B|KB|MB|BPP|PERCENT"
_MEASURE = re.compile(rf"[QV]?\d+(X\d+)*({_UNIT})?|{_UNIT}")
# Words that say nothing of what the image shows; those of DCMTK's compression texts are among them.
_FILLERS = frozenset(
    b"A AN AND AS AT BEEN BY DE FOR FROM HAS IN IS IT NO NON OF ON OR PER RE THE THEN TO USING VIA WAS WITH "
    b"WITHOUT CHEST FILM FILMS IMAGE IMAGES ORIGINAL PICTURE PICTURES RADIOGRAPH RADIOGRAPHS RADIOGRAM RAY "
    b"XRAY DATA DICOM FILE FORMAT PACS PIXEL SYNTAX TRANSFER ALGORITHM CODEC CODED CODER ENCODED ENCODER "
    b"ENCODING METHOD PROCESS DCT COSINE DISCRETE HUFFMAN TRANSFORM BASELINE EXTENDED FULL HIERARCHICAL "
    b"PROGRESSION PROGRESSIVE SELECTION SEQUENTIAL SPECTRAL FIRST ORDER POINT PREDICTION PREDICTOR VALUE "
    b"FACTOR IJG LEVEL QUALITY RATE RATIO IRREVERSIBLE IRREVERSIBLY REVERSIBLE REVERSIBLY NEAR VISUALLY LS "
    b"BICUBIC BILINEAR CUBIC INTERPOLATED INTERPOLATION LANCZOS LINEAR DIMENSIONS HEIGHT MATRIX REDUCED "
    b"RESOLUTION SIZE SIZED SPATIAL WIDTH PATIENT AVEC SANS PERTE PERTES CON PERDITA".decode().split()
)
_WORKED_ON = re.compile(
    r"HEAT|OVERLAY|SALIEN|ACTIVATION|\bAI\b|\bCADE?X?\b|DETECT|ANNOTAT|SEGMENT|RESULT|PROBABIL|FINDING"
    r"|SUPPRESS|SUBTRACT"
)
_SAME_IMAGE_CODES = frozenset(("113040", "113085"))  # PS3.16 CID 7203: lossy compression, spatial resampling

_CLEARLY_COLOURED = (
    48  # of 255, between a pixel's channels: JPEG turns no grey into that, nor does tinted image
)
_LEAST_COLOURED = 2e-4  # of the pixels: the outline of a small box


def is_capture(header: Header) -> bool:
    """Return whether an image is a Secondary Capture by its class, or of Modality OT or SC."""
    uid = header.sop_class_uid
    captured = uid == _SECONDARY_CAPTURE or uid.startswith(f"{_SECONDARY_CAPTURE}.")
    return captured or header.modality in _CAPTURED


def is_derived_capture(header: Header) -> bool:
    """Return whether a capture says that it was made from another image, and not only stored anew.

    A digitised image names no image that it was made from. A gateway that compresses an image writes that it
    did (PS3.3 C.7.6.1.1.3, C.8.6.1): that is still the image.
    """
    if not is_capture(header) or header.image_type.startswith("ORIGINAL"):
        return False
    words, codes = header.derivation_description, header.derivation_codes
    if _WORKED_ON.search(words):
        return True
    described = bool(words or codes)
    stored_anew = _says_stored_anew(words) if words else _SAME_IMAGE_CODES.issuperset(codes)
    return not stored_anew if described else header.made_from_images


def _says_stored_anew(description: str) -> bool:
    """Return whether a description, in upper case, says that an image was stored anew, and nothing else.

    A program that names itself or its result beside it, as in "qXR scan output", made something of the image.
    """
    words = _WORD.findall(description.replace("DE-IDENTIF", "DEIDENTIF"))
    others = [each for each in words if not _STORED_ANEW.fullmatch(each)]
    return len(others) < len(words) and all(each in _FILLERS or _MEASURE.fullmatch(each) for each in others)


def shows_colour(colour: NDArray[np.uint8]) -> bool:
    """Return whether a picture has real colour somewhere, such as a heat map or a marked box.

    colour: uint8, shape (rows, columns, 3).
    """
    red, green, blue = (colour[..., channel] for channel in range(3))
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    return int(np.count_nonzero(highest - lowest > _CLEARLY_COLOURED)) >= _LEAST_COLOURED * red.size
