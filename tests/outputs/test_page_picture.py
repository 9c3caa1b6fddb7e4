import cv2
import numpy as np
import pytest

from screener.outputs.page_picture import PICTURE_BYTES, THUMBNAIL_BYTES, page_picture


def noise(rows: int, columns: int, spread: float = 60.0) -> np.ndarray:
    grey = np.random.default_rng(0).normal(128, spread, (rows, columns))
    return np.clip(grey, 0, 255).astype(np.uint8)


def decoded(picture: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)


def test_an_image_keeps_its_aspect_and_has_at_most_1024_pixels_and_one_channel():
    drawn = page_picture(np.full((3000, 2000), 90, np.uint8), full=True)
    assert decoded(drawn.full).shape == (1024, 683)
    assert decoded(drawn.thumbnail).shape == (112, 75)


def test_a_small_image_is_not_blown_up():
    assert decoded(page_picture(np.full((300, 200), 90, np.uint8), full=True).full).shape == (300, 200)


@pytest.mark.parametrize("spread", [1, 9, 30, 120], ids=lambda spread: f"noise {spread}")
@pytest.mark.parametrize("shape", [(2500, 2048), (800, 2400), (30, 4000)], ids=str)
def test_a_thumbnail_never_takes_more_than_3000_bytes(shape, spread):
    assert 0 < len(page_picture(noise(*shape, spread), full=False).thumbnail) <= THUMBNAIL_BYTES


def test_a_grainy_image_is_made_to_fit_and_an_ordinary_one_keeps_its_quality():
    grainy = page_picture(noise(2500, 2048, 30), full=True)
    assert len(grainy.full) <= PICTURE_BYTES
    ramp = np.tile(np.linspace(0, 255, 900).astype(np.uint8), (900, 1))
    assert np.abs(decoded(page_picture(ramp, full=True).full).astype(int) - ramp).max() <= 4


def test_only_a_thumbnail_is_drawn_where_only_that_is_wanted():
    assert page_picture(np.full((300, 200), 90, np.uint8), full=False).full == b""
