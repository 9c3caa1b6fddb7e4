"""Writing to the ledger: whole or not at all, and faults of the disk as errors of ours."""

import os
import shutil
import sqlite3
from pathlib import Path
from types import TracebackType

from screener.errors import OutputError
from screener.said import Said, say

_FEW = 1 << 16  # bytes: too few for another page or two of SQLite's


class Transaction:
    """A transaction whose failure is an error of ours: the disk is full, or the file damaged."""

    def __init__(self, database: sqlite3.Connection, path: Path | None) -> None:
        self._database, self._path = database, path

    def __enter__(self) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._database.execute("COMMIT" if error is None else "ROLLBACK")
        except sqlite3.Error as failure:
            error = error or failure
        if isinstance(error, sqlite3.Error):
            raise unusable(self._path, error) from error


def unusable(path: Path | None, error: sqlite3.Error) -> OutputError:
    """Return what to raise for an error of SQLite; path: of the ledger, None for the temporary one."""
    ledger = f"--ledger {path}" if path else say("ledger.temporary")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _full(path)):
        folders = _listed("ledger.both", _full(path)) or _listed("ledger.either", _written_to(path))
        return OutputError("ledger.full", ledger=ledger, folders=folders)
    return OutputError("ledger.unusable", ledger=ledger, error=error)


def _full(path: Path | None) -> list[str]:
    """Return those folders of SQLite's files that have no room left."""
    return [folder for folder in _written_to(path) if _room(folder) < _FEW]


def _listed(key: str, folders: list[str]) -> Said | str:
    """Return one or two folders as a sentence names them; key: of the words for two."""
    return say(key, one=folders[0], other=folders[1]) if len(folders) > 1 else "".join(folders)


def _written_to(path: Path | None) -> list[str]:
    """Return where a ledger lies, and where SQLite sorts (sqlite.org/tempfiles.html)."""
    asked = (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp")
    temporary = next((each for each in asked if each and os.access(each, os.W_OK | os.X_OK)), ".")
    own = [str(path.absolute().parent)] if path else []
    return list(dict.fromkeys([*own, temporary]))


def _room(folder: str) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _FEW
