"""Looking into a ledger without taking it: by whoever wants to know, also while a scan holds it."""

import os
import shutil
import sqlite3
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from screener.errors import LedgerHeldError, OutputError, UsageError, why
from screener.ledger import schema as sql
from screener.ledger.connect import check_local
from screener.ledger.formats import APPLICATION_ID, VERSION

T = TypeVar("T")

_OLDEST = 2  # format 1 had runs of another form
_LOCKED_FROM, _LOCKED_BYTES = 0x40000000, 512
_TRIES, _PAUSE_SECONDS = 5, 0.2


@dataclass(frozen=True, slots=True)
class KnownRun:
    """One run that a ledger holds.

    started, finished: ISO 8601; finished is empty of a run that was killed or is under way. record: what it
    says of itself, as run_record.py writes it; empty where it came to none.
    """

    number: int
    started: str
    finished: str
    complete: bool
    record: str


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What a ledger holds, without taking it.

    held: whether a run has it now; then what that run has not yet written to the file itself is missing.
    marked: studies flagged in the last complete run that have a mark; None where nobody has ever made one.
    """

    format: int
    bytes: int
    held: bool
    runs: tuple[KnownRun, ...]
    files_known: int
    results: int
    overtaken: int
    marks: int
    published: int
    marked: int | None


def look_into(path: Path) -> LedgerState:
    """Return what a ledger holds; nothing of it is changed, nor brought to a newer format.

    Raises:
        UsageError: There is no such ledger, it is something else, or of a format that cannot be told.
        LedgerHeldError: A run holds it, and writes just now.
        OutputError: It cannot be read.
    """
    return look(path, lambda database, held: _state(database, path, held))


def look(path: Path, read: Callable[[sqlite3.Connection, bool], T]) -> T:
    """Return what a function reads from a ledger; it is told whether a run holds it; raises as look_into."""
    check_local(path)
    if not path.is_file():
        raise UsageError("ledger.no_such_file", path=path)
    for left in reversed(range(_TRIES)):
        held = _is_held(path)
        try:
            with _opened(path, held) as database:
                _check_ours(database, path)
                return read(database, held)
        except sqlite3.DatabaseError as error:
            if held and not left:
                raise LedgerHeldError.held(path) from error
            if not held:
                raise UsageError("ledger.damaged_look", path=path, error=error) from error
            time.sleep(_PAUSE_SECONDS)  # read while the run wrote
        except OSError as error:
            raise OutputError("ledger.unreadable", path=path, error=why(error)) from error
    raise AssertionError("the last try returns or raises")


def _is_held(path: Path) -> bool:
    """Return whether another process has locked a ledger; on Linux asks the kernel, and locks nothing itself.

    SQLite's locks are those of POSIX, on bytes behind the first GB (sqlite.org/src, os_unix.c). To take one,
    if only for a moment, could keep a scan from beginning.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return _cannot_be_locked(path)
    if sys.platform != "linux":  # there the structure is another one
        return _cannot_be_locked(path)
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _LOCKED_FROM, _LOCKED_BYTES, 0)
    with path.open("rb") as file:
        answer = fcntl.fcntl(file, fcntl.F_GETLK, asked)
    return bool(struct.unpack("hhqqi4x", answer)[0] != fcntl.F_UNLCK)


def _cannot_be_locked(path: Path) -> bool:
    """Return whether SQLite finds a ledger locked: by locking it for a moment."""
    try:
        with closing(_connected(path, "mode=rw")) as database:
            database.execute("BEGIN EXCLUSIVE")
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    except sqlite3.DatabaseError:  # no ledger: whoever reads it says so
        return False
    return False


@contextmanager
def _opened(path: Path, held: bool) -> Iterator[sqlite3.Connection]:
    """Give a connection that leaves no file of its own beside the ledger, and no lock on it.

    Where a run holds it, the file is read as it lies there: what is in the WAL alone is left out. A WAL
    that a killed run left is read from a copy.
    """
    wal = path.with_name(path.name + "-wal")
    if held or not _size(wal):
        database = _connected(path, "mode=ro&immutable=1")
        try:
            yield database
        finally:
            database.close()
        return
    with tempfile.TemporaryDirectory(prefix="screener-") as folder:
        copy = Path(folder) / "ledger"
        shutil.copyfile(path, copy)
        shutil.copyfile(wal, copy.with_name("ledger-wal"))
        database = _connected(copy, "mode=rw")
        try:
            yield database
        finally:
            database.close()


def _connected(path: Path, how: str) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path.absolute()))}?{how}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0)


def _check_ours(database: sqlite3.Connection, path: Path) -> None:
    [[application]] = database.execute("PRAGMA application_id")
    [[version]] = database.execute("PRAGMA user_version")
    if application != APPLICATION_ID:
        raise UsageError("ledger.other_database", path=path)
    if not _OLDEST <= version <= VERSION:
        raise UsageError("ledger.other_format", path=path, format=version, oldest=_OLDEST, newest=VERSION)


def _state(database: sqlite3.Connection, path: Path, held: bool) -> LedgerState:
    [[version]] = database.execute("PRAGMA user_version")
    runs = tuple(
        KnownRun(number, started, finished or "", bool(complete), record or "")
        for number, started, finished, complete, record in database.execute(
            "SELECT id, started, finished, complete, summary FROM runs ORDER BY id"
        )
    )
    marks = _count(database, "reviews")
    last = max((run.number for run in runs if run.complete), default=0)
    return LedgerState(
        format=version,
        bytes=path.stat().st_size + _size(path.with_name(path.name + "-wal")),
        held=held,
        runs=runs,
        files_known=_count(database, f"results WHERE current AND outcome <> '{sql.ELSEWHERE}'"),
        results=_count(database, "results"),
        overtaken=_count(database, "results WHERE NOT current"),
        marks=marks,
        published=_count(database, "published WHERE answer = 'stored'"),
        marked=_marked(database, last) if marks else None,
    )


def _count(database: sqlite3.Connection, rows: str) -> int:
    """Return how many rows there are; 0 where an older format lacks the table."""
    table = rows.split(" ", 1)[0]
    if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
        return 0
    [[count]] = database.execute(f"SELECT count(*) FROM {rows}")
    return int(count)


def _marked(database: sqlite3.Connection, run: int) -> int:
    marked: Any = database.execute(
        "SELECT count(*) FROM (SELECT DISTINCT has_uid, study FROM reviews "
        "WHERE run = ? AND status = 'flagged')",
        (run,),
    ).fetchone()
    return int(marked[0])


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
