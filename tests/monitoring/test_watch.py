"""Changes are noticed soon, and nothing is noticed where nothing changes."""

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from screener.monitoring.charts import Chart, chart_of
from screener.monitoring.images import Codes, Flags
from screener.monitoring.moved import Moved, moved
from screener.monitoring.readers import AGREEMENT
from screener.monitoring.watch import CHARTS, MIXES, watch
from screener.monitoring.words import ORDER, sentence
from screener.outputs.messages import shipped_messages
from tests.monitoring.site import DAY, site

BASELINE, CHANGE = 90, 110
SEEDS = range(4)
NEW_DETECTOR = {"shares": (0.4, 0.24, 0.16, 0.2)}


def said(found: Moved) -> str:
    return sentence(found, shipped_messages())


def in_baseline(days: Codes) -> Flags:
    return days < DAY + BASELINE


def charts_of(seed: int, nights: int, *changes: tuple[int, dict[str, Any]]) -> dict[str, Chart]:
    return {each.name: each for each in watch(site(seed, nights, *changes), in_baseline)}


def moves_of(seed: int, change: dict[str, Any], nights: int = CHANGE + 40) -> dict[str, Moved]:
    """Return what lasts at the end, by chart."""
    images = site(seed, nights, (CHANGE, change))
    charts = watch(images, in_baseline)
    lasting = [(each, each.alarm) for each in charts if each.alarm is not None]
    return {chart.name: moved(chart, alarm, images, in_baseline(images.day)) for chart, alarm in lasting}


def test_a_year_without_a_change_alarms_less_than_once_for_each_chart() -> None:
    alarms: Counter[str] = Counter()
    for seed in range(6):
        for name, chart in charts_of(seed, BASELINE + 365).items():
            alarms[name] += len(chart.alarms)
    assert set(charts_of(0, BASELINE + 10)) == set(CHARTS)
    assert max(alarms.values()) <= 6
    assert sum(alarms.values()) <= 12


@pytest.mark.parametrize(
    ("change", "chart", "nights"),
    [
        pytest.param(NEW_DETECTOR, "device", 2, id="new detector, by its name"),
        pytest.param(NEW_DETECTOR, "picture", 7, id="new detector, by its pictures"),
        pytest.param({"old": 0.5}, "age", 10, id="new clinic"),
        pytest.param({"replaced": 0.1}, "replaced", 7, id="broken window"),
        pytest.param({"score": 0.5, "model": 1}, "score", 7, id="new model"),
        pytest.param({"failed": 0.04}, "failed", 7, id="files that cannot be read"),
    ],
)
def test_a_change_is_noticed_within(change: dict[str, Any], chart: str, nights: int) -> None:
    for seed in SEEDS:
        found = moves_of(seed, change)[chart]
        assert found.noticed.toordinal() - (DAY + CHANGE) < nights
        assert abs(found.since.toordinal() - (DAY + CHANGE)) <= 3


def test_the_machine_that_it_comes_from_is_named() -> None:
    told = moves_of(1, {**NEW_DETECTOR, "shift": 1.5})
    assert (told["device"].word, told["device"].up) == ("Newcomer X", True)
    assert (told["picture"].device, told["picture"].device_is_new) == ("Newcomer X", True)
    assert said(told["picture"]).endswith("from Newcomer X, which sent nothing in the baseline.")


def test_a_change_of_everybodys_images_is_laid_to_no_machine_but_to_the_model() -> None:
    told = moves_of(2, {"score": 0.5, "model": 1})["score"]
    assert (told.device, told.model, told.up) == ("", "net@2", True)
    assert said(told).startswith("Scores are higher since ")
    assert "The model is another since then: net@2." in said(told)


def test_a_change_that_goes_again_has_an_end() -> None:
    images = site(3, CHANGE + 60, (CHANGE, {"old": 0.6}), (CHANGE + 20, {"old": 0.35}))
    [age] = [each for each in watch(images, in_baseline) if each.name == "age"]
    [alarm] = age.alarms
    assert age.alarm is None
    assert CHANGE + 20 <= alarm.ended <= CHANGE + 32
    told = moved(age, alarm, images, in_baseline(images.day))
    assert f", until {date.fromordinal(DAY + alarm.ended)} " in said(told)


def test_every_chart_has_its_words_and_no_words_are_of_a_chart_that_there_is_not() -> None:
    messages = shipped_messages()
    moving = set(ORDER) - {"picture", *MIXES}
    assert set(ORDER) == {*CHARTS, AGREEMENT}
    for section, names in {
        "title": ORDER, "about": ORDER, "changed": ("picture", *MIXES), "up": moving, "down": moving,
    }.items():  # fmt: skip
        assert messages.section(f"monitor_{section}").keys() == set(names)


def test_a_figure_that_the_ledger_never_held_has_an_empty_chart() -> None:
    images = site(4, BASELINE + 10)
    images.age[:] = np.nan
    [age] = [each for each in watch(images, in_baseline) if each.name == "age"]
    assert np.isnan(age.smooth).all()
    assert age.alarms == ()


def test_a_smoothed_figure_and_its_limits_are_those_of_the_books() -> None:
    days, base = np.arange(300), np.arange(300) < 100
    value = np.where(base, np.tile([1.0, -1.0], 150), 0.0)
    value[200:] = 3.0
    chart = chart_of("score", days, value, np.ones(300), base)
    assert chart.centre == pytest.approx(0)
    assert chart.smooth[200] == pytest.approx(0.2 * 3 + 0.8 * chart.smooth[199])
    assert chart.high[250] == pytest.approx(
        student.ppf(norm.cdf(3.7), 99) * np.sqrt(0.2 / 1.8 + 0.01), rel=2e-3
    )
    assert (chart.alarm.since, chart.alarm.noticed) == (200, 202)
