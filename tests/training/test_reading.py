"""Images read in ways drawn at random."""

import cv2
import numpy as np
import pytest

from screener.training.reading import read_somehow

SIDE = 100


def soft_radiograph(rows: int = 803, columns: int = 640) -> np.ndarray:
    noise = np.random.default_rng(0).normal(128, 400, (rows, columns)).astype(np.float32)
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 8), 0, 255).astype(np.uint8)


def small(radiograph: np.ndarray) -> np.ndarray:
    return cv2.resize(radiograph, (64, 64), interpolation=cv2.INTER_AREA).astype(int)


def test_the_same_image_is_seen_whatever_is_drawn() -> None:
    radiograph = soft_radiograph()
    for seed in range(60):
        read = read_somehow(radiograph, SIDE, np.random.default_rng(seed))
        assert read.dtype == np.uint8
        assert SIDE <= min(read.shape) <= 2 * SIDE
        assert np.abs(small(read) - small(radiograph)).mean() < 4


@pytest.mark.parametrize("shape", [(SIDE, SIDE), (300, SIDE), (60, 80)])
def test_an_image_that_is_small_enough_is_left_alone(shape: tuple[int, int]) -> None:
    radiograph = soft_radiograph(*shape)
    np.testing.assert_array_equal(read_somehow(radiograph, SIDE, np.random.default_rng(0)), radiograph)


def test_no_image_grows() -> None:
    sides = {
        read_somehow(soft_radiograph(120, 400), SIDE, np.random.default_rng(seed)).shape for seed in range(40)
    }
    assert sides == {(100, 100), (120, 120)}


def test_ways_are_many_and_the_same_for_the_same_generator() -> None:
    radiograph = np.random.default_rng(1).integers(0, 256, (420, 400), np.uint8)
    one, other = (
        [read_somehow(radiograph, SIDE, np.random.default_rng(seed)).tobytes() for seed in range(60)]
        for _ in range(2)
    )
    assert one == other
    assert len(set(one)) > 20
