import pytest
from pydicom.uid import ImplicitVRLittleEndian

from screener.intake.decode import dispatch as decoders_module
from screener.intake.decode.codecs import PLUGIN, SYNTAXES
from screener.intake.decode.dispatch import decoder_libraries, decoders, decoding_plugin


@pytest.mark.parametrize(("syntax", "readers"), decoders(), ids=lambda value: value[:40])
def test_every_compressed_syntax_has_a_decoder(syntax, readers):
    assert isinstance(readers, str)  # not a sentence of what is missing


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)
def test_what_ours_refuses_goes_to_no_other_decoder_that_is_installed(syntax):
    """The tests encode with pylibjpeg-openjpeg, pyjpegls and GDCM, which would fill up what is missing."""
    assert decoding_plugin(syntax) == PLUGIN
    assert dict(decoders())[syntax.name] == PLUGIN


def test_doctor_names_only_decoders_that_are_used():
    named = {name for _, plugins in decoders() for name in plugins.split(", ")}
    assert named == {"simplejpeg", "pillow", "imagecodecs", "pydicom"}


def test_an_uncompressed_image_is_left_to_pydicom():
    assert decoding_plugin(ImplicitVRLittleEndian) == ""


def test_every_decoder_library_is_listed_with_what_it_reads():
    libraries = dict(decoder_libraries())
    assert "JPEG-LS" in str(libraries["imagecodecs"])
    assert {state.key for state in libraries.values()} == {"intake.library"}


def test_a_missing_library_is_listed_with_what_it_would_read(monkeypatch):
    monkeypatch.setitem(decoders_module._LIBRARIES, "no-such-decoder", "JPEG XL")
    assert str(dict(decoder_libraries())["no-such-decoder"]) == (
        "not installed, would read JPEG XL: pip install no-such-decoder"
    )


def test_no_library_under_the_gpl_is_asked_for():
    rows = (*decoders(), *decoder_libraries())
    assert not any("pylibjpeg-libjpeg" in str(text) for row in rows for text in row)
