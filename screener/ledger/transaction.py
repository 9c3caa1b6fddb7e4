"""Writing to the ledger: whole or not at all, and faults of the disk as errors of ours."""

import os
import shutil
import sqlite3
from pathlib import Path
from types import TracebackType

from screener.errors import OutputError

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
    name = f"--ledger {path}" if path else "the temporary ledger"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _full(path)):
        return OutputError(
            f"{name}: cannot be written: the disk is full ({_full(path) or _folders(path)}).\n"
            "Free space there, then run again: a ledger keeps what was done. TMPDIR names another folder for "
            "what is only sorted or kept for this run."
        )
    return OutputError(
        f"{name}: cannot be used: {error}.\n"
        "See whether the disk is faulty, or this account's quota used up; then run again."
    )


def _full(path: Path | None) -> str:
    """Return those folders of SQLite's files that have no room left."""
    return " and ".join(folder for folder in _written_to(path) if _room(folder) < _FEW)


def _folders(path: Path | None) -> str:
    return " or ".join(_written_to(path))


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
