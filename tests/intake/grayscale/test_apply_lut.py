"""Values become grey levels as their table says, whichever way is faster."""

import numpy as np
import pytest

from screener.intake.grayscale import apply_lut as lookup
from screener.intake.grayscale.apply_lut import looked_up

VALUES = np.random.default_rng(1).integers(0, 4096, (301, 403), np.uint16)
RAMP = np.arange(4096) * 255 / 4095
WINDOW = np.clip((np.arange(4096) - 700) / 1801, 0, 1) * 255
SIGMOID = 255 / (1 + np.exp(-4 * (np.arange(4096) - 2048) / 4096))
PADDED = np.where(np.arange(4096) == 4095, 0.0, RAMP)


@pytest.mark.parametrize(
    ("shades", "straight"),
    [
        pytest.param(RAMP, True, id="the whole range"),
        pytest.param(255 - RAMP, True, id="inverted"),
        pytest.param(WINDOW, True, id="a window"),
        pytest.param(255 - WINDOW, True, id="a window, inverted"),
        pytest.param(SIGMOID, False, id="a sigmoid"),
        pytest.param(PADDED, False, id="with padding"),
        pytest.param(np.zeros(4096), False, id="black"),
        pytest.param(np.where(np.arange(4096) < 9, 0.0, 255.0), False, id="a step"),
    ],
)
def test_each_value_gets_what_the_table_says(monkeypatch, shades, straight):
    np.testing.assert_array_equal(looked_up(shades, VALUES), np.round(shades).astype(np.uint8)[VALUES])
    assert _is_straight(shades) is straight


def _is_straight(shades):
    table = np.round(shades).astype(np.uint8)
    return any(ramp.is_table(table) for ramp in lookup._ramps_of(shades))


def test_a_window_from_the_lowest_value_on_needs_no_subtraction():
    table = np.round(RAMP).astype(np.uint8)
    ramp = lookup._ramps_of(RAMP)[0]
    assert (ramp.start, ramp.is_table(table)) == (0, True)
    assert all(ramp.start for ramp in lookup._ramps_of(WINDOW))


def test_many_windows_give_what_the_table_says():
    rng = np.random.default_rng(2)
    straight = 0
    for _ in range(60):
        bits = int(rng.integers(8, 17))
        size = 1 << bits
        centre, width = rng.integers(0, size), rng.integers(2, size)
        shades = np.clip((np.arange(size) - (centre - 0.5)) / (width - 1) + 0.5, 0, 1) * 255
        values = rng.integers(0, size, (37, 211)).astype(np.uint16)
        np.testing.assert_array_equal(looked_up(shades, values), np.round(shades).astype(np.uint8)[values])
        straight += _is_straight(shades)
    assert straight > 20


def test_a_ramp_that_rounds_otherwise_than_the_table_is_not_taken():
    shades = RAMP.copy()
    shades[1000] += 1
    assert lookup._ramps_of(shades)
    assert not _is_straight(shades)
    np.testing.assert_array_equal(looked_up(shades, VALUES), np.round(shades).astype(np.uint8)[VALUES])
