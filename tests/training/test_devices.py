"""Devices and white lungs painted into images: the same image still, and the same every time."""

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the extra 'train'")

from screener.training.devices import very_ill, white_out, with_devices

RADIOGRAPH = np.clip(np.add.outer(np.linspace(20, 120, 200), np.linspace(0, 60, 160)), 0, 255).astype(
    np.uint8
)


@pytest.mark.parametrize("paint", [with_devices, white_out, very_ill])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_painted_leaves_an_image_of_the_same_shape(paint, seed):
    one, other = (paint(RADIOGRAPH, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert one.shape == RADIOGRAPH.shape
    assert one.dtype == np.uint8
    assert (one != RADIOGRAPH).any()


def test_devices_only_add_light_and_cover_little():
    shares = []
    for seed in range(20):
        painted = with_devices(RADIOGRAPH, np.random.default_rng(seed))
        assert (painted >= RADIOGRAPH).all()
        shares.append((painted > RADIOGRAPH).mean())
    assert min(shares) > 0
    assert np.median(shares) < 0.25


def test_a_white_lung_is_brighter_and_flatter():
    dark = np.full((200, 160), 40, np.uint8)
    dark[:40] = 200
    white = white_out(dark, np.random.default_rng(1))
    assert white[80:140].mean() > dark[80:140].mean() + 20
