"""Copies of an image have its fingerprint, or nearly; other images have not."""

import cv2
import numpy as np
import pytest

from screener.fingerprint import COARSE, fingerprint


def radiograph(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rough = cv2.resize(rng.normal(128, 60, (8, 8)), (320, 400), interpolation=cv2.INTER_CUBIC)
    return np.clip(rough + rng.normal(0, 3, rough.shape), 0, 255).astype(np.uint8)


COPIES = {
    "shrunk": lambda pixels: cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "stretched to a square": lambda pixels: cv2.resize(pixels, (224, 224), interpolation=cv2.INTER_AREA),
    "compressed": lambda pixels: cv2.imdecode(cv2.imencode(".jpg", pixels, [1, 60])[1], 0),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_a_changed_copy_keeps_its_coarse_part(copy):
    one, other = fingerprint(radiograph(1)), fingerprint(copy(radiograph(1)))
    assert one.digest != other.digest
    np.testing.assert_allclose(one.coarse, other.coarse, atol=12)
    assert np.abs(np.subtract(one.coarse, fingerprint(radiograph(2)).coarse)).max() > 200


def test_a_lossless_copy_has_the_same_fingerprint():
    assert fingerprint(radiograph(1)) == fingerprint(cv2.imdecode(cv2.imencode(".png", radiograph(1))[1], 0))
    assert len(fingerprint(radiograph(1)).coarse) == COARSE


def test_pixels_of_another_shape_are_another_picture():
    flat = np.zeros((8, 4), np.uint8)
    assert fingerprint(flat).digest != fingerprint(flat.reshape(4, 8)).digest
