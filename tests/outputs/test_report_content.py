from screener.domain import Cause, Status
from screener.outputs.report_content import select_rows
from screener.scale import ALL

THRESHOLDS = {ALL: 0.3}


def test_a_run_that_screened_nothing_has_the_histogram_of_the_default_population():
    thresholds = {"children": 0.02, "adults": 0.05}
    assert list(select_rows([], thresholds, default="adults").histograms) == ["adults"]
    assert list(select_rows([], thresholds).histograms) == ["children"]


def test_rows_are_bounded_but_the_histogram_counts_all(make_row):
    selection = select_rows((make_row(rank=rank) for rank in range(1, 11)), THRESHOLDS, 3)
    assert [row.rank for row in selection.screened] == [1, 2, 3]
    assert sum(selection.histograms[ALL].counts) == 10


def test_failed_studies_come_before_ineligible_ones_and_push_them_out(make_missed_row):
    rows = [make_missed_row(cause=cause) for cause in (Cause.INELIGIBLE, Cause.INELIGIBLE, Cause.FAILED)]
    kept = select_rows(rows, THRESHOLDS, missed_rows=2).not_screened
    assert [row.cause for row in kept] == [Cause.FAILED, Cause.INELIGIBLE]


def test_cards_are_for_flagged_studies_by_rank(make_row):
    rows = [make_row(rank=1), make_row(rank=2), make_row(rank=3, status=Status.NOT_FLAGGED)]
    assert [row.rank for row in select_rows(rows, THRESHOLDS).for_cards()] == [1, 2]
    assert [row.rank for row in select_rows(rows, THRESHOLDS).for_cards(1)] == [1]


def test_what_is_left_out_is_counted(make_report, make_row, make_missed_row):
    flagged = [make_row(rank=rank) for rank in range(1, 6)]
    passed = [make_row(rank=rank, status=Status.NOT_FLAGGED) for rank in range(6, 8)]
    content = make_report(
        *flagged, *passed, *[make_missed_row() for _ in range(6)], pdf_rows=3, missed_rows=2
    )
    assert content.rows_left_out == 4
    assert content.flagged_left_out == 2
    assert content.not_screened_left_out == 4


def test_nothing_left_out_counts_as_nothing(make_report, make_row):
    content = make_report(make_row())
    assert (content.rows_left_out, content.flagged_left_out, content.not_screened_left_out) == (0, 0, 0)


def test_studies_not_screened_are_grouped_by_reason_the_most_frequent_first(make_report, make_missed_row):
    rows = [make_missed_row(reason=reason) for reason in ("rare", "often", "often")]
    groups = make_report(*rows, make_missed_row(cause=Cause.INELIGIBLE, reason="often")).failed
    assert [(group.reason, len(group.rows)) for group in groups] == [("often", 2), ("rare", 1)]
