"""The squares of images read smaller: those that the whole images give."""

import cv2
import numpy as np
import pytest

from screener.preprocessing.area_resize import shrink
from screener.preprocessing.cell_means import IRREVERSIBLE, cell_means
from screener.preprocessing.resolution import halved
from screener.preprocessing.ways import by_area, by_wavelet
from screener.sampling import LowPass, Sampling

SIDES = [(1001, 1026), (1794, 2050), (896, 3000), (3587, 4096)]
LOW_PASS = list(LowPass)


def _radiograph(rows, columns):
    """Return a picture with edges, slopes and noise."""
    rng = np.random.default_rng(rows)
    down, across = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
    bones = 40 * (np.sin(60 * down + 9 * across) > 0.8)
    picture = 60 + 90 * down * across + bones + rng.normal(0, 3, (rows, columns))
    return cv2.GaussianBlur(np.clip(picture, 0, 255).astype(np.uint8), (0, 0), rows / 1000)


def _read_smaller(radiograph, times, low_pass):
    if low_pass is LowPass.MEAN:
        return by_area(radiograph, times)
    options = {"low_pass": IRREVERSIBLE} if low_pass is LowPass.IRREVERSIBLE else {}
    return by_wavelet(radiograph, times, **options)


@pytest.mark.slow
@pytest.mark.parametrize("low_pass", LOW_PASS)
@pytest.mark.parametrize("sides", SIDES, ids=str)
def test_an_image_read_smaller_gives_the_square_of_the_whole_one(sides, low_pass):
    radiograph = _radiograph(*sides)
    times = 3 if min(sides) > 3584 else 2 if min(sides) > 1792 else 1
    read = _read_smaller(radiograph, times, low_pass)
    whole = shrink(radiograph, 224).astype(int)
    corrected = np.abs(cell_means(read, Sampling.of(sides, times, low_pass), 224) - whole)
    plain = np.abs(shrink(read, 224) - whole)
    assert corrected.mean() < 0.35
    assert corrected.mean() < plain.mean() / 2 or plain.mean() < 0.35


@pytest.mark.parametrize("low_pass", LOW_PASS)
def test_grey_stays_the_same_grey_up_to_the_edges(low_pass):
    sampling = Sampling.of((1001, 1026), 1, low_pass)
    assert set(np.unique(cell_means(np.full((501, 513), 200, np.uint8), sampling, 224))) == {200}


@pytest.mark.parametrize("low_pass", LOW_PASS)
@pytest.mark.parametrize("turn", ["transposed", "mirrored", "flipped"])
def test_an_image_turned_after_it_was_read_gives_the_turned_square(low_pass, turn):
    read = _read_smaller(_radiograph(1001, 1026), 1, low_pass)
    sampling = Sampling.of((1001, 1026), 1, low_pass)
    turned = {"transposed": np.transpose, "mirrored": np.fliplr, "flipped": np.flipud}[turn]
    found = cell_means(np.ascontiguousarray(turned(read)), sampling.turned(**{turn: True}), 224)
    np.testing.assert_allclose(found.astype(int), turned(cell_means(read, sampling, 224)), atol=1)


def test_a_corner_that_no_sample_lies_behind_is_not_made_up():
    """The last row and column of an odd image are filled up: a white frame must not spill over its edge."""
    radiograph = np.zeros((901, 901), np.uint8)
    radiograph[:, -1] = 255
    sampling = Sampling.of((901, 901), 1, LowPass.MEAN)
    square = cell_means(halved(radiograph, 1), sampling, 224)
    assert square[:, :-2].max() == 0
    assert square[:, -1].mean() == pytest.approx(255 * 224 / 901, abs=25)
