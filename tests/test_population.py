"""Flagged studies, observed against what the operating point lets one expect."""

import random
from dataclasses import replace

import pytest

from screener.operating_points import Calibration, OperatingPoint
from screener.population import FlaggedCount, Why, upper_tail
from screener.population import check_population as check_parts
from screener.scale import Scale

POINT = OperatingPoint("high_sensitivity", 0.02, 0.982, 0.759, (0.968, 0.993), (0.726, 0.791))
SCALE = Scale(Calibration(1.0, 0.0, 0.5), POINT, 0.16)
EXPECTED = 0.16 * 0.982 + 0.84 * (1 - 0.759)


def check_population(screened, flagged, scale):
    return check_parts(FlaggedCount(screened, flagged, scale))


def test_adults_nearly_all_flagged_are_other_patients_than_it_was_validated_on():
    check = check_population(497, 480, SCALE)
    assert check.expected_flagged == pytest.approx(497 * EXPECTED)
    assert (check.screened, check.observed_flagged, check.holds, check.why) == (497, 480, False, Why.MORE)


def test_hardly_any_flagged_is_as_strange():
    assert check_population(500, 60, SCALE).why is Why.FEWER


@pytest.mark.parametrize("flagged", [165, 180, 194])
def test_what_the_figures_intervals_allow_holds(flagged):
    assert check_population(500, flagged, SCALE).holds is True


@pytest.mark.parametrize(
    ("screened", "flagged", "scale", "why"),
    [
        pytest.param(29, 29, SCALE, Why.TOO_FEW, id="under 30 studies"),
        pytest.param(0, 0, SCALE, Why.TOO_FEW, id="none"),
        pytest.param(
            500,
            500,
            replace(SCALE, operating_point=OperatingPoint("custom", 0.1)),
            Why.CUSTOM,
            id="--threshold",
        ),
        pytest.param(
            500,
            500,
            replace(SCALE, operating_point=OperatingPoint("mine", 0.1)),
            Why.NO_FIGURES,
            id="no figures",
        ),
    ],
)
def test_where_nothing_can_be_said_nothing_is(screened, flagged, scale, why):
    check = check_population(screened, flagged, scale)
    assert (check.holds, check.why) == (None, why)


def test_thirty_studies_are_enough():
    assert check_population(30, 30, SCALE).holds is False


def test_chance_alone_raises_a_false_alarm_in_fewer_than_one_of_a_thousand_nights():
    exact = replace(
        SCALE, operating_point=replace(POINT, sensitivity_interval=None, specificity_interval=None)
    )
    draw = random.Random(7)
    alarms = 0
    for _ in range(5000):
        flagged = sum(draw.random() < EXPECTED for _ in range(40))
        alarms += check_population(40, flagged, exact).holds is False
    assert alarms <= 12  # 5 expected of an exact test; more than 12 has p < .003


def test_the_tail_is_that_of_the_binomial_distribution():
    stats = pytest.importorskip("scipy.stats", reason="needs the extra 'train'")
    for events, trials, share in [(1, 10, 0.05), (30, 30, 0.4), (480, 497, 0.39), (40_000, 100_000, 0.39)]:
        assert upper_tail(events, trials, share) == pytest.approx(
            stats.binom.sf(events - 1, trials, share), rel=1e-6, abs=1e-300
        )


ADULTS = replace(
    SCALE, population="adults", operating_point=OperatingPoint("high_sensitivity", 0.1, 0.95, 0.9)
)


def test_populations_are_judged_together_as_the_mixture_that_they_are():
    check = check_parts(FlaggedCount(20, 8, SCALE), FlaggedCount(20, 5, ADULTS))
    assert check.expected_flagged == pytest.approx(20 * EXPECTED + 20 * (0.16 * 0.95 + 0.84 * 0.1))
    assert (check.screened, check.observed_flagged, check.holds) == (40, 13, True)


def test_where_one_population_alone_does_not_fit_the_whole_does_not():
    fitting, differing = FlaggedCount(4000, round(4000 * EXPECTED), SCALE), FlaggedCount(50, 50, ADULTS)
    assert check_parts(fitting).holds is True
    check = check_parts(fitting, differing)
    assert (check.screened, check.holds, check.why) == (4050, False, Why.MORE)


def test_too_few_of_each_population_may_be_enough_together():
    parts = (FlaggedCount(25, 25, SCALE), FlaggedCount(25, 25, ADULTS))
    assert [check_parts(each).why for each in parts] == [Why.TOO_FEW, Why.TOO_FEW]
    assert check_parts(*parts).why is Why.MORE


def test_a_population_without_figures_leaves_the_whole_open():
    unknown = replace(SCALE, operating_point=OperatingPoint("mine", 0.1))
    check = check_parts(FlaggedCount(100, 40, SCALE), FlaggedCount(100, 40, unknown))
    assert (check.expected_flagged, check.holds, check.why) == (None, None, Why.NO_FIGURES)
