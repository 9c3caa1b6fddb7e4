"""Rows, runs and reports for the tests of outputs: each test states only what it cares about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screener.domain import Cause, Status
from screener.operating_points import Calibration, OperatingPoint, printed
from screener.options import PDF_ROWS, RunOptions
from screener.outputs.report_content import NOT_SCREENED_ROWS, Card, ReportContent, select_rows
from screener.run_summary import ModelIdentity, RunSummary
from screener.scale import ALL, Scale, Scales
from screener.totals import Totals
from screener.worklist import StudyRow

SCALE = Scale(
    Calibration(slope=1.0, intercept=0.0, prevalence=0.5),
    OperatingPoint("high_sensitivity", 0.3123456789, 0.98, 0.84, (0.97, 0.99), (0.81, 0.87)),
    prevalence=0.5,
)
CUSTOM_SCALE = replace(SCALE, operating_point=OperatingPoint("custom", 0.4))
STARTED = datetime(2025, 11, 22, 2, 0, tzinfo=UTC)

ROW = StudyRow(
    rank=1,
    study_id="1.2.3",
    patient_id="P1",
    accession_number="A1",
    study_date="2025-11-21",
    view="PA",
    images=1,
    probability=0.75,
    status=Status.FLAGGED,
    reason="",
    file="a/b.dcm",
    path=Path("/studies/a/b.dcm"),
    population=ALL,
)
MISSED_ROW = replace(
    ROW,
    rank=None,
    images=0,
    probability=None,
    status=Status.NOT_SCREENED,
    reason="The file is empty.",
    cause=Cause.FAILED,
    population="",
)


@pytest.fixture
def scale() -> Scale:
    return SCALE


@pytest.fixture
def custom_scale() -> Scale:
    return CUSTOM_SCALE


@pytest.fixture
def templates() -> Path:
    return Path(__file__).parents[2] / "templates"


@pytest.fixture
def make_row():
    def make(**changes):
        return replace(ROW, **changes)

    return make


@pytest.fixture
def make_missed_row():
    def make(**changes):
        return replace(MISSED_ROW, **changes)

    return make


@pytest.fixture
def make_summary():
    def make(scale=SCALE, validated_ages=None, validated_population="children", **changes):
        one = replace(scale, ages=validated_ages, validated_on=validated_population)
        usual = RunSummary(
            complete=True,
            totals=Totals(files_ignored=1, images_screened=1, flagged=1),
            model=ModelIdentity("net", "1.0.0", "ab" * 32),
            scales=Scales.one(one),
            started=STARTED,
            finished=STARTED + timedelta(seconds=90.5),
            images_per_second=61.44449,
            exit_code=0,
            roots=("/studies",),
            intended_use="ordering",
            versions={"python": "3.11"},
            options=RunOptions({"workers": 2}),
        )
        return replace(usual, **changes)

    return make


@pytest.fixture
def make_report(make_summary):
    """Build a report of the rows given; totals follow from them unless a summary is named."""

    def make(
        *rows,
        cards=(),
        pdf_rows=PDF_ROWS,
        missed_rows=NOT_SCREENED_ROWS,
        agreement=(),
        refused_pictures=(),
        **summary,
    ):
        totals = Totals(
            images_screened=sum(row.images for row in rows),
            images_failed=sum(row.cause is Cause.FAILED for row in rows),
            images_ineligible=sum(row.cause is Cause.INELIGIBLE for row in rows),
            flagged=sum(row.status is Status.FLAGGED for row in rows),
            not_flagged=sum(row.status is Status.NOT_FLAGGED for row in rows),
            not_screened=sum(row.status is Status.NOT_SCREENED for row in rows),
        )
        run = make_summary(**{"totals": totals, **summary})
        thresholds = {each.population: printed(each.operating_point.threshold) for each in run.scales.each}
        made = tuple(card if isinstance(card, Card) else Card(card, None) for card in cards)
        return ReportContent(
            run,
            select_rows(rows, thresholds, pdf_rows, missed_rows),
            made,
            "report.csv",
            agreement,
            refused_pictures,
        )

    return make
