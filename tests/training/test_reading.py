"""Ways of reading a film smaller than it is stored."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from screener.training.reading import WAYS, by_wavelet, halved, read_somehow

SIDE = 100


def soft_film(rows: int = 803, columns: int = 640) -> np.ndarray:
    noise = np.random.default_rng(0).normal(128, 400, (rows, columns)).astype(np.float32)
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 8), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_shows_the_same_film_no_smaller_than_wanted(way: str) -> None:
    film = soft_film()
    read = WAYS[way](film, SIDE)
    assert read.dtype == np.uint8
    assert SIDE <= min(read.shape) < 2 * SIDE
    assert abs(read.shape[0] / read.shape[1] - 803 / 640) < 0.03
    small, wanted = (cv2.resize(each, (64, 64), interpolation=cv2.INTER_AREA) for each in (read, film))
    assert np.abs(small.astype(int) - wanted).mean() < 3


@pytest.mark.parametrize("way", WAYS)
def test_a_film_that_is_small_enough_is_left_alone(way: str) -> None:
    film = soft_film(SIDE, SIDE)
    np.testing.assert_array_equal(WAYS[way](film, SIDE), film)


def test_ways_differ_where_a_film_has_fine_detail() -> None:
    film = np.random.default_rng(1).integers(0, 256, (400, 400), np.uint8)
    read = {way: WAYS[way](film, 200) for way in WAYS}
    contrast = {way: float(each.std()) for way, each in read.items()}
    assert contrast["bilinear"] > 1.2 * contrast["bilinear, antialiased"]
    assert contrast["Lanczos"] > contrast["bilinear, antialiased"]


@pytest.mark.parametrize("lossless", [True, False])
def test_a_wavelet_level_is_what_a_jpeg_2000_decoder_gives(lossless: bool) -> None:
    film = soft_film(512, 384)
    stream = io.BytesIO()
    rates = {} if lossless else {"quality_mode": "dB", "quality_layers": [60]}
    Image.fromarray(film).save(stream, "JPEG2000", irreversible=not lossless, num_resolutions=3, **rates)
    with Image.open(stream) as opened:
        opened.reduce = 1
        decoded = np.asarray(opened)
    assert np.abs(by_wavelet(film, 192, lossless).astype(int) - decoded).mean() < 1


def test_halving_stops_before_the_film_is_too_small() -> None:
    assert halved(soft_film(800, 640), 200).shape == (400, 320)


def test_the_way_is_drawn_and_the_same_for_the_same_generator() -> None:
    film = soft_film()
    read = [read_somehow(film, SIDE, np.random.default_rng(seed)) for seed in range(30)]
    again = [read_somehow(film, SIDE, np.random.default_rng(seed)) for seed in range(30)]
    assert all(np.array_equal(one, other) for one, other in zip(read, again, strict=True))
    assert len({each.tobytes() for each in read}) > 8
    assert min(min(each.shape) for each in read) >= SIDE
