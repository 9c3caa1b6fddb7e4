"""The audit journal: what is in it, and every way to falsify it."""

import json
import os
import pwd
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from screener.ledger import Ledger, ResultKey, Stamp
from screener.ledger.audit import Anchor, Deed, Entry, entries, faults, head
from screener.ledger.forget import Whose, forget
from screener.ledger.upkeep import back_up, vacuum
from tests.commands.conftest import invoke
from tests.ledger.formats import BEFORE_AUDIT
from tests.ledger.test_published import SENT
from tests.ledger.test_upkeep import NIGHT, everything_on_disk, review, scan
from tests.outcomes import found

UID = "9.8.7.6"
IMAGE = found("SECRET-1.dcm", 1.0, UID, sop="9.8.7.6.1", patient_id="SECRET-7")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a ledger with two nights, a mark and a publication."""
    path = tmp_path_factory.mktemp("audit") / "ledger.sqlite"
    scan(path, IMAGE)
    review(path)
    with Ledger(path, create=False) as ledger:
        ledger.published.add(replace(SENT, study=UID))
    scan(path, IMAGE, day=1)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, made: bytes) -> Path:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(made)
    return path


def journal(path: Path) -> list[Entry]:
    with closing(sqlite3.connect(path)) as database:
        return entries(database)


def found_by(path: Path, *anchors: Anchor) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        runs = [run for (run,) in database.execute("SELECT id FROM runs")]
        return [str(each) for each in faults(entries(database), anchors, runs)]


def falsify(path: Path, *statements: str) -> None:
    """Do what somebody could who may write to the file: the triggers are dropped first."""
    with closing(sqlite3.connect(path)) as database, database:
        for name in ("never_changes", "never_goes", "is_never_replaced"):
            database.execute(f"DROP TRIGGER audit_{name}")
        for statement in statements:
            database.execute(statement)


def rewrite(path: Path, first: int) -> None:
    """Seal all entries from one on anew, as somebody would who knows how it is done."""
    with closing(sqlite3.connect(path)) as database, database:
        before = "0" * 64
        for entry in entries(database):
            if entry.number >= first:
                database.execute(
                    "UPDATE audit SET hash = ? WHERE id = ?", (entry.sealed(before), entry.number)
                )
                before = entry.sealed(before)
            else:
                before = entry.hash


def test_every_deed_is_in_the_journal_and_the_journal_is_whole(path: Path) -> None:
    assert [each.deed for each in journal(path)] == [
        Deed.JOURNAL_BEGAN, Deed.RUN_BEGAN, Deed.RUN_ENDED, Deed.MARKS_RECORDED, Deed.RESULT_PUBLISHED,
        Deed.RUN_BEGAN, Deed.RUN_ENDED,
    ]  # fmt: skip
    assert found_by(path) == []
    assert all(" on " in each.who for each in journal(path))


def test_no_identifier_is_in_it(path: Path) -> None:
    told = " ".join(each.what for each in journal(path))
    for name in (UID, "SECRET", SENT.sop_uid, "reader"):
        assert name not in told


def test_the_account_is_the_systems_and_not_what_the_environment_says(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "LOGNAME"):
        monkeypatch.setenv(name, "somebody-else")
    monkeypatch.setenv("SUDO_USER", "asked")
    scan(path, IMAGE, day=2)
    assert journal(path)[-1].who.startswith(f"{pwd.getpwuid(os.getuid()).pw_name} for asked on ")


@pytest.mark.parametrize("number", [1, 4, 7])
@pytest.mark.parametrize("column", ["what", "who", "at", "deed", "hash"])
def test_a_changed_entry_is_found(path: Path, number: int, column: str) -> None:
    falsify(
        path,
        f"UPDATE audit SET {column} = replace({column}, substr({column}, 3, 1), '~') WHERE id = {number}",
    )
    assert any(f"entry {number} changed" in each for each in found_by(path))


def test_a_changed_entry_with_a_new_seal_breaks_the_one_after_it(path: Path) -> None:
    falsify(path, "UPDATE audit SET who = 'nobody' WHERE id = 4")
    with closing(sqlite3.connect(path)) as database, database:
        third, fourth = entries(database)[2:4]
        database.execute("UPDATE audit SET hash = ? WHERE id = 4", (fourth.sealed(third.hash),))
    assert found_by(path) == ["entry 5 changed, or put in; or the one before it"]


def test_a_removed_entry_is_found_also_if_those_behind_it_move_up(path: Path) -> None:
    falsify(path, "DELETE FROM audit WHERE id = 4")
    assert found_by(path)[0] == "entry 4 removed"
    falsify_again = "UPDATE audit SET id = id - 1 WHERE id > 4"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(falsify_again)
    assert found_by(path)[0] == "entry 4 changed, or put in; or the one before it"


def test_an_entry_put_in_is_found(path: Path) -> None:
    falsify(
        path,
        "UPDATE audit SET id = -id - 1 WHERE id > 4",
        "UPDATE audit SET id = -id WHERE id < 0",
        "INSERT INTO audit SELECT 5, at, who, deed, what, hash FROM audit WHERE id = 4",
    )
    assert found_by(path)[0] == "entry 5 changed, or put in; or the one before it"


def test_what_was_cut_off_is_found_by_the_anchor_alone(path: Path) -> None:
    anchor = head(journal(path))
    falsify(path, "DELETE FROM audit WHERE id > 5", "DELETE FROM runs WHERE id > 1")
    assert found_by(path) == []
    assert found_by(path, anchor) == ["cut off: the anchor knows entry 7, the journal ends with entry 5"]


def test_a_journal_written_anew_from_some_entry_on_is_found_by_the_anchor_alone(path: Path) -> None:
    anchor = head(journal(path))
    falsify(path, "UPDATE audit SET who = 'nobody' WHERE id = 4")
    rewrite(path, 4)
    assert found_by(path) == []
    assert found_by(path, anchor) == ["entry 7, or one before it, is not the one that was anchored"]


def test_a_ledger_begun_anew_is_not_the_one_that_was_anchored(path: Path) -> None:
    anchor = head(journal(path))
    path.unlink()
    scan(path, IMAGE)
    assert found_by(path, anchor)[0].startswith("begun anew")


def test_a_run_that_nobody_told_is_found(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO runs (id, started) VALUES (3, '2026-11-22T02:00:00')")
    assert found_by(path) == ["no entry says that run 3 began"]


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET who = ''", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit"]
)
def test_the_database_itself_refuses(path: Path, statement: str) -> None:
    with (
        closing(sqlite3.connect(path)) as database,
        database,
        pytest.raises(sqlite3.IntegrityError, match="only ever added to"),
    ):
        database.execute(statement)


def test_a_run_that_is_killed_has_begun_and_not_ended(path: Path) -> None:
    with Ledger(path, key=ResultKey("m")) as ledger:
        ledger.begin(NIGHT, "net@1")
        ledger.record([IMAGE], {IMAGE.path: Stamp(1, 2)})
    assert journal(path)[-1].deed == Deed.RUN_BEGAN
    assert json.loads(journal(path)[-1].what)["model"] == "net@1"
    scan(path, IMAGE, day=3)
    assert found_by(path) == []


def test_forgetting_is_told_without_saying_whose_and_nobody_can_tell_any_more(path: Path) -> None:
    before = journal(path)
    assert len(json.loads(invoke("audit", "show", "--ledger", path, "--study", UID, "--json").output)) == 2
    forget(path, Whose(patient="SECRET-7"), print)
    assert journal(path)[: len(before)] == before
    assert journal(path)[-1].deed == Deed.FORGOTTEN
    assert json.loads(journal(path)[-1].what) == {
        "what": "a patient", "files": 1, "studies": 1, "marks": 1, "published": 1, "still_there": 1
    }  # fmt: skip
    assert found_by(path, head(before)) == []
    assert json.loads(invoke("audit", "show", "--ledger", path, "--study", UID, "--json").output) == []
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM audit_keys").fetchone() == (0,)
    assert UID.encode() not in everything_on_disk(path)


def test_vacuum_and_backup_keep_it(path: Path, tmp_path: Path) -> None:
    anchor = head(journal(path))
    vacuum(path, print)
    back_up(path, tmp_path / "copy", print)
    assert found_by(path, anchor) == []
    assert found_by(tmp_path / "copy", anchor) == []


def test_an_older_ledger_gets_a_journal_that_knows_of_its_runs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(BEFORE_AUDIT + "PRAGMA user_version = 9;")
    assert "no entry" not in invoke("audit", "verify", "--ledger", path).output
    scan(path, IMAGE, day=2)
    assert json.loads(journal(path)[0].what)["runs_before"] == 2
    assert [each.deed for each in journal(path)[1:]] == [Deed.RUN_BEGAN, Deed.RUN_ENDED]
    assert found_by(path) == []


def test_the_commands_say_so(path: Path, tmp_path: Path) -> None:
    anchor = invoke("audit", "anchor", "--ledger", path).output
    (tmp_path / "anchors").write_text(f"noise\n{anchor}")
    assert Anchor.read(anchor) == head(journal(path))
    told = invoke("audit", "verify", "--ledger", path, "--anchor", tmp_path / "anchors")
    assert told.output == "7 entries, 1 of them as anchored: none changed, removed or put in.\n"
    assert "only an anchor shows" in invoke("audit", "verify", "--ledger", path).output
    shown = invoke("audit", "show", "--ledger", path, "--last", 3)
    assert "run_ended" in shown.output
    assert "journal_began" not in shown.output
    falsify(path, "UPDATE audit SET who = 'nobody' WHERE id = 4")
    wrong = invoke("audit", "verify", "--ledger", path)
    assert wrong.exit_code == 2
    assert "entry 4 changed" in wrong.output


def test_what_is_no_anchor_is_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "anchors").write_text("noise")
    for name in ("anchors", "nowhere"):
        assert invoke("audit", "verify", "--ledger", path, "--anchor", tmp_path / name).exit_code == 2


def test_a_ledger_in_no_file_keeps_no_journal() -> None:
    with Ledger() as ledger:
        ledger.begin(datetime(2026, 11, 20, 2))
        ledger.finish(datetime(2026, 11, 20, 3), True, 0)
        assert entries(ledger._database) == []
