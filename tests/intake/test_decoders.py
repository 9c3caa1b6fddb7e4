import pytest

from screener.intake.decoders import decoders


@pytest.mark.parametrize(("syntax", "readers"), decoders(), ids=lambda value: value[:40])
def test_every_compressed_syntax_has_a_decoder(syntax, readers):
    assert not readers.startswith("none")


def test_twelve_bit_jpeg_has_a_decoder_of_ours():
    assert "gdcm-12-bit" in dict(decoders())["JPEG Extended (Process 2 and 4)"]
