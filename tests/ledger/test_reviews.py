"""Reviews in the ledger: kept as they came, never changed, never lost."""

import os
import sqlite3
from datetime import UTC, datetime

import pytest

from screener.agreement import Agreement, Mark, MarkCounts, Review
from screener.domain import Status
from screener.ledger import Ledger

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MARKED = datetime.fromisoformat("2026-11-22T08:30:00.123+01:00")
REVIEW = Review(1, "net@1", (True, "1.2"), "s-1", Status.FLAGGED, Mark.AGREE, "Ödem?\n", "AB", MARKED)


def change(**values):
    return Review(**{name: getattr(REVIEW, name) for name in Review.__slots__} | values)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def test_reviews_come_back_as_they_went_in_after_the_ledger_was_closed(path):
    undecodable = os.fsdecode(b"/studies/\xff.dcm")
    both = [REVIEW, change(study=(False, undecodable), status=Status.NOT_FLAGGED, note="", run=2)]
    with Ledger(path) as ledger:
        assert ledger.reviews.add(both, NOW) == 2
    with Ledger(path, create=False) as ledger:
        assert list(ledger.reviews) == both
        assert ledger.reviews.agreement() == (
            Agreement("net@1", 1, MarkCounts(agree=1), MarkCounts(agree=1)),
        )


def test_a_mark_that_is_known_is_not_kept_twice(path):
    with Ledger(path) as ledger:
        assert ledger.reviews.add([REVIEW, REVIEW], NOW) == 1
        assert ledger.reviews.add([REVIEW], NOW) == 0
        assert list(ledger.reviews) == [REVIEW]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"mark": Mark.UNSURE}, id="mark"),
        pytest.param({"note": ""}, id="note"),
        pytest.param({"reader": "CD"}, id="reader"),
        pytest.param({"run": 2}, id="report"),
        pytest.param({"study": (True, "1.3")}, id="study"),
        pytest.param({"study": (False, "1.2")}, id="a file of the UID's name"),
        pytest.param({"marked": NOW}, id="time"),
    ],
)
def test_what_differs_in_one_respect_is_a_mark_of_its_own(path, other):
    with Ledger(path) as ledger:
        assert ledger.reviews.add([REVIEW, change(**other)], NOW) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews SET mark = 'disagree'",
        "UPDATE OR REPLACE reviews SET id = 7",
        "DELETE FROM reviews",
        "DELETE FROM reviews WHERE id = 1",
        "INSERT OR REPLACE INTO reviews SELECT id, run, model, has_uid, study, study_id, status, 'disagree',"
        " note, reader, marked, recorded FROM reviews",
        "REPLACE INTO reviews VALUES (1, 1, 'm', 1, '1', '1', 'flagged', 'agree', '', 'x', '', '')",
    ],
)
def test_the_database_itself_refuses_to_change_or_drop_a_review(path, statement):
    with Ledger(path) as ledger:
        ledger.reviews.add([REVIEW], NOW)
    database = sqlite3.connect(path)  # any program, not only this one
    before = database.execute("SELECT * FROM reviews").fetchall()
    assert len(before) == 1
    with pytest.raises(sqlite3.IntegrityError, match="reviews are only ever added to"):
        database.execute(statement)
    assert database.execute("SELECT * FROM reviews").fetchall() == before
    database.close()


@pytest.mark.parametrize(("column", "value"), [("mark", "'maybe'"), ("reader", "''")])
def test_the_database_refuses_what_is_no_mark(path, column, value):
    with Ledger(path) as ledger:
        ledger.reviews.add([REVIEW], NOW)
    database = sqlite3.connect(path)
    columns = "run, model, has_uid, study, study_id, status, mark, note, reader, marked, recorded"
    values = ", ".join(value if each == column else each for each in columns.split(", "))
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        database.execute(f"INSERT INTO reviews ({columns}) SELECT {values} FROM reviews")
    database.close()


def test_marks_are_recorded_all_or_none(path):
    with Ledger(path) as ledger:
        with pytest.raises(ZeroDivisionError):
            ledger.reviews.add((REVIEW if number else 1 / 0 for number in (1, 0)), NOW)
        assert list(ledger.reviews) == []
