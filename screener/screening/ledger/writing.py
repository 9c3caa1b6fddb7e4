"""Writing to the ledger: whole or not at all, and faults of the disk as errors of ours."""

import sqlite3
from pathlib import Path
from types import TracebackType

from screener.errors import OutputError


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
    return OutputError(f"{path or 'the temporary ledger'}: cannot be used: {error}.\nIs the disk full?")
