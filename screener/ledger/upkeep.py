"""Care for a ledger over the years: whether it is whole, a copy of it, the room that it takes."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from screener.errors import OutputError, UsageError
from screener.ledger.connect import PRIVATE, open_ledger
from screener.ledger.formats import APPLICATION_ID
from screener.ledger.transaction import unusable
from screener.runtime import OWN_BYTES
from screener.said import Said, Spoken, say

_MOST_FAULTS = 20  # listed; one page gone can make thousands

# What SQLite does not know of: rows that point at nothing. Each is a query that finds none in a whole ledger.
_LOOSE = {
    "ledger.seen_without_result": "SELECT count(*) FROM seen WHERE result NOT IN (SELECT id FROM results)",
    "ledger.seen_without_run": """
        SELECT count(*) FROM seen WHERE first_run > last_run OR last_run > (SELECT max(id) FROM runs)""",
    "ledger.run_without_end": "SELECT count(*) FROM runs WHERE complete AND finished IS NULL",
    "ledger.two_current_results": """
        SELECT count(*) FROM (
            SELECT 1 FROM results WHERE current GROUP BY path, key HAVING count(*) > 1)""",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of a ledger's file before and after."""

    before: int
    after: int


def faults_of(path: Path, tell: Callable[[Spoken], None]) -> tuple[Said, ...]:
    """Return what is wrong with a ledger, page by page and row by row; nothing if it is whole.

    Raises:
        UsageError: There is no such ledger, or it is so damaged that it cannot be opened.
        LedgerHeldError: A run holds it.
        OutputError: It cannot be read.
    """
    with _held(path, tell) as database:
        found = [Said(str(row[0])) for row in database.execute(f"PRAGMA integrity_check({_MOST_FAULTS})")]
        if found != [Said("ok")]:
            return tuple(found)
        counts = {key: int(database.execute(query).fetchone()[0]) for key, query in _LOOSE.items()}
    return tuple(say(key, count=count) for key, count in counts.items() if count)


def back_up(path: Path, to: Path, tell: Callable[[Spoken], None]) -> Sizes:
    """Copy a ledger, whole and consistent, by SQLite's online backup; return the sizes of both.

    The copy appears under its name once it has been checked. An older copy there is replaced; anything else
    is not.

    Raises:
        UsageError: There is no such ledger, or something else than a ledger lies where the copy is to go.
        LedgerHeldError: A run holds it.
        OutputError: The copy cannot be written.
    """
    if to.exists() and (to.samefile(path) or not _is_ledger(to)):
        raise UsageError("ledger.not_replaced", to=to)
    part = to.with_name(f".{to.name}.part")
    with _held(path, tell) as database:
        try:
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | OWN_BYTES, PRIVATE))
            _copy(database, part)
            part.replace(to)
        except sqlite3.Error as error:
            raise OutputError("ledger.copy_failed", to=to, error=error) from error
        except OSError as error:
            raise OutputError.cannot_write(to, error) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return Sizes(path.stat().st_size, to.stat().st_size)


def vacuum(path: Path, tell: Callable[[Spoken], None]) -> Sizes:
    """Give the room back that overtaken and forgotten results leave; takes about twice the ledger's size.

    Raises:
        UsageError: There is no such ledger.
        LedgerHeldError: A run holds it.
        OutputError: There is too little room on the disk; the ledger stays as it was.
    """
    with _held(path, tell) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        before = path.stat().st_size
        compact(database)
        return Sizes(before, path.stat().st_size)


def compact(database: sqlite3.Connection) -> None:
    """Write the whole ledger anew, and leave nothing of it in the WAL."""
    database.execute("VACUUM")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def _held(path: Path, tell: Callable[[Spoken], None]) -> Iterator[sqlite3.Connection]:
    """Give a ledger that is this command's alone; faults of the disk become errors of ours."""
    database = open_ledger(path, tell, create=False)
    try:
        yield database
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    finally:
        database.close()


def _copy(database: sqlite3.Connection, part: Path) -> None:
    copy = sqlite3.connect(part)
    try:
        database.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        [[found]] = copy.execute("PRAGMA quick_check(1)")
        if found != "ok":
            raise sqlite3.DatabaseError(found)
    finally:
        copy.close()
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_ledger(path: Path) -> bool:
    """Return whether a file is a ledger, by the header of SQLite's format (sqlite.org/fileformat.html)."""
    try:
        with path.open("rb") as file:
            header = file.read(72)
    except OSError:
        return False
    return header.startswith(b"SQLite format 3\0") and header[68:72] == APPLICATION_ID.to_bytes(4, "big")
