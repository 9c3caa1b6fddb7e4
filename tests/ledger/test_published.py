"""What was published, in the ledger: kept as it was answered, never changed, never lost."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from screener.ledger import Ledger
from screener.ledger.published import Answer, Publication
from tests.ledger.formats import BEFORE_PUBLISHED

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SENT = Publication(
    study="1.2",
    kind="sr",
    sop_uid="2.25.1",
    series_uid="2.25.2",
    content="abc",
    model="net@1",
    run=3,
    target="https://pacs/dicom-web",
    asked=NOW,
    answered=NOW,
    answer=Answer.STORED,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def test_an_answer_comes_back_as_it_went_in_after_the_ledger_was_closed(path):
    with Ledger(path) as ledger:
        ledger.published.add(SENT)
    with Ledger(path, create=False) as ledger:
        assert ledger.published.last("1.2", "sr", SENT.target) == SENT
        assert list(ledger.published.stored(SENT.target)) == [SENT]


@pytest.mark.parametrize("elsewhere", [{"study": "1.3"}, {"kind": "pdf"}, {"target": "/out"}])
def test_another_study_kind_or_receiver_has_nothing_of_it(path, elsewhere):
    asked = {"study": "1.2", "kind": "sr", "target": SENT.target} | elsewhere
    with Ledger(path) as ledger:
        ledger.published.add(SENT)
        assert ledger.published.last(**asked) is None


def test_a_refusal_is_kept_and_is_no_last_object(path):
    with Ledger(path) as ledger:
        ledger.published.add(replace(SENT, answer=Answer.REFUSED, why="another patient ID"))
        assert ledger.published.last("1.2", "sr", SENT.target) is None
        assert ledger.published.open_from(SENT.target) == 3


def test_what_is_stored_is_recorded_once(path):
    with Ledger(path) as ledger:
        for _ in range(2):
            ledger.published.add(SENT)
        assert len(list(ledger.published.stored(SENT.target))) == 1
        ledger.published.add(replace(SENT, answer=Answer.COMMITTED))
        assert len(list(ledger.published.stored(SENT.target))) == 1


def test_the_last_object_of_a_study_is_the_one_stored_last(path):
    later = replace(SENT, sop_uid="2.25.9", content="def")
    with Ledger(path) as ledger:
        ledger.published.add(SENT)
        ledger.published.add(later)
        assert ledger.published.last("1.2", "sr", SENT.target) == later


def test_a_receiver_is_asked_again_from_the_first_run_that_it_may_lack(path):
    with Ledger(path) as ledger:
        assert ledger.published.open_from(SENT.target) is None
        ledger.published.add(SENT)
        assert ledger.published.open_from(SENT.target) == 3
        ledger.published.settle(SENT.target, 5)
        assert ledger.published.open_from(SENT.target) == 6
        assert ledger.published.open_from("/out") is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE published SET answer = 'refused'",
        "UPDATE OR REPLACE published SET id = 7",
        "DELETE FROM published",
        "INSERT OR REPLACE INTO published SELECT 1, study, kind, 'other', series_uid, content, model, run, "
        "target, asked, answered, answer, why FROM published",
        "INSERT OR REPLACE INTO published SELECT 9, study, kind, sop_uid, series_uid, content, model, run, "
        "target, asked, answered, answer, 'other' FROM published",
    ],
)
def test_the_database_itself_refuses_to_change_or_drop_a_publication(path, statement):
    with Ledger(path) as ledger:
        ledger.published.add(SENT)
    database = sqlite3.connect(path)  # any program, not only this one
    before = database.execute("SELECT * FROM published").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        database.execute(statement)
    assert database.execute("SELECT * FROM published").fetchall() == before
    database.close()


def test_a_ledger_of_the_sixth_format_is_upgraded_and_has_published_nothing(path):
    Ledger(path).__exit__(None, None, None)
    with sqlite3.connect(path) as database:
        database.executescript(BEFORE_PUBLISHED + "PRAGMA user_version = 6;")
    database.close()
    with Ledger(path, create=False) as ledger:
        assert list(ledger.published.stored(SENT.target)) == []
        ledger.published.add(SENT)
        assert ledger.published.is_own("2.25.1")
        assert not ledger.published.is_own("2.25.3")
