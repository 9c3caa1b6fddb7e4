"""What the speed benchmark makes of its measurements."""

import json

import pytest

from benchmarks import bench_scan
from benchmarks.speed.figures import (
    FLOOR,
    NOTEBOOK,
    SCREENER,
    Figure,
    Sample,
    Summary,
    against,
    as_markdown,
    as_text,
    breaches,
    figure_table,
    floor_of,
    rate_table,
    summarise,
)

RESULTS = {
    "JPEG, full size": {
        SCREENER: Summary(180.0, 170.0, 190.0, 11.0),
        NOTEBOOK: Summary(45.0, 44.0, 46.0, 29.0),
        FLOOR: Summary(200.0, 195.0, 205.0, 10.0),
    }
}


def test_a_summary_is_the_median_rate_its_spread_and_the_least_cost():
    samples = [Sample(100, 1.0, 3.0), Sample(100, 2.0, 2.0), Sample(100, 4.0, 4.0)]
    assert summarise(samples) == Summary(rate=50.0, low=25.0, high=100.0, cost=20.0)


def test_the_floor_adds_the_core_time_of_both_parts_and_spreads_it_over_the_cores():
    floor = floor_of(Sample(100, 0.2, 0.4), Sample(50, 0.3, 0.6), cores=2)
    # (2 × 2 ms + 2 × 6 ms) / 2 cores = 8 ms an image
    assert floor.rate == pytest.approx(125.0)
    assert floor.cost == pytest.approx(4 + 12)


def test_the_table_names_each_input_once_and_compares_screener_with_the_others():
    head, own, notebook, floor = rate_table(RESULTS)
    assert head[-1] == "Screener is"
    assert [row[0] for row in (own, notebook, floor)] == ["JPEG, full size", "", ""]
    assert [row[-1] for row in (own, notebook, floor)] == ["", "4.0 × as fast", "90% of it"]
    assert own[3] == "170.0–190.0"


def test_nobody_is_compared_with_itself():
    summary = RESULTS["JPEG, full size"][SCREENER]
    assert against(summary, SCREENER, summary) == ""


def test_markdown_and_text_hold_every_cell():
    rows = rate_table(RESULTS)
    markdown = as_markdown(rows).splitlines()
    assert markdown[1] == "|" + "---|" * len(rows[0])
    assert len(markdown) == len(rows) + 1
    for row in rows:
        assert all(cell in as_text(rows) and cell in as_markdown(rows) for cell in row)


def test_an_aim_that_is_missed_says_so():
    table = figure_table([Figure("a", "start", 2.0, "2.0 s", "< 1 s", False), Figure("b", "walk", 1, "1 s")])
    assert [row[3] for row in table] == ["met", "NO", ""]


@pytest.mark.parametrize(
    ("bounds", "broken"),
    [
        pytest.param({"ratio": 3.0, "memory": -600}, [], id="within"),
        pytest.param({"ratio": 4.0}, ["ratio: 3.5, at least 4 wanted"], id="too slow"),
        pytest.param({"memory": -500}, ["memory: 550, at most 500 wanted"], id="too large"),
        pytest.param({"walk": 1.0}, ["walk: not measured"], id="nothing measured it"),
    ],
)
def test_the_guard_names_what_is_beyond_its_bound(bounds, broken):
    figures = [Figure("ratio", "", 3.5, ""), Figure("memory", "", 550.0, "")]
    assert breaches(figures, bounds) == broken


def test_the_ratios_that_the_aims_are_about_come_from_the_rates():
    found = {each.name: each for each in bench_scan.aims(RESULTS)}
    assert found["JPEG, full size: notebook"].value == pytest.approx(4.0)
    assert found["JPEG, full size: notebook"].met
    assert found["JPEG, full size: floor"].value == pytest.approx(0.9)


def test_every_stored_bound_is_of_something_that_the_guard_measures():
    names = {f"{name}: {rival}" for name, rivals in bench_scan.AIMS.items() for rival in rivals}
    assert set(json.loads(bench_scan.BOUNDS.read_text())) <= names | bench_scan.WHOLE
