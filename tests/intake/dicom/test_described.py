"""Attributes that describe pixels, with values that are none: put right where plain, else named."""

import re

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from screener.errors import UnreadableImageError
from screener.intake import open_image
from tests.intake.encodings import RADIOGRAPH, spanning, stored
from tests.intake.radiographs import image_file, shown
from tests.intake.twins import change
from tests.reasons import refusal, words

SILENT = {"native": ExplicitVRLittleEndian, "RLE": RLELossless}  # streams that say nothing of themselves
TELLING = {
    "JPEG .51": JPEGExtended12Bit,
    "JPEG lossless .70": JPEGLosslessSV1,
    "JPEG-LS .80": JPEGLSLossless,
    "JPEG 2000 .90": JPEG2000Lossless,
    "HTJ2K .201": HTJ2KLossless,
}


def assert_shows_the_radiograph(path):
    assert np.abs(shown(path).astype(int) - RADIOGRAPH).max() <= 1


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize(
    "written",
    [
        "MONOCHROME-{}",
        "MONOCHROME_{}",
        "MONO{}",
        "Mono {}",
        "MONOCHROM{}",
        "MONOCHROME0{}",
        "MONOCHROME{}\\RGB",
    ],
)
def test_a_spelling_that_leaves_no_doubt_is_read(keep, written, kind):
    said = written.format(kind).split("\\")
    path = keep(stored(inverted=kind == 1), PhotometricInterpretation=said, **spanning())
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("written", ["YBR FULL", "YBR-FULL", "YBRFULL", "ybr_full"])
def test_so_is_one_of_colours(keep, written):
    grey = np.full_like(RADIOGRAPH, 128)
    path = keep(np.dstack([RADIOGRAPH, grey, grey]), BitsStored=8, PhotometricInterpretation="YBR_FULL")
    change(path, PhotometricInterpretation=written)
    np.testing.assert_allclose(shown(path).astype(int), RADIOGRAPH, atol=1)


@pytest.mark.parametrize("written", ["MONOCHROME", "MONOCHROME3", "GRAYSCALE", "2", "CMYK", "?"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEG2000Lossless], ids=["native", "JPEG 2000"])
def test_one_that_leaves_a_doubt_is_named(keep, syntax, written):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, PhotometricInterpretation=written)
    reason = (
        rf"does not fit its pixels: Photometric Interpretation \(0028,0004\) is {written.replace('?', '.')}$"
    )
    with refusal(UnreadableImageError, match=reason):
        shown(path)


NAMES = {
    "Rows": r"Rows \(0028,0010\)",
    "Columns": r"Columns \(0028,0011\)",
    "BitsAllocated": r"Bits Allocated \(0028,0100\)",
    "BitsStored": r"Bits Stored \(0028,0101\)",
    "PixelRepresentation": r"Pixel Representation \(0028,0103\)",
    "SamplesPerPixel": r"Samples per Pixel \(0028,0002\)",
}
WRONG = [
    ("Rows", 0),
    ("Columns", 0),
    ("BitsAllocated", 0),
    ("BitsAllocated", 12),
    ("BitsStored", 0),
    ("BitsStored", 17),
    ("BitsStored", 255),
    ("PixelRepresentation", 2),
    ("PixelRepresentation", 65_535),
    ("SamplesPerPixel", 0),
    ("SamplesPerPixel", 2),
    ("SamplesPerPixel", 4),
]


@pytest.mark.parametrize(("keyword", "value"), WRONG)
@pytest.mark.parametrize("syntax", SILENT.values(), ids=SILENT)
def test_a_wrong_number_is_put_right_or_named(keep, syntax, keyword, value):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, **{keyword: value})
    reason = ""
    try:
        assert_shows_the_radiograph(path)
    except UnreadableImageError as error:
        reason = words(error)
    assert not reason or re.search(f"does not fit its pixels: .*{NAMES[keyword]} (is )?{value}", reason)


@pytest.mark.parametrize(("keyword", "value"), [each for each in WRONG if each[0] != "PixelRepresentation"])
@pytest.mark.parametrize("syntax", TELLING.values(), ids=TELLING)
def test_a_stream_that_tells_puts_a_wrong_number_right(keep, syntax, keyword, value):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, **{keyword: value})
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("syntax", [JPEGExtended12Bit, JPEG2000Lossless], ids=["JPEG", "JPEG 2000"])
def test_a_stream_that_tells_its_sign_puts_a_wrong_one_right(keep, syntax):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, PixelRepresentation=2)
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("syntax", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize(
    ("keyword", "value"),
    [("Rows", 0), ("Columns", 0), ("PixelRepresentation", 2)],
)
def test_a_wrong_number_that_nothing_puts_right_is_named(keep, syntax, keyword, value):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, **{keyword: value})
    with refusal(UnreadableImageError, match=f"does not fit its pixels: {NAMES[keyword]} is {value}$"):
        shown(path)


def test_more_bits_stored_than_allocated_are_named_where_nothing_tells(keep):
    path = keep(stored(8), BitsStored=8, **spanning(8))
    change(path, BitsStored=12, HighBit=11)
    with refusal(UnreadableImageError, match=rf"{NAMES['BitsStored']} is 12$"):
        shown(path)


def test_eight_bits_allocated_and_twelve_stored_of_a_jpeg_are_shown(keep):
    path = keep(stored(8), syntax=JPEGBaseline8Bit, BitsStored=8, **spanning(8))
    change(path, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)


@pytest.mark.parametrize(
    "keyword", ["Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "SamplesPerPixel"]
)
def test_the_first_of_several_numbers_counts(keep, keyword):
    path = keep(stored(), **spanning())
    dataset = pydicom.dcmread(path)
    value = dataset[keyword].value
    change(path, **{keyword: [value, value + 1]})
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("keyword", ["Rows", "BitsStored", "PixelRepresentation"])
def test_a_number_that_is_none_is_named_and_costs_no_identifiers(keep, keyword):
    path = keep(stored(), **spanning())
    dataset = pydicom.dcmread(path)
    dataset[keyword] = pydicom.DataElement(keyword, "LO", "many")
    dataset.save_as(path, enforce_file_format=True)
    image = open_image(image_file(path))
    assert image.identifiers.patient_id == "P-17"
    with refusal(UnreadableImageError, match=f"{NAMES[keyword]} is many"):
        image.radiograph()
