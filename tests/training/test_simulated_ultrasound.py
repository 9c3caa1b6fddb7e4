"""Ultrasounds simulated for the gate: echoes along beams, bent into a fan, on a scanner's screen."""

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the extra 'train'")

from screener.training.scanner_screen import on_screen
from screener.training.simulated_ultrasound import (
    BEAMS,
    SAMPLES,
    _echoes,
    _scan_converted,
    simulated_ultrasound,
)
from screener.training.ultrasound_organs import ORGANS

DEPTH, BEAM = np.mgrid[0 : 1 : SAMPLES * 1j, -1 : 1 : BEAMS * 1j]


def test_the_same_seed_gives_the_same_ultrasound():
    one, other = (simulated_ultrasound(np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_even_tissue_gives_speckle():
    envelope = _echoes(np.ones((SAMPLES, BEAMS)), np.random.default_rng(1))[SAMPLES // 2 :]
    assert envelope.mean() / envelope.std() == pytest.approx(1.91, abs=0.25)  # Rayleigh's


def test_tissue_that_scatters_four_times_as_strongly_echoes_twice_as_high():
    tissue = np.ones((SAMPLES, BEAMS))
    tissue[:, BEAMS // 2 :] = 4
    envelope = _echoes(tissue, np.random.default_rng(1))
    assert envelope[:, 80:].mean() / envelope[:, :48].mean() == pytest.approx(2, rel=0.1)


def test_a_fan_is_black_beside_its_edges():
    fan = _scan_converted(np.ones((SAMPLES, BEAMS)), 0.6, 0.0, np.random.default_rng(1))
    rows, columns = fan.shape
    assert fan[rows // 2, columns // 2] == 255
    assert not fan[: rows // 4, : columns // 8].any()
    assert not fan[-2:, :5].any()


def test_a_linear_probe_fills_its_rectangle():
    assert (_scan_converted(np.ones((SAMPLES, BEAMS)), 0.0, 0.0, np.random.default_rng(1)) == 255).all()


@pytest.mark.parametrize("organ", ORGANS, ids=lambda organ: organ.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_an_organ_scatters_and_has_contrast(organ, seed):
    tissue = organ(BEAM, DEPTH, np.random.default_rng(seed))
    assert tissue.shape == DEPTH.shape
    assert np.isfinite(tissue).all()
    assert tissue.min() >= 0
    assert tissue.max() > 8 * tissue.min()


def test_a_screen_keeps_what_it_shows_and_adds_to_it():
    picture = np.full((200, 240), 30, np.uint8)
    screens = [on_screen(picture.copy(), np.random.default_rng(seed)) for seed in range(20)]
    assert any(screen.shape == picture.shape for screen in screens)  # cut out
    larger = [screen for screen in screens if screen.shape != picture.shape]
    assert all((screen == 30).sum() > picture.size // 3 for screen in larger)
    assert sum(screen.max() > 60 for screen in larger) > len(larger) // 2  # words, scales, buttons


def test_some_are_so_dark_that_little_is_to_be_seen():
    means = [simulated_ultrasound(np.random.default_rng((7, seed))).mean() for seed in range(24)]
    assert min(means) < 10
    assert max(means) > 60
