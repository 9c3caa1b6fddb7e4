"""A logit's probability, status and band, and how a probability is told to people."""

from dataclasses import replace

import pytest

from screener.operating_points import Calibration, OperatingPoint
from screener.scale import Band, Scale, Scales, probability_text

POINTS = (
    OperatingPoint("high_sensitivity", 0.2, 0.98, 0.7),
    OperatingPoint("balanced", 0.5, 0.9, 0.9),
    OperatingPoint("high_specificity", 0.8, 0.8, 0.98),
)
SCALE = Scale(Calibration(1.0, 0.0, 0.5), POINTS[0], 0.5, POINTS)


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        pytest.param(0.199999, None, id="not flagged"),
        pytest.param(0.2, Band.LATER, id="at the threshold"),
        pytest.param(0.499999, Band.LATER, id="below balanced"),
        pytest.param(0.5, Band.NEXT, id="at balanced"),
        pytest.param(0.8, Band.FIRST, id="at high_specificity"),
        pytest.param(1.0, Band.FIRST, id="certain"),
    ],
)
def test_a_flagged_study_is_in_the_band_of_the_highest_point_it_reaches(probability, band):
    assert SCALE.band(probability) is band


def test_bands_follow_the_models_points_where_another_threshold_flags():
    high = replace(SCALE, operating_point=POINTS[2])
    own = replace(SCALE, operating_point=OperatingPoint("custom", 0.05))
    assert (high.band(0.6), high.band(0.9)) == (None, Band.FIRST)
    assert (own.band(0.1), own.band(0.6)) == (Band.LATER, Band.NEXT)


def test_a_band_begins_where_probabilities_are_printed_alike():
    near = replace(SCALE, points=(*POINTS[:2], OperatingPoint("high_specificity", 0.8000004)))
    assert near.band(0.8) is Band.FIRST


def test_a_run_recorded_before_there_were_points_has_no_bands():
    assert replace(SCALE, points=()).band(0.9) is None


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.0, "< 0.01"),
        (0.009999, "< 0.01"),
        (0.01, "0.010"),
        (0.0217, "0.022"),
        (0.0994, "0.099"),
        (0.0996, "0.10"),
        (0.573016, "0.57"),
        (0.99, "0.99"),
        (0.990001, "> 0.99"),
        (1.0, "> 0.99"),
    ],
)
def test_people_read_two_significant_digits(probability, text):
    assert probability_text(probability) == text


CHILDREN = replace(SCALE, population="children", ages=(1, 5))
ADULTS = replace(
    SCALE,
    population="adults",
    ages=(18, 94),
    calibration=Calibration(1.0, -2.0, 0.5),
    operating_point=OperatingPoint("high_sensitivity", 0.6),
)
BOTH = Scales((CHILDREN, ADULTS), "adults")


@pytest.mark.parametrize(
    ("age", "population"),
    [
        pytest.param("003Y", "children", id="a child"),
        pytest.param("071M", "children", id="not yet six"),
        pytest.param("046Y", "adults", id="an adult"),
        pytest.param("003M", "children", id="an infant, nearest to children"),
        pytest.param("011Y", "children", id="between, nearer to children"),
        pytest.param("012Y", "adults", id="between, as near to both"),
        pytest.param("017Y", "adults", id="between, nearer to adults"),
        pytest.param("101Y", "adults", id="older than all"),
        pytest.param("", "adults", id="unknown: the default"),
        pytest.param("old", "adults", id="no age: the default"),
    ],
)
def test_an_image_is_read_on_the_scale_of_the_nearest_population(age, population):
    assert BOTH.of(age).population == population


def test_images_without_an_age_are_read_as_the_default_population_says():
    assert replace(BOTH, default="children").of("").population == "children"


def test_the_default_must_be_one_of_the_populations():
    with pytest.raises(ValueError, match="no scale for infants"):
        replace(BOTH, default="infants")


def test_with_one_population_all_ages_are_read_alike():
    assert {Scales.one(CHILDREN).of(age) for age in ("003Y", "046Y", "")} == {CHILDREN}


def test_one_logit_is_flagged_or_not_by_the_patients_age():
    assert (BOTH.flagged(1.0, "003Y"), BOTH.flagged(1.0, "046Y")) == (True, False)
    assert BOTH.probability(1.0, "046Y") < BOTH.probability(1.0, "003Y")
