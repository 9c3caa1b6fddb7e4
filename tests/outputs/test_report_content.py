import pytest

from screener.domain import Cause, Status
from screener.outputs import report_content
from screener.outputs.report_content import HISTOGRAM_BINS, select_rows


@pytest.fixture(autouse=True)
def small_bounds(monkeypatch):
    monkeypatch.setattr(report_content, "PDF_ROWS", 3)
    monkeypatch.setattr(report_content, "NOT_SCREENED_ROWS", 2)


def test_rows_are_bounded_but_the_histogram_counts_all(make_row):
    selection = select_rows(make_row(rank=rank) for rank in range(1, 11))
    assert [row.rank for row in selection.screened] == [1, 2, 3]
    assert sum(selection.histogram) == 10


@pytest.mark.parametrize(
    ("probability", "place"), [(0.0, 0), (0.049999, 0), (0.05, 1), (0.999999, 19), (1.0, 19)]
)
def test_a_probability_falls_into_its_bin(make_row, probability, place):
    histogram = select_rows([make_row(probability=probability)]).histogram
    assert len(histogram) == HISTOGRAM_BINS
    assert histogram.index(1) == place


def test_failed_studies_come_before_ineligible_ones_and_push_them_out(make_missed_row):
    rows = [make_missed_row(cause=cause) for cause in (Cause.INELIGIBLE, Cause.INELIGIBLE, Cause.FAILED)]
    kept = select_rows(rows).not_screened
    assert [row.cause for row in kept] == [Cause.FAILED, Cause.INELIGIBLE]


def test_cards_are_for_flagged_studies_by_rank(make_row):
    rows = [make_row(rank=1), make_row(rank=2), make_row(rank=3, status=Status.NOT_FLAGGED)]
    assert [row.rank for row in select_rows(rows).for_cards()] == [1, 2]
    assert [row.rank for row in select_rows(rows).for_cards(1)] == [1]


def test_what_is_left_out_is_counted(make_report, make_row, make_missed_row):
    flagged = [make_row(rank=rank) for rank in range(1, 6)]
    passed = [make_row(rank=rank, status=Status.NOT_FLAGGED) for rank in range(6, 8)]
    content = make_report(*flagged, *passed, *[make_missed_row() for _ in range(6)])
    assert content.rows_left_out == 4
    assert content.flagged_left_out == 2
    assert content.not_screened_left_out == 4


def test_nothing_left_out_counts_as_nothing(make_report, make_row):
    content = make_report(make_row())
    assert (content.rows_left_out, content.flagged_left_out, content.not_screened_left_out) == (0, 0, 0)
