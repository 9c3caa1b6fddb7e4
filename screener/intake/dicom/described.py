"""Attributes that describe pixels (PS3.3 C.7.6.3): corrects odd spellings and names invalid values."""

import re

from pydicom import Dataset
from pydicom.datadict import dictionary_description
from pydicom.multival import MultiValue
from pydicom.tag import Tag

from screener.errors import UnreadableImageError
from screener.intake.dicom.header import text
from screener.reasons import ReasonCode

_NUMBERS = (
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "SamplesPerPixel",
    "PlanarConfiguration",
    "NumberOfFrames",
)
_GREY = ("MONOCHROME1", "MONOCHROME2")
_COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT")
_PALETTE = "PALETTE COLOR"
_SPELT = re.compile(r"[^A-Z0-9]")  # what writers put between, or leave out
_MONOCHROME = re.compile(r"MON[A-Z]*0*(?P<kind>[12])")
_PLAIN = {_SPELT.sub("", name): name for name in (*_GREY, *_COLOURS)}
_LONGEST = 16  # characters of a code string (PS3.5 6.2)


def named(keyword: str) -> str:
    """Return an attribute's name and tag: "Rows (0028,0010)"."""
    tag = Tag(keyword)
    return f"{dictionary_description(tag)} ({tag.group:04X},{tag.element:04X})"


def photometric_interpretation(dataset: Dataset) -> str:
    """Return Photometric Interpretation as the standard spells it: "Monochrome-2" is MONOCHROME2.

    A value that the attribute does not have comes back unchanged.
    """
    said = text(dataset, "PhotometricInterpretation").upper().split("\\")[0].strip()
    plain = _SPELT.sub("", said)
    if plain.startswith("PALETTE"):
        return _PALETTE
    grey = _MONOCHROME.fullmatch(plain)
    return f"MONOCHROME{grey['kind']}" if grey else _PLAIN.get(plain, said)


def is_colour(interpretation: str) -> bool:
    """Return whether pixels of a Photometric Interpretation have three samples each."""
    return interpretation in _COLOURS


def keep_numbers(dataset: Dataset) -> None:
    """Let each attribute that is one number hold one: the first where there are several.

    Changes the data set, which must be a copy.

    Raises:
        UnreadableImageError: One of them is no number.
    """
    for keyword in _NUMBERS:
        if not text(dataset, keyword):
            continue
        value = dataset[keyword].value
        first = value[0] if isinstance(value, (MultiValue, list)) else value
        try:
            number = int(first)
        except (TypeError, ValueError):
            raise wrong(dataset, keyword) from None
        if value != number:
            setattr(dataset, keyword, number)


def fit_stored(dataset: Dataset) -> None:
    """Let HighBit say how many bits are stored, where BitsStored is none of the bits allocated.

    Changes the data set, which must be a copy.
    """
    allocated, high = int(dataset.BitsAllocated), int(dataset.HighBit)
    if not 0 < int(dataset.BitsStored) <= allocated and 0 < high < allocated:
        dataset.BitsStored = high + 1


def check_described(dataset: Dataset) -> None:
    """Raise if an attribute has a value that pixels of a radiograph cannot have.

    Raises:
        UnreadableImageError: One has not.
    """
    allocated = int(dataset.BitsAllocated)
    allowed = {
        "Rows": range(1, 1 << 16),
        "Columns": range(1, 1 << 16),
        "BitsAllocated": (1, 8, 16),
        "BitsStored": range(1, allocated + 1),
        "PixelRepresentation": (0, 1),
        "SamplesPerPixel": (1, 3),
    }
    for keyword, values in allowed.items():
        if int(dataset[keyword].value) not in values:
            raise wrong(dataset, keyword)
    if dataset.PhotometricInterpretation not in (*_GREY, *_COLOURS, _PALETTE):
        raise wrong(dataset, "PhotometricInterpretation")


def wrong(dataset: Dataset, keyword: str) -> UnreadableImageError:
    """Return the refusal of an attribute's value."""
    value = text(dataset, keyword)[:_LONGEST]
    return UnreadableImageError(ReasonCode.ATTRIBUTE_VALUE, attribute=named(keyword), value=value)
