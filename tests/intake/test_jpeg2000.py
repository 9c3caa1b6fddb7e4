"""JPEG 2000 at a lower resolution: the same film smaller, and nothing cut short gets through."""

import cv2
import numpy as np
import pytest
from pydicom.uid import JPEG2000, JPEG2000Lossless

from screener.errors import UnreadableImageError
from screener.intake import classify, open_image, pixel_digest
from screener.intake.dicom import open_dicom
from screener.intake.jpeg2000 import lower_resolution
from screener.intake.pixels import display

from .encodings import FILM, compress, shorten, spanning

SIDE = 1000
MOST = 12  # grey levels between a lower resolution and the area mean, at an edge


def _large(bits=12, signed=False):
    large = cv2.resize(cv2.GaussianBlur(FILM, (0, 0), 2), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    values = np.round(large.astype(float) * ((2**bits - 1) / 255)).astype(int)
    return (values - signed * 2 ** (bits - 1)).astype("i2" if signed else "u2" if bits > 8 else "u1")


@pytest.fixture
def make_film(make_dicom):
    def make(bits=12, *, syntax=JPEG2000Lossless, signed=False, pixels=None, **elements):
        pixels = _large(bits, signed) if pixels is None else pixels
        path = make_dicom(pixels, BitsStored=bits, **spanning(bits, signed=signed), **elements)
        compress(path, syntax)
        return path

    return make


@pytest.mark.parametrize("bits", [8, 10, 12, 15])
@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEG2000], ids=["lossless", "lossy"])
def test_a_film_comes_at_half_its_size_and_looks_the_same(make_film, bits, syntax):
    path = make_film(bits, syntax=syntax)
    whole = display(open_dicom(path).dataset).pixels
    fast = display(open_dicom(path).dataset, fast_jpeg2000=True).pixels
    assert fast.shape == (SIDE // 2, SIDE // 2)
    smaller = cv2.resize(whole, fast.shape, interpolation=cv2.INTER_AREA)
    assert np.abs(smaller.astype(int) - fast).max() <= MOST
    assert np.abs(smaller.astype(int) - fast).mean() < 1


def test_without_asking_a_film_comes_whole(make_film):
    path = make_film()
    assert display(open_dicom(path).dataset).pixels.shape == (SIDE, SIDE)


@pytest.mark.parametrize("where", ["in its capsule", "zeros for the rest", "in its capsule, with an end"])
@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_what_is_missing_is_missed_though_it_is_not_read(make_film, share, where):
    path = make_film()
    end = b"\xff\xd9" if where.endswith("end") else b""
    shorten(path, share, zeros=where == "zeros for the rest", end=end)
    assert lower_resolution(open_dicom(path).dataset) is None
    with pytest.raises(UnreadableImageError):
        display(open_dicom(path).dataset, fast_jpeg2000=True)


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"signed": True}, id="signed"),
        pytest.param({"pixels": _large()[:800, :800]}, id="small"),
    ],
)
def test_what_cannot_be_halved_comes_whole(make_film, elements):
    dataset = open_dicom(make_film(**elements)).dataset
    assert lower_resolution(dataset) is None
    assert display(dataset, fast_jpeg2000=True).pixels.shape == (dataset.Rows, dataset.Columns)


def test_a_smaller_film_is_known_again_by_its_file(make_film):
    path = make_film()
    image = open_image(classify(path, path.name))
    whole, fast = image.radiograph().pixels, image.radiograph(fast_jpeg2000=True).pixels
    assert image.digest(whole) == pixel_digest(whole)
    assert image.digest(fast).startswith("file:")
