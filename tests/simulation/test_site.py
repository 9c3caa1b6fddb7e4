"""What a simulation takes from a ledger and from a model's figures."""

import math
from dataclasses import replace
from datetime import date

import pytest

from screener.errors import UsageError
from screener.ledger.studies import ScreenedStudy
from screener.operating_points import Calibration, OperatingPoint
from screener.scale import Scale, Scales
from screener.simulation.site import arrivals_of, patients_of_model, patients_of_site

POINTS = (
    OperatingPoint("high_specificity", 0.8, 0.6, 0.95),
    OperatingPoint("high_sensitivity", 0.2, 0.9, 0.7),
    OperatingPoint("balanced", 0.5, 0.8, 0.85),
)
ADULTS = Scale(Calibration(1.0, 0.0, 0.5), POINTS[1], 0.5, POINTS, "adults", (18, 120))
SCALES = Scales((replace(ADULTS, population="children", ages=(0, 17)), ADULTS), "adults")


def study(probability: float = 0.5, age: str = "050Y", day: str = "2026-11-20") -> ScreenedStudy:
    return ScreenedStudy(day, age, math.log(probability / (1 - probability)))


def test_arrivals_are_counted_by_study_date_over_the_last_ninety_days() -> None:
    old = [study(day="2019-01-01")] * 500
    recent = [study(day="2026-11-01")] * 6 + [study(day="2026-11-03")] * 6 + [study(day="")]
    counted = arrivals_of(old + recent)
    assert (counted.per_day, counted.studies, counted.days) == (4.0, 12, 3)
    assert counted.since == date(2026, 11, 1)


def test_a_ledger_without_dates_says_what_to_give() -> None:
    with pytest.raises(UsageError, match="Give --arrivals"):
        arrivals_of([study(day="")])


def test_populations_of_a_site_are_those_met_with_their_shares() -> None:
    patients = patients_of_site(SCALES, [study(age="004Y")] + [study()] * 3, 0.1)
    assert {each.name: each.share for each in patients} == {"children": 0.25, "adults": 0.75}
    assert {each.prevalence for each in patients} == {0.1}


def test_bands_begin_at_the_points_above_the_one_that_flags() -> None:
    [patients] = patients_of_model(SCALES, {}, None)
    assert patients.name == "adults"
    assert [each.name for each in patients.points] == ["high_sensitivity", "balanced", "high_specificity"]
    flagging = Scales.one(replace(ADULTS, operating_point=POINTS[2]))
    assert [each.name for each in patients_of_model(flagging, {}, None)[0].points] == [
        "balanced",
        "high_specificity",
    ]


def test_prevalence_is_what_explains_the_share_flagged() -> None:
    flagged, others = [study(0.9)] * 42, [study(0.1)] * 58  # 0.42 = 0.2 × 0.9 + 0.8 × 0.3
    [patients] = patients_of_site(SCALES, flagged + others, None)
    assert patients.prevalence == pytest.approx(0.2)
    assert "42 flagged of 100" in str(patients.source)


@pytest.mark.parametrize(
    "studies",
    [
        pytest.param([study(0.9)] * 4 + [study(0.1)] * 6, id="too few"),
        pytest.param([study(0.1)] * 100, id="fewer flagged than false alarms alone would be"),
        pytest.param([study(0.9)] * 100, id="more flagged than if all had pneumonia"),
    ],
)
def test_prevalence_is_the_models_where_the_share_flagged_explains_nothing(studies: list) -> None:
    [patients] = patients_of_site(SCALES, studies, None)
    assert (patients.prevalence, str(patients.source)) == (0.5, "the model's default")


def test_shares_name_populations_of_the_model() -> None:
    patients = patients_of_model(SCALES, {"children": 0.3, "adults": 0.7}, None)
    assert [each.share for each in patients] == [0.3, 0.7]
    with pytest.raises(UsageError, match="--share horses: the model has children, adults"):
        patients_of_model(SCALES, {"horses": 1.0}, None)


def test_a_threshold_without_figures_asks_for_them() -> None:
    custom = Scales.one(replace(ADULTS, operating_point=OperatingPoint("custom", 0.3)))
    with pytest.raises(UsageError, match="Give --sensitivity and --specificity"):
        patients_of_model(custom, {}, None)
