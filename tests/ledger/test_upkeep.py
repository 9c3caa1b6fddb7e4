"""Checking, copying, shrinking and forgetting."""

import os
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from screener.agreement import Mark, Review
from screener.domain import Ignored, Status
from screener.errors import LedgerHeldError, UsageError
from screener.ledger import Ledger, ResultKey, Stamp
from screener.ledger.forget import Forgotten, Whose, forget
from screener.ledger.look import look_into
from screener.ledger.upkeep import back_up, faults_of, vacuum
from tests.outcomes import found, missed

NIGHT = datetime(2026, 11, 20, 2)
OURS = found(
    "ours/SECRET-1.dcm", 1.0, "9.8.7.6", sop="9.8.7.6.1", patient_id="SECRET-7", study_date="2010-05-04"
)
OURS_FAILED = missed("ours/SECRET-2.dcm", study="9.8.7.6", patient_id="SECRET-7", study_date="2010-05-04")
OURS_BARE = found("ours/SECRET-3.dcm", 0.5, "9.8.7.6", sop="9.8.7.6.3")
THEIRS = found("theirs.dcm", 0.0, "1.2", sop="1.2.1", patient_id="P-2", study_date="2025-01-01")
LOOSE = found("SECRET-scan.jpg", 0.0)
NOTE = Ignored("note.txt", Path("/studies/note.txt"))
EVERYTHING = (OURS, OURS_FAILED, OURS_BARE, THEIRS, LOOSE, NOTE)


def scan(path: Path, *outcomes, day: int = 0) -> None:
    when = NIGHT + timedelta(days=day)
    with Ledger(path, key=ResultKey("m")) as ledger:
        ledger.begin(when)
        ledger.record(outcomes, {each.path: Stamp(1000, 5) for each in outcomes})
        ledger.keep("told")
        ledger.finish(when, True, len(outcomes))


def review(path: Path) -> None:
    mark = Review(
        run=1, model="m", study=(True, "9.8.7.6"), study_id="9.8.7.6", status=Status.FLAGGED,
        mark=Mark.AGREE, note="SECRET note", reader="reader", marked=NIGHT,
    )  # fmt: skip
    with Ledger(path, create=False) as ledger:
        assert ledger.reviews.add([mark], NIGHT) == 1


def publish(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "INSERT INTO published VALUES (1, '9.8.7.6', 'report', '5.5.1', '5.5', 'c', 'm', 1, 't', 'a', "
            "'b', 'stored', '')"
        )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger of one night with images of two patients and one of nobody."""
    path = tmp_path / "ledger.sqlite"
    scan(path, *EVERYTHING)
    review(path)
    publish(path)
    return path


def everything_on_disk(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.iterdir() if each.is_file())


@pytest.mark.parametrize(
    "whose", [Whose(patient="SECRET-7"), Whose(study="9.8.7.6")], ids=["patient", "study"]
)
def test_what_is_forgotten_is_nowhere_in_the_file_and_all_else_is(path: Path, whose: Whose) -> None:
    assert forget(path, whose, print) == Forgotten(3, 1, 1, 1, still_there=3)
    left = everything_on_disk(path)
    for gone in (b"SECRET-1", b"SECRET-2", b"SECRET-3", b"SECRET-7", b"9.8.7.6", b"SECRET note", b"5.5.1"):
        assert gone not in left
    for kept in (b"theirs.dcm", b"P-2", b"SECRET-scan.jpg", b"note.txt"):
        assert kept in left
    assert faults_of(path, print) == ()


def test_an_image_without_a_uid_is_its_own_study_by_its_file(path: Path) -> None:
    assert forget(path, Whose(study="SECRET-scan.jpg"), print).files == 1
    assert b"SECRET-scan" not in everything_on_disk(path)


def test_marks_and_records_stay_append_only_afterwards(path: Path) -> None:
    forget(path, Whose(study="SECRET-scan.jpg"), print)
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("reviews", "published"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
                database.execute(f"DELETE FROM {table}")


def test_trying_counts_and_erases_nothing(path: Path) -> None:
    before = look_into(path)
    assert forget(path, Whose(patient="SECRET-7"), print, try_only=True).files == 3
    assert look_into(path) == before


def test_nobody_known_is_nothing_forgotten(path: Path) -> None:
    assert forget(path, Whose(patient="SECRET"), print) == Forgotten(0, 0, 0, 0, 0)


def test_what_is_old_goes_once_it_lies_in_no_folder_any_more(path: Path) -> None:
    old = Whose(before=date(2016, 11, 20))
    assert forget(path, old, print) == Forgotten(0, 0, 0, 0, still_there=2)
    scan(path, THEIRS, LOOSE, day=1)
    assert forget(path, old, print).files == 2  # SECRET-3 has no date: as old as the run that first saw it
    assert b"SECRET-1" not in everything_on_disk(path)
    scan(path, THEIRS, day=2)
    later = forget(path, Whose(before=date(2026, 11, 21)), print)
    assert (later.files, later.still_there) == (2, 1)  # SECRET-3 and the loose image; theirs is there still


def test_a_backup_is_whole_private_and_replaces_only_an_older_one(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    back_up(path, copy, print)
    assert look_into(copy).runs == look_into(path).runs
    assert copy.stat().st_mode & 0o777 == 0o600
    scan(path, THEIRS, day=1)
    back_up(path, copy, print)
    assert len(look_into(copy).runs) == 2
    (tmp_path / "letter.txt").write_text("a letter")
    for other in (tmp_path / "letter.txt", path):
        with pytest.raises(UsageError, match="is not replaced"):
            back_up(path, other, print)
    assert (tmp_path / "letter.txt").read_text() == "a letter"
    assert not [each for each in os.listdir(tmp_path) if each.endswith(".part")]


def test_vacuum_gives_room_back(path: Path) -> None:
    many = [found(f"{number:04}.dcm", 1.0, f"4.{number}") for number in range(500)]
    scan(path, *many, day=1)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM seen WHERE first_run = 2")
        database.execute("DELETE FROM results WHERE path LIKE '%0%'")
    sizes = vacuum(path, print)
    assert sizes.after < sizes.before
    assert path.stat().st_size == sizes.after


def test_rows_that_point_at_nothing_are_faults(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM results WHERE id = 1")
    assert [str(each) for each in faults_of(path, print)] == ["1 file seen without a result"]


def test_a_page_written_over_is_a_fault(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    try:
        found = faults_of(path, print)
    except UsageError as error:  # so badly that it does not open
        found = (error.said,)
    assert found


def test_a_ledger_that_a_run_holds_is_left_alone(path: Path) -> None:
    with Ledger(path, key=ResultKey("m")):
        for do in (faults_of, vacuum):
            with pytest.raises(LedgerHeldError):
                do(path, print)
        with pytest.raises(LedgerHeldError):
            forget(path, Whose(patient="P-2"), print)
