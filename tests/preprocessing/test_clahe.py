import cv2
import numpy as np
import pytest

from screener.domain import PreprocessingSpec
from screener.preprocessing.clahe import preprocess, resized

SPEC = PreprocessingSpec()
RADIOGRAPH = np.random.default_rng(2).normal(120, 12, (300, 400)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(128, 128), (3000, 2500), (224, 224), (130, 900)], ids=str)
def test_every_image_becomes_a_square_of_bytes(shape):
    square = preprocess(np.zeros(shape, dtype=np.uint8), SPEC)
    assert square.shape == (224, 224)
    assert square.dtype == np.uint8


def test_the_size_is_that_of_the_spec():
    assert preprocess(RADIOGRAPH, PreprocessingSpec(size=96)).shape == (96, 96)


def test_an_image_is_stretched_and_not_cropped():
    radiograph = np.zeros((200, 400), dtype=np.uint8)
    radiograph[:100, :200] = 255
    square = resized(radiograph, SPEC)
    assert square[:110, :110].min() == 255
    assert square[114:].max() == 0
    assert square[:, 114:].max() == 0


def test_shrinking_averages_so_that_no_detail_is_stepped_over():
    stripes = np.zeros((448, 448), dtype=np.uint8)
    stripes[:, ::2] = 200
    assert set(np.unique(resized(stripes, SPEC))) == {100}


def test_the_image_is_resized_before_clahe():
    clahe = cv2.createCLAHE(2.0, (8, 8))
    np.testing.assert_array_equal(preprocess(RADIOGRAPH, SPEC), clahe.apply(resized(RADIOGRAPH, SPEC)))


def test_clahe_raises_a_low_contrast():
    assert preprocess(RADIOGRAPH, SPEC).std() > 1.3 * resized(RADIOGRAPH, SPEC).std()


@pytest.mark.parametrize("change", [{"clip_limit": 8.0}, {"tiles": 2}], ids=str)
def test_every_setting_has_its_effect(change):
    changed = PreprocessingSpec(**change)
    assert not np.array_equal(preprocess(RADIOGRAPH, SPEC), preprocess(RADIOGRAPH, changed))


def test_the_image_itself_is_left_alone():
    before = RADIOGRAPH.copy()
    preprocess(RADIOGRAPH, SPEC)
    np.testing.assert_array_equal(RADIOGRAPH, before)


def test_the_same_image_gives_the_same_bytes():
    np.testing.assert_array_equal(preprocess(RADIOGRAPH, SPEC), preprocess(RADIOGRAPH, SPEC))
