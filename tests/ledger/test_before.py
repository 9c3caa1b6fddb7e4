"""What a run left out, and what it has to do with the runs before it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screener.domain import Cause, Ignored
from screener.intake import find_files, scan_roots
from screener.ledger import Ledger, ResultKey, Stamp
from screener.reasons import Reason, ReasonCode
from screener.reporting.run_record import to_record
from tests.outcomes import found, missed
from tests.reporting.test_run_record import SUMMARY

FIRST = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ARCHIVES = (
    *("a.ZIP", "b.dcm.gz", "c.tar.xz", "d.tgz", "e.tar", "f.7z", "g.rar", "h.bz2"),
    *("i.tbz2", "j.txz", "k.tar.zst", "l.tzst", "m.lz4", "n.ISO"),
)
CLOSED = Reason.of(ReasonCode.FOLDER_UNREADABLE, why="Permission denied")


@pytest.fixture
def night(tmp_path):
    """Record one night's outcomes with one ledger and return what is said of it; day: of the run."""

    def run(day, *outcomes, model="m", complete=True, size=1000):
        with Ledger(tmp_path / "ledger.sqlite", key=ResultKey(model)) as ledger:
            ledger.begin(FIRST + timedelta(days=day))
            ledger.record(outcomes, {each.path: Stamp(size, 5) for each in outcomes})
            before = ledger.before
            said = {
                "not_screened": list(before.not_screened()),
                "folders": before.folders_unreadable(),
                "archives": before.archives_ignored(),
                "again": before.studies_again(),
                "gone": before.images_gone(lambda run: True),
                "not_ended": before.not_ended(),
            }
            ledger.keep(to_record(SUMMARY))
            if complete:
                ledger.finish(FIRST + timedelta(days=day, hours=1), True, len(outcomes))
            return said

    return run


def test_unreadable_folders_are_counted_apart_from_images(night):
    assert night(0, missed("a"), missed("folder", CLOSED))["folders"] == 1


def test_a_folder_that_can_be_read_again_is_no_image_that_is_gone(night):
    night(0, found("a"), missed("folder", CLOSED))
    assert night(1, found("a"), found("folder/b"))["gone"] == 0


def test_what_was_ignored_is_not_gone(night):
    night(0, found("a"), Ignored("notes.txt", Path("/studies/notes.txt")))
    assert night(1, found("a"))["gone"] == 0


def test_archives_are_told_by_their_names_whatever_their_case(night):
    ignored = [Ignored(name, Path("/studies") / name) for name in (*ARCHIVES, "zip.txt", "notes.zip.md")]
    assert night(0, *ignored)["archives"] == len(ARCHIVES)


def test_a_folders_archives_are_ignored_and_counted(night, tmp_path):
    studies = tmp_path / "studies"
    studies.mkdir()
    for name in (*ARCHIVES, "zip.txt"):
        (studies / name).write_bytes(b"packed, never opened")
    seen = list(find_files(scan_roots([studies])))
    assert night(0, *seen)["archives"] == len(ARCHIVES)


def test_only_unchanged_images_of_earlier_reports_are_listed_again(night):
    night(0, found("a", 1.0, "1.2"), found("b", 1.0, "1.3"))
    assert night(1, found("a", 1.0, "1.2"), found("c", 1.0, "1.4"), model="other")["again"] == 1
    assert night(2, found("b", 1.0, "1.3"), model="other", size=7)["again"] == 0


def test_what_a_run_that_did_not_end_had_screened_is_not_listed_again(night):
    night(0, found("a"), complete=False)
    assert night(1, found("a"), model="other")["again"] == 0


def test_a_run_that_did_not_end_is_known_by_when_it_began(night):
    night(0, found("a"), complete=False)
    assert night(1, found("a"))["not_ended"] == (FIRST.isoformat(timespec="seconds"), False)
    assert night(2, found("a"))["not_ended"] == ("", False)


def test_files_not_screened_are_counted_by_reason_ineligible_first(night):
    said = night(
        0,
        found("a.dcm"),
        Ignored("n.txt", Path("/studies/n.txt")),
        missed("b.dcm"),
        missed("c.dcm"),
        missed("d.dcm", CLOSED, cause=Cause.INELIGIBLE),
    )
    assert said["not_screened"] == [("ineligible", "folder_unreadable", 1), ("failed", "earlier_words", 2)]
