import pytest
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

from screener.intake import decoders as decoders_module
from screener.intake.decoders import decoder_libraries, decoders, decoding_plugin


@pytest.mark.parametrize(("syntax", "readers"), decoders(), ids=lambda value: value[:40])
def test_every_compressed_syntax_has_a_decoder(syntax, readers):
    assert not readers.startswith("none")


def test_twelve_bit_jpeg_has_a_decoder_of_ours():
    assert "gdcm-12-bit" in dict(decoders())["JPEG Extended (Process 2 and 4)"]


@pytest.mark.parametrize(
    "syntax",
    [JPEGLSLossless, JPEGLSNearLossless, JPEG2000Lossless, JPEG2000],
    ids=["JPEG-LS .80", "JPEG-LS .81", "JPEG 2000 .90", "JPEG 2000 .91"],
)
def test_what_gdcm_refuses_as_truncated_goes_to_no_other_decoder(syntax):
    assert decoding_plugin(syntax) == "gdcm"
    assert dict(decoders())[syntax.name].split(", ")[-1] == "gdcm"


@pytest.mark.parametrize(
    "syntax", [JPEGBaseline8Bit, HTJ2K, ImplicitVRLittleEndian], ids=lambda uid: uid.name
)
def test_other_syntaxes_are_left_to_pydicom(syntax):
    assert decoding_plugin(syntax) == ""


def test_every_decoder_library_is_listed_with_what_it_reads():
    libraries = dict(decoder_libraries())
    assert "JPEG-LS" in libraries["python-gdcm"]
    assert not any("not installed" in state for state in libraries.values())


def test_a_missing_library_is_listed_with_what_it_would_read(monkeypatch):
    monkeypatch.setitem(decoders_module._LIBRARIES, "no-such-decoder", "JPEG XL")
    assert dict(decoder_libraries())["no-such-decoder"] == (
        "not installed, would read JPEG XL: pip install no-such-decoder"
    )


def test_no_library_under_the_gpl_is_asked_for():
    assert not any("pylibjpeg-libjpeg" in text for row in (*decoders(), *decoder_libraries()) for text in row)
