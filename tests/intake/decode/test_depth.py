"""Bits Stored and High Bit that do not fit the values: the image as it is, or a reason that names them."""

import numpy as np
import pytest
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from screener.errors import UnreadableImageError
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from tests.intake.encodings import RADIOGRAPH, by_pydicom, spanning, stored
from tests.intake.radiographs import shown
from tests.intake.twins import change
from tests.reasons import refusal

UNCOMPRESSED = {"native": ExplicitVRLittleEndian, "big endian": ExplicitVRBigEndian, "RLE": RLELossless}
SYNTAXES = UNCOMPRESSED | {
    "JPEG .51": JPEGExtended12Bit,
    "JPEG lossless .57": JPEGLossless,
    "JPEG lossless .70": JPEGLosslessSV1,
    "JPEG-LS .80": JPEGLSLossless,
    "JPEG-LS .81": JPEGLSNearLossless,
    "JPEG 2000 .90": JPEG2000Lossless,
    "JPEG 2000 .91": JPEG2000,
    "HTJ2K .201": HTJ2KLossless,
    "HTJ2K .203": HTJ2K,
}
REASON = r"the header does not fit its pixels: Bits Stored \(0028,0101\) is"


def assert_shows_the_radiograph(path):
    assert np.abs(shown(path).astype(int) - RADIOGRAPH).max() <= 1


@pytest.mark.parametrize("bits", [11, 10, 8])
@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_fewer_bits_stored_than_the_values_have_change_nothing(keep, syntax, bits):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, BitsStored=bits, HighBit=bits - 1)
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEG2000], ids=["lossless", "lossy"])
def test_nor_do_they_where_an_image_is_read_smaller(keep, syntax):
    path = keep(stored(), syntax=syntax, **spanning())
    sound = display(open_dicom(path).dataset, 120).pixels
    assert sound.shape == (128, 120)
    change(path, BitsStored=10, HighBit=9)
    np.testing.assert_allclose(display(open_dicom(path).dataset, 120).pixels.astype(int), sound, atol=1)


@pytest.mark.parametrize("elements", [{}, {"PhotometricInterpretation": "MONOCHROME1"}], ids=["2", "1"])
@pytest.mark.parametrize("bits", [10, 8])
def test_nor_do_they_without_a_window(keep, bits, elements):
    path = keep(stored(inverted=bool(elements)), **elements)
    sound = shown(path)
    change(path, BitsStored=bits, HighBit=bits - 1)
    np.testing.assert_array_equal(shown(path), sound)


@pytest.mark.parametrize("bits", [12, 10])
@pytest.mark.parametrize(
    ("syntax", "options"),
    [(JPEGLSLossless, {}), (JPEG2000Lossless, {}), (JPEG2000, {"j2k_psnr": [120]})],
    ids=["JPEG-LS .80", "JPEG 2000 .90", "JPEG 2000 .91"],
)
def test_a_stream_that_names_more_bits_than_the_values_have_is_shown(keep, syntax, options, bits):
    path = keep(stored(), syntax=syntax, encode=by_pydicom(syntax, **options), BitsStored=16, **spanning())
    change(path, BitsStored=bits, HighBit=bits - 1)
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_more_bits_allocated_and_fewer_stored_in_bytes_change_nothing(keep, syntax):
    if syntax == JPEGExtended12Bit:
        pytest.skip("8 bits there are baseline JPEG's")
    path = keep(stored(8), syntax=syntax, BitsStored=8, **spanning(8))
    change(path, BitsStored=6, HighBit=5)
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("bits", [11, 10, 8])
@pytest.mark.parametrize("syntax", UNCOMPRESSED.values(), ids=UNCOMPRESSED)
def test_signed_values_keep_the_sign_that_goes_up_to_the_top(keep, syntax, bits):
    path = keep(stored(signed=True), syntax=syntax, **spanning(signed=True))
    change(path, BitsStored=bits, HighBit=bits - 1)
    assert_shows_the_radiograph(path)


def test_an_overlay_above_values_that_are_deeper_than_bits_stored_is_not_shown(keep):
    pixels = stored()
    pixels[60:90, 60:90] |= 0x8000
    path = keep(pixels, **spanning())
    change(path, BitsStored=10, HighBit=9)
    assert_shows_the_radiograph(path)


def test_one_overlay_in_two_bits_is_not_shown(keep):
    pixels = stored()
    pixels[60:90, 60:90] |= 0x3000
    assert_shows_the_radiograph(keep(pixels, **spanning()))


@pytest.mark.parametrize("bits", [11, 10, 8])
def test_a_high_bit_above_fewer_bits_stored_is_refused(keep, bits):
    """Whether the lowest bits are picture or not, and so which window it has, nobody can tell."""
    path = keep(stored(), **spanning())
    change(path, BitsStored=bits, HighBit=11)
    with refusal(UnreadableImageError, match=REASON + rf" {bits}, High Bit \(0028,0102\) is 11"):
        shown(path)


@pytest.mark.parametrize(
    "surplus",
    [
        pytest.param(np.random.default_rng(5).integers(0, 16, RADIOGRAPH.shape), id="noise"),
        pytest.param(np.full(RADIOGRAPH.shape, 3), id="all alike"),
        pytest.param(np.where(np.arange(240) < 150, 3, 0), id="most of the picture"),
    ],
)
def test_bits_above_that_are_neither_picture_nor_overlay_are_refused(keep, surplus):
    pixels = stored() | (np.broadcast_to(surplus, RADIOGRAPH.shape) << 12).astype(np.uint16)
    with refusal(UnreadableImageError, match=REASON + " 12"):
        shown(keep(pixels, **spanning()))


@pytest.mark.parametrize("high_bit", [0, 10, 12, 15, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("syntax", UNCOMPRESSED.values(), ids=UNCOMPRESSED)
def test_a_high_bit_off_the_values_changes_nothing(keep, syntax, signed, high_bit):
    path = keep(stored(signed=signed), syntax=syntax, **spanning(signed=signed))
    change(path, HighBit=high_bit)
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize("high_bit", [15])
@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_nor_does_it_above_a_compressed_stream(keep, syntax, high_bit):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, HighBit=high_bit)
    assert_shows_the_radiograph(path)


def test_a_colour_capture_of_more_bits_than_stored_is_refused(keep):
    capture = np.dstack([stored()] * 3)
    path = keep(capture, PhotometricInterpretation="RGB", BitsStored=12)
    assert shown(path).max() == 255
    change(path, BitsStored=10, HighBit=9)
    with refusal(UnreadableImageError, match=REASON + " 10"):
        shown(path)


@pytest.mark.parametrize("syntax", UNCOMPRESSED.values(), ids=UNCOMPRESSED)
def test_signed_values_that_the_header_calls_unsigned_are_refused_where_their_sign_goes_up(keep, syntax):
    path = keep(stored(signed=True), syntax=syntax, **spanning(signed=True))
    change(path, PixelRepresentation=0)
    with refusal(UnreadableImageError, match=r"fit its pixels: (Pixel Representation|Bits Stored)"):
        shown(path)
