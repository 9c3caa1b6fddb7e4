"""What a run says of itself besides its figures, alike on page 1, in the mail and in the log."""

import pytest

from screener.errors import ExitCode
from screener.options import ReportLook, RunOptions
from screener.outputs.report_pdf import report_html
from screener.outputs.run_text import run_text
from screener.outputs.templating import plain_run_words
from screener.outputs.unfinished_text import failed_text, unfinished_text
from screener.run_summary import SinceBefore
from screener.totals import Totals

ALL_READ = "no image failed, and none was refused"


def words(summary):
    return plain_run_words(summary, ReportLook())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"totals": Totals(files_ignored=3, files_unsettled=3)},
            "3 files were too young (--settle) and are left for the next run.",
            id="unsettled",
        ),
        pytest.param(
            {"totals": Totals(images_failed=2)},
            "2 images failed: they should have been readable.",
            id="failed",
        ),
        pytest.param(
            {"totals": Totals(images_failed=2, failures_known=2)},
            "2 images failed that earlier reports told of; the files have not changed since.",
            id="known failures",
        ),
        pytest.param(
            {"totals": Totals(images_failed=1, folders_unreadable=1)},
            "1 folder could not be read: it may hide any number of studies.",
            id="unreadable folder",
        ),
        pytest.param(
            {"totals": Totals(images_ineligible=1, pictures_refused=1)},
            "1 picture was refused: it does not look like a frontal chest radiograph, and no tag calls it "
            "one. Look at it.",
            id="refused",
        ),
        pytest.param(
            {"totals": Totals(images_ineligible=1, pictures_refused=1, refusals_known=1)},
            "1 picture was refused that an earlier report showed.",
            id="known refusal",
        ),
        pytest.param(
            {"totals": Totals(files_ignored=2, archives_ignored=1)},
            "1 archive (.zip, .gz and the like) was not opened: unpack it if it holds images.",
            id="archive",
        ),
        pytest.param(
            {"complete": False, "files_found": 100, "totals": Totals(images_screened=48)},
            "52 of 100 files were not reached: the scan was interrupted.",
            id="interrupted",
        ),
        pytest.param(
            {"complete": False, "totals": Totals(images_screened=48)},
            "The scan was interrupted before it had reached every file.",
            id="interrupted, told by an older Screener",
        ),
        pytest.param(
            {"complete": False, "files_found": 100, "options": RunOptions({"shard": "1/3"})},
            "The scan was interrupted before it had reached every file.",
            id="interrupted shard, which knows nothing of the others' files",
        ),
    ],
)
def test_what_was_not_looked_at_is_told_with_its_reason(make_summary, make_report, changes, said):
    summary = make_summary(**changes)
    assert said in words(summary).unseen
    assert said in run_text(summary, (), words(summary)).splitlines()[1:4]
    html = report_html(make_report(**changes), ReportLook())
    assert html.count(said) == 2  # on page 1, and where what was not screened is listed
    assert ALL_READ not in html


def test_where_nothing_was_left_out_page_one_says_that_all_was_read(make_report):
    html = report_html(make_report(totals=Totals(images_screened=3, not_flagged=3)), ReportLook())
    assert ALL_READ in html
    assert '<div class="cell tile failed">' not in html


def test_known_failures_are_no_red_tile_and_no_new_ones(make_report):
    html = report_html(make_report(totals=Totals(images_failed=6, failures_known=6)), ReportLook())
    assert '<div class="cell tile failed">' not in html
    assert "see “Not screened”" not in html
    assert "new images failed or were refused" in html


def test_of_new_and_known_failures_the_red_tile_counts_the_new_ones(make_report):
    html = report_html(make_report(totals=Totals(images_failed=7, failures_known=6)), ReportLook())
    assert '<span class="mark">!</span>1</div>' in html
    assert "6 images failed that earlier reports told of" in html


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (
            SinceBefore(studies_again=12),
            "12 studies that earlier reports listed are listed again: the model,",
        ),
        (SinceBefore(images_gone=1), "1 image of the last complete run was not found this time."),
        (
            SinceBefore(not_ended="2026-11-27T02:00:00+01:00"),
            "The previous run, begun 2026-11-27 02:00, did not",
        ),
        (
            SinceBefore(not_ended="2026-11-27T02:00:00+01:00", interrupted=True),
            "The previous run, begun 2026-11-27 02:00, was interrupted",
        ),
    ],
)
def test_what_came_before_is_told_in_mail_and_report(make_summary, make_report, since, said):
    summary = make_summary(since=since)
    assert said in run_text(summary, (), words(summary))
    assert said in report_html(make_report(since=since), ReportLook())


def test_the_folder_and_what_is_new_are_counted_apart(make_summary):
    totals = Totals(images_screened=75, images_failed=1, files_known=73, not_flagged=3)
    summary = make_summary(totals=totals, options=RunOptions({"new_only": True}))
    text = run_text(summary, (), words(summary))
    assert "76 files in the folders: 73 known from earlier reports, 3 new." in text
    assert "Listed, only what is new\nstudies flagged:" in text
    assert "files seen:             76 (73 known from earlier reports, 3 new)" in text


def test_page_one_says_that_its_files_are_those_of_the_folders_where_only_new_studies_are_listed(make_report):
    said = "In the folders, known files included:"
    assert said in report_html(make_report(options=RunOptions({"new_only": True})), ReportLook())
    assert said not in report_html(make_report(), ReportLook())


def test_done_with_known_failures_is_not_nothing_failed(make_summary):
    text = run_text(make_summary(totals=Totals(images_failed=6, failures_known=6)), ())
    assert text.startswith(
        "Screener: 0 to look at first; 0 images failed anew (6 known from earlier reports)."
    )
    assert "0: done, nothing new failed" in text


def test_what_ended_a_run_stands_before_what_it_found(make_summary):
    summary = make_summary(exit_code=int(ExitCode.OUTPUT), totals=Totals(images_screened=3))
    text = run_text(summary, (), error="/r.pdf: cannot be written: the disk is full.")
    head, _, rest = text.partition("\n\n")
    assert head == "Screener: ENDED WITH AN ERROR, exit code 6: an output could not be written."
    assert rest.startswith("/r.pdf: cannot be written: the disk is full.\n")
    assert f"report id:              {summary.report_id}" in rest


def test_a_text_says_when_its_run_began(make_summary):
    started = make_summary().started
    assert f"{started:%Y-%m-%d %H:%M:%S}" in unfinished_text(started).splitlines()[0]
    assert f"started:                {started:%Y-%m-%d %H:%M}" in failed_text(ExitCode.USAGE, "why", started)
