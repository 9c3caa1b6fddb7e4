"""A ledger can be looked into while a run holds it, and by whoever may only read it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from screener.errors import LedgerHeldError, UsageError
from screener.ledger import Ledger, ResultKey, formats
from screener.ledger.look import look_into
from tests.outcomes import found

NIGHT = datetime(2026, 11, 20, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger with one complete run of two images."""
    path = tmp_path / "led#ger?.sqlite"  # characters that a URI would take for its own
    with Ledger(path, key=ResultKey("m")) as ledger:
        ledger.begin(NIGHT)
        ledger.record([found("a.dcm", 1.0), found("b.dcm")], {})
        ledger.keep("told")
        ledger.finish(NIGHT, True, 2)
    return path


def test_it_is_told_and_left_as_it_was(path: Path) -> None:
    before = path.read_bytes()
    state = look_into(path)
    assert (state.held, state.files_known, state.results, state.marks) == (False, 2, 2, 0)
    assert [(run.number, run.complete, run.record) for run in state.runs] == [(1, True, "told")]
    assert state.marked is None
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.slow  # another process
def test_one_that_a_run_holds_is_told_as_it_lies_there(path: Path) -> None:
    holds = (
        "import sys\nfrom datetime import datetime\nfrom pathlib import Path\n"
        "from screener.ledger import Ledger, ResultKey\n"
        "with Ledger(Path(sys.argv[1]), key=ResultKey('m')) as ledger:\n"
        "    ledger.begin(datetime(2026, 11, 21, 2))\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", holds, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        state = look_into(path)
        with pytest.raises(LedgerHeldError):  # which looking has not ended
            Ledger(path, key=ResultKey("m"))
        other.kill()
    assert state.held
    assert state.runs[0].record == "told"
    killed = look_into(path)
    assert (killed.held, len(killed.runs)) == (False, 2)  # the second run is in the WAL alone


def test_one_of_an_older_format_is_told_without_what_it_lacked(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "DROP TABLE reviews; DROP TABLE published; DROP TABLE settled; PRAGMA user_version = 2;"
        )
    state = look_into(path)
    assert (state.format, state.marks, state.published, len(state.runs)) == (2, 0, 0, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("PRAGMA application_id = 1", "a database of something else"),
        (f"PRAGMA user_version = {formats.VERSION + 1}", "of format"),
    ],
)
def test_what_it_cannot_tell_is_refused(path: Path, change: str, words: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(change)
    with pytest.raises(UsageError, match=words):
        look_into(path)


def test_a_missing_or_damaged_one_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        look_into(tmp_path / "nowhere.sqlite")
    (tmp_path / "noise.sqlite").write_bytes(b"noise" * 1000)
    with pytest.raises(UsageError, match="no ledger, or a damaged one"):
        look_into(tmp_path / "noise.sqlite")
