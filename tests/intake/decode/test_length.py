"""Pixels that do not say their size, against a header that says another: refused, unless it is plain."""

import numpy as np
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from screener.errors import UnreadableImageError
from tests.intake.encodings import RADIOGRAPH, spanning, stored
from tests.intake.radiographs import shown
from tests.intake.twins import change
from tests.reasons import refusal

SYNTAXES = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "RLE": RLELossless,
}
REASON = r"the header does not fit its pixels: Rows \(0028,0010\) {}, Columns \(0028,0011\) {}, "
BITS_ALLOCATED = r"does not fit its pixels: .*Bits Allocated \(0028,0100\) {}"


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        pytest.param(200, 240, id="fewer rows"),
        pytest.param(255, 240, id="a row fewer"),
        pytest.param(256, 239, id="a column fewer"),
        pytest.param(128, 240, id="half the rows"),
        pytest.param(256, 120, id="half the columns"),
        pytest.param(255, 241, id="a little less in all"),
        pytest.param(300, 240, id="more rows"),
        pytest.param(256, 241, id="a column more"),
        pytest.param(512, 240, id="twice the rows"),
    ],
)
def test_a_header_of_another_size_is_refused_by_name(keep, syntax, rows, columns):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, Rows=rows, Columns=columns)
    with refusal(UnreadableImageError, match=REASON.format(rows, columns)):
        shown(path)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_an_odd_number_of_bytes_is_made_even(keep, syntax):
    """PS3.5 8.1.1: the one byte that belongs to no pixel."""
    odd = stored(8)[:255, :239]
    path = keep(
        odd, syntax=syntax, encode=_rle if syntax == RLELossless else None, BitsStored=8, **spanning(8)
    )
    np.testing.assert_array_equal(shown(path), RADIOGRAPH[:255, :239])


def _rle(dataset, pixels):
    imagecodecs = pytest.importorskip("imagecodecs")
    segment = b"".join(imagecodecs.packbits_encode(row.tobytes()) for row in pixels)
    return np.array([1, 64, *[0] * 14], "<u4").tobytes() + segment


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_bytes_in_16_bits_allocated_are_shown_where_8_are_stored(keep, syntax):
    path = keep(stored(8), syntax=syntax, BitsStored=8, **spanning(8))
    change(path, BitsAllocated=16)
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_they_are_refused_where_more_bits_are_stored(keep, syntax):
    path = keep(stored(8), syntax=syntax, BitsStored=8, **spanning(8))
    change(path, BitsAllocated=16, BitsStored=12, HighBit=11)
    with refusal(UnreadableImageError, match=BITS_ALLOCATED.format(16)):
        shown(path)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
@pytest.mark.parametrize("allocated", [0, 8, 12, 13, 32])
def test_words_in_other_bits_allocated_are_shown_where_12_are_stored(keep, syntax, allocated):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, BitsAllocated=allocated)
    assert np.abs(shown(path).astype(int) - RADIOGRAPH).max() <= 1


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_words_in_8_bits_allocated_and_8_stored_are_refused(keep, syntax):
    path = keep(stored(), syntax=syntax, **spanning())
    change(path, BitsAllocated=8, BitsStored=8, HighBit=7)
    with refusal(UnreadableImageError, match=BITS_ALLOCATED.format(8)):
        shown(path)


@pytest.mark.parametrize("said", ["YBR_FULL", "YBR_FULL_422"])
@pytest.mark.parametrize("real", ["YBR_FULL", "YBR_FULL_422"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=["native", "RLE"])
def test_the_length_says_whether_neighbours_share_their_colours(keep, syntax, said, real):
    if syntax == RLELossless and real == "YBR_FULL_422":
        pytest.skip("RLE has a segment for each sample of each pixel")
    grey = np.full_like(RADIOGRAPH, 128)
    path = keep(
        np.dstack([RADIOGRAPH, grey, grey]), syntax=syntax, BitsStored=8, PhotometricInterpretation="YBR_FULL"
    )
    change(path, PhotometricInterpretation=said)
    if real == "YBR_FULL_422":
        pairs = np.dstack([RADIOGRAPH[:, ::2], RADIOGRAPH[:, 1::2], grey[:, ::2], grey[:, ::2]])
        change(path, PixelData=pairs.tobytes())
    np.testing.assert_allclose(shown(path).astype(int), RADIOGRAPH, atol=1)
