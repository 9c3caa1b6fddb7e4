"""Wilson's interval against worked examples and SciPy, and that it needs no SciPy itself."""

import subprocess
import sys

import pytest
from scipy.stats import binomtest

from screener.proportions import wilson_interval


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        pytest.param(81, 263, 0.2553, 0.3662, id="middling"),
        pytest.param(15, 148, 0.0624, 0.1605, id="rare"),
        pytest.param(0, 20, 0.0000, 0.1611, id="none"),
        pytest.param(1, 29, 0.0061, 0.1718, id="one"),
    ],
)
def test_wilson_agrees_with_newcombes_worked_examples(events, trials, low, high):
    assert wilson_interval(events, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("events", "trials"), [(0, 1), (1, 1), (3, 7), (98, 100), (5000, 5000)])
def test_wilson_agrees_with_scipy(events, trials):
    scipys = binomtest(events, trials).proportion_ci(0.95, method="wilson")
    assert wilson_interval(events, trials) == pytest.approx((scipys.low, scipys.high), abs=1e-12)


def test_wilson_stays_within_zero_and_one_at_the_ends():
    assert wilson_interval(0, 7)[0] == 0
    assert wilson_interval(7, 7)[1] == 1


@pytest.mark.parametrize(("events", "trials"), [(0, 0), (2, 1), (-1, 3)])
def test_a_proportion_that_cannot_be_is_refused(events, trials):
    with pytest.raises(ValueError, match="needs 0 <= events <= trials"):
        wilson_interval(events, trials)


def test_it_loads_neither_scipy_nor_numpy():
    code = "import sys, screener.proportions; print({'scipy', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
