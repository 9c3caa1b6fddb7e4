"""Shrinking by sums gives the bytes that OpenCV gives by adding up."""

import cv2
import numpy as np
import pytest

from screener.preprocessing import area_resize as module
from screener.preprocessing.area_resize import shrink

SIZE = 224


def _opencv(pixels, size=SIZE):
    return cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA)


def _large():
    return np.random.default_rng(5).integers(0, 256, (2001, 1303), np.uint8)


def _pictures():
    """Noise, few greys (which lie on halves all the time), and slopes."""
    rng = np.random.default_rng(3)
    for rows, columns in [(225, 225), (336, 448), (449, 300), (1001, 227), (1120, 1499), (2500, 2048)]:
        yield rng.integers(0, 256, (rows, columns), np.uint8)
        yield rng.integers(0, 2, (rows, columns), np.uint8) * 255
        yield rng.integers(100, 103, (rows, columns), np.uint8)
        yield np.add.outer(np.arange(rows), np.arange(columns)).astype(np.uint8)
        yield np.full((rows, columns), 255, np.uint8)


@pytest.mark.parametrize(
    "pixels", list(_pictures()), ids=lambda pixels: f"{pixels.shape[0]}x{pixels.shape[1]}"
)
def test_sums_give_the_bytes_of_opencv(pixels):
    np.testing.assert_array_equal(module._by_integral(pixels, SIZE), _opencv(pixels))


def test_a_large_image_is_shrunk_by_sums(monkeypatch):
    monkeypatch.setattr(module, "_agrees_with_opencv", lambda: True)
    monkeypatch.setattr(module, "_plainly", lambda *_: pytest.fail("not asked for"))
    assert shrink(_large(), SIZE).std() > 0


@pytest.fixture
def asked_anew():
    """Forget what OpenCV has answered, before and after."""
    module._agrees_with_opencv.cache_clear()
    yield
    module._agrees_with_opencv.cache_clear()


@pytest.mark.parametrize(
    ("one_cell_differs", "used"), [(False, True), (True, False)], ids=["adds so", "adds otherwise"]
)
def test_the_sums_are_used_where_opencv_adds_as_they_do(monkeypatch, asked_anew, one_cell_differs, used):
    """Whatever this machine's OpenCV does: it is played here by the sums themselves."""

    def opencv(pixels, size):
        cells = np.indices((size, size)).reshape(2, -1)
        added = module._as_opencv_adds(pixels, size, *cells).reshape(size, size)
        added[size // 2, size // 3] += one_cell_differs
        return added

    monkeypatch.setattr(module, "_plainly", opencv)
    assert module._agrees_with_opencv() is used


@pytest.mark.parametrize("shape", [(448, 448), (200, 11_000), (224, 9_000), (2240, 1120), (700, 701)])
def test_what_sums_do_not_pay_for_is_left_to_opencv(shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert not module._pays(*shape, SIZE)
    np.testing.assert_array_equal(shrink(pixels, SIZE), _opencv(pixels))


def test_cells_near_a_half_are_few_but_there():
    """Else the slow way would cost what the fast one saves, or never be tested."""
    asked = []
    exactly = module._as_opencv_adds

    def counted(pixels, size, down, across):
        asked.append(len(down))
        return exactly(pixels, size, down, across)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_agrees_with_opencv", lambda: True)
        patched.setattr(module, "_as_opencv_adds", counted)
        shrink(_large(), SIZE)
    assert 5 < asked[0] < 1000


def test_where_opencv_adds_otherwise_it_is_asked(monkeypatch):
    monkeypatch.setattr(module, "_agrees_with_opencv", lambda: False)
    monkeypatch.setattr(module, "_by_integral", lambda *_: pytest.fail("not asked for"))
    np.testing.assert_array_equal(shrink(_large(), SIZE), _opencv(_large()))
