"""The ways of reading imitate what codecs do."""

from io import BytesIO

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from screener.preprocessing.resolution import halved_size
from screener.preprocessing.ways import RULE, WAYS, by_area, by_dct

SIDES = 501, 604


@pytest.fixture
def radiograph():
    noise = np.random.default_rng(1).integers(0, 256, SIDES).astype(np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return cv2.normalize(smooth, np.empty_like(smooth), 20, 235, cv2.NORM_MINMAX)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_every_way_gives_the_same_square_but_for_its_sharpness(radiograph, way):
    square = way.square(radiograph, 112, 1)
    assert square.shape == (112, 112)
    assert square.dtype == np.uint8
    assert np.abs(square.astype(int) - RULE.square(radiograph, 112, 1)).mean() < 6


def test_no_two_ways_are_the_same(radiograph):
    squares = {way.square(radiograph, 112, 1).tobytes() for way in WAYS}
    assert len(squares) == len(WAYS)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_libjpeg_turbo_scales_down_by_area(radiograph, times):
    """So a JPEG read at a DCT scale is read as the rule reads all others."""
    stream = simplejpeg.encode_jpeg(
        radiograph[..., np.newaxis], quality=100, colorspace="GRAY", colorsubsampling="Gray"
    )
    rows, columns = (halved_size(side, times) for side in SIDES)
    decoded = simplejpeg.decode_jpeg(stream, "GRAY", min_height=rows, min_width=columns)[..., 0]
    assert np.abs(by_area(radiograph, times).astype(int) - decoded).max() <= 1


def test_low_dct_coefficients_keep_the_mean_of_a_block_and_more_of_its_edges(radiograph):
    rows, columns = 496, 600
    blocks = by_dct(radiograph[:rows, :columns], 1).reshape(rows // 8, 4, columns // 8, 4)
    means = by_area(radiograph[:rows, :columns], 3)
    assert np.abs(blocks.mean(axis=(1, 3)) - means).max() <= 1
    assert by_dct(radiograph, 1).std() > by_area(radiograph, 1).std()


@pytest.mark.parametrize(
    ("irreversible", "name"), [(False, "5/3 wavelet level, area"), (True, "9/7 wavelet level, area")]
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_wavelet_level_is_what_openjpeg_decodes(radiograph, irreversible, name, times):
    [way] = [way for way in WAYS if way.name == name]
    even = np.ascontiguousarray(radiograph[:500, :600])
    stream = BytesIO()
    Image.fromarray(even).save(stream, "JPEG2000", irreversible=irreversible)
    opened = Image.open(stream)
    opened.reduce = times
    found = way.reduced(even, times)
    assert np.abs(found.astype(int) - np.asarray(opened))[2:-2, 2:-2].max() <= 3
