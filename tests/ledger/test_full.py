"""A ledger for which the disk is full says so, and which disk."""

import sqlite3
from pathlib import Path

import pytest

from screener.ledger import transaction as writing
from screener.ledger.transaction import unusable


def failure(code, words="database or disk is full"):
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@pytest.fixture
def no_room(monkeypatch):
    """Let the disks of these folders have no room left."""

    def fill(*folders):
        full = {str(folder) for folder in folders}
        monkeypatch.setattr(writing, "_room", lambda folder: 0 if folder in full else 1 << 30)

    return fill


def test_the_disk_of_the_ledger_is_named(no_room, tmp_path):
    no_room(tmp_path)
    said = str(unusable(tmp_path / "ledger.sqlite", failure(sqlite3.SQLITE_FULL)))
    assert said.startswith(
        f"--ledger {tmp_path}/ledger.sqlite: cannot be written: the disk is full ({tmp_path})."
    )
    assert "Free space there" in said


def test_the_disk_where_sqlite_sorts_is_named_where_that_is_the_full_one(no_room, tmp_path, monkeypatch):
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    no_room(tmp_path)
    said = str(unusable(Path("/ledger.sqlite"), failure(sqlite3.SQLITE_FULL)))
    assert f"the disk is full ({tmp_path})" in said


def test_a_ledger_without_a_name_is_the_temporary_one(no_room, tmp_path, monkeypatch):
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    no_room()
    said = str(unusable(None, failure(sqlite3.SQLITE_FULL)))
    assert said.startswith(f"the temporary ledger: cannot be written: the disk is full ({tmp_path}).")


def test_an_error_of_the_disk_is_no_full_disk_unless_it_has_no_room(no_room, tmp_path):
    broken = failure(sqlite3.SQLITE_IOERR, "disk I/O error")
    no_room()
    assert "cannot be used: disk I/O error" in str(unusable(tmp_path / "l", broken))
    no_room(tmp_path)  # as SQLite tells of a quota that is used up
    assert "the disk is full" in str(unusable(tmp_path / "l", broken))
