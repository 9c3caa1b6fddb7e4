"""The fast decoders give what pydicom's give, and leave to those what they cannot read."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    HTJ2K,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from screener.errors import UnreadableImageError
from screener.intake.decode import fast as fast_decoders
from screener.intake.decode.dispatch import decoders, stored_values
from screener.intake.decode.fast import fast_values
from tests.intake.encodings import RADIOGRAPH, _jpeg, compress, shorten, stored

SYNTAXES = (
    JPEG2000Lossless,
    HTJ2KLossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.rpartition(".")[2])
def test_a_fast_decoder_gives_the_same_stored_bits(make_dicom, syntax, signed, bits):
    path = make_dicom(stored(bits, signed=signed), BitsStored=bits)
    compress(path, syntax)
    dataset = dcmread(path)
    fast, plain = fast_values(dataset, syntax), pixel_array(dataset, correct_unused_bits=False)
    if syntax == JPEGLSNearLossless and signed:
        assert fast is None
        return
    used = (1 << bits) - 1
    np.testing.assert_array_equal(fast.astype(np.uint16) & used, plain.astype(np.uint16) & used)
    assert fast.std() > 0


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_uncompressed_values_are_those_of_the_file_without_a_copy(make_dicom, signed, bits):
    dataset = dcmread(make_dicom(stored(bits, signed=signed), BitsStored=bits))
    fast = fast_values(dataset, ExplicitVRLittleEndian)
    plain = pixel_array(dataset, correct_unused_bits=False)
    assert fast.dtype == plain.dtype
    np.testing.assert_array_equal(fast, plain)
    assert not fast.flags.writeable


def test_uncompressed_values_of_another_length_are_left_to_pydicom(make_dicom):
    dataset = dcmread(make_dicom(stored(12), BitsStored=12))
    dataset.PixelData = dataset.PixelData[:-2]
    assert fast_values(dataset, ExplicitVRLittleEndian) is None


def test_baseline_jpeg_is_decoded_once_to_the_same_values(make_dicom):
    path = make_dicom(stored(8), BitsStored=8)
    compress(path, JPEGBaseline8Bit)
    dataset = dcmread(path)
    np.testing.assert_array_equal(fast_values(dataset, JPEGBaseline8Bit), pixel_array(dataset))


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.rpartition(".")[2])
def test_a_stream_cut_short_is_left_to_those_who_tell(make_dicom, syntax):
    path = make_dicom(stored(12), BitsStored=12)
    compress(path, syntax)
    shorten(path, 0.6)
    dataset = dcmread(path)
    with pytest.raises((ValueError, RuntimeError)):
        stored_values(dataset)


@pytest.mark.parametrize("syntax", [RLELossless, ExplicitVRLittleEndian], ids=["RLE", "native"])
def test_colour_is_left_to_pydicom(make_dicom, syntax):
    colour = dcmread(make_dicom(np.zeros((64, 64, 3), np.uint8)))
    assert fast_values(colour, syntax) is None


def test_indices_of_a_palette_are_left_to_pydicom(make_dicom):
    palette = dcmread(make_dicom(stored(8), BitsStored=8))
    palette.PhotometricInterpretation = "PALETTE COLOR"
    assert fast_values(palette, ExplicitVRLittleEndian) is None


def test_a_grey_image_whose_jpeg_has_colours_shows_their_luma(make_dicom):
    path = make_dicom(RADIOGRAPH, BitsStored=8)
    compress(path, JPEGBaseline8Bit, lambda dataset, pixels: _jpeg(np.dstack([RADIOGRAPH] * 3)))
    shown = fast_values(dcmread(path), JPEGBaseline8Bit)
    assert np.abs(shown.astype(int) - RADIOGRAPH).max() <= 2


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_white_that_a_lossy_stream_overshoots_stays_white(make_dicom, signed):
    """imagecodecs lets OpenJPH's values wrap there: white would come out black."""
    path = make_dicom(stored(16, signed=signed), BitsStored=16, PixelRepresentation=int(signed))
    compress(path, HTJ2K)
    values = stored_values(dcmread(path))
    assert np.abs(values.astype(int) - stored(16, signed=signed)).max() <= 3


def test_without_the_library_the_same_values_come_from_pydicom(make_dicom, monkeypatch):
    path = make_dicom(stored(12), BitsStored=12)
    compress(path, RLELossless)
    fast = stored_values(dcmread(path))
    monkeypatch.setattr(fast_decoders, "_decoders", dict)
    np.testing.assert_array_equal(stored_values(dcmread(path)), fast)


def test_doctor_names_the_fast_decoder_first():
    assert dict(decoders())[RLELossless.name].startswith("imagecodecs, ")


def test_damage_that_the_decoder_finds_is_never_passed_over(make_dicom):
    """imagecodecs only prints what OpenJPH finds, and returns the image with a hole."""
    path = make_dicom(stored(12), BitsStored=12)
    compress(path, HTJ2KLossless)
    dataset = dcmread(path)
    stream = next(generate_frames(dataset.PixelData, number_of_frames=1))
    rng, refused = np.random.default_rng(0), 0
    for start in rng.integers(300, len(stream) - 600, 20):
        damaged = stream[:start] + rng.bytes(300) + stream[start + 300 :]
        dataset.PixelData = encapsulate([damaged])
        try:
            stored_values(dataset)
        except (ValueError, RuntimeError, UnreadableImageError):
            refused += 1
    assert refused >= 3
