import dataclasses
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from screener.operating_points import Calibration, OperatingPoint
from screener.options import RunOptions
from screener.outputs.run_manifest import report_keys
from screener.reporting.run_record import from_record, report_ids, to_record
from screener.run_summary import ModelIdentity, RunSummary, SinceBefore
from screener.scale import Scale, Scales
from screener.totals import PopulationTotals, ReasonCount, Totals

STARTED = datetime(2026, 11, 20, 2, 0, 0, 123456, tzinfo=UTC)
SCALE = Scale(
    Calibration(0.1 + 0.2, -1e-17, 1 / 3),
    OperatingPoint("balanced", 0.7, 0.98, 0.84, (0.97, 0.99), (0.81, 0.87)),
    0.05,
    validated_on="children",
)
CUSTOM = OperatingPoint("custom", 0.4)
SUMMARY = RunSummary(
    complete=True,
    totals=Totals(images_screened=3, flagged=1, not_flagged=2),
    model=ModelIdentity("net", "1.0.0", "ab" * 32),
    scales=Scales.one(SCALE),
    started=STARTED,
    finished=STARTED + timedelta(seconds=12.345678),
    images_per_second=61.44449,
    exit_code=3,
    roots=("/studies", "/Zoë"),
    intended_use="ordering",
    versions={"python": "3.11"},
    options=RunOptions({"paths": ["a"], "new_only": False, "threshold": None}),
)


@pytest.mark.parametrize(
    "scales",
    [
        pytest.param(SUMMARY.scales, id="one population"),
        pytest.param(
            Scales.one(
                Scale(
                    Calibration(1, 0, 0.5),
                    OperatingPoint("custom", 0.4),
                    0.5,
                    (OperatingPoint("balanced", 0.5),),
                )
            ),
            id="a threshold of one's own",
        ),
        pytest.param(
            Scales(
                (
                    dataclasses.replace(SCALE, population="children", ages=(1, 5)),
                    dataclasses.replace(SCALE, population="adults", ages=(18, 94), prevalence=0.2),
                ),
                "adults",
            ),
            id="two populations",
        ),
    ],
)
def test_a_run_comes_back_as_it_went_in(scales):
    met = tuple(PopulationTotals(population=each.population, flagged=3, first=1) for each in scales.each)
    reasons = (ReasonCount("failed", "pixels_damaged", 2),)
    totals = dataclasses.replace(SUMMARY.totals, by_population=met, by_reason=reasons)
    summary = dataclasses.replace(SUMMARY, scales=scales, totals=totals)
    assert from_record(to_record(summary)) == summary


@pytest.mark.parametrize("ages", [None, [1, 5]])
def test_a_record_of_an_older_screener_comes_back_without_what_it_did_not_know(ages):
    record = json.loads(to_record(SUMMARY))
    for name in ("since", "files_found", "scales"):
        del record["run"][name]
    for name in ("files_known", "refusals_known", "folders_unreadable", "by_population", "by_reason"):
        del record["run"]["totals"][name]
    scale = dataclasses.asdict(SCALE)
    older = {name: scale[name] for name in ("calibration", "operating_point", "prevalence", "points")}
    record["run"] |= {"scale": older, "validated_population": "children", "validated_ages": ages}
    record["ages"] = ages
    back = from_record(json.dumps(record))
    expected = dataclasses.replace(SCALE, ages=ages and tuple(ages))
    assert back == dataclasses.replace(SUMMARY, scales=Scales.one(expected))
    assert (back.since, back.files_not_reached) == (SinceBefore(), 0)
    assert dataclasses.replace(back, complete=False).files_not_reached is None


def test_its_totals_are_told_in_the_same_bytes():
    back = from_record(to_record(SUMMARY))
    assert json.dumps(report_keys(back)) == json.dumps(report_keys(SUMMARY))


@pytest.fixture
def zone(monkeypatch):
    """Put this machine into a time zone."""

    def move(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_a_report_is_known_by_its_id_after_the_machine_has_moved_to_another_zone(zone):
    zone("Europe/Berlin")
    summary = dataclasses.replace(SUMMARY, started=STARTED.astimezone())
    record = to_record(summary)
    printed = summary.report_id
    assert report_ids(record) == {printed}
    zone("Asia/Tokyo")
    told_again = from_record(record).report_id
    assert told_again != printed
    assert report_ids(record) == {printed, told_again}
