"""Files that an earlier run knew, found again: unchanged at their place, or moved to another."""

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screener.intake import content_digest
from screener.ledger import schema as sql
from screener.ledger.transaction import Transaction
from screener.locations import Location, ObjectUrl, stored_location

MANY = 20  # images of one size, as one machine writes them: asking for each costs more than reading this one


class KnownFiles:
    """The files that a ledger has results of. path: the ledger's own; None of an unnamed one."""

    def __init__(self, database: sqlite3.Connection, path: Path | None) -> None:
        self._database = database
        self._path = path

    def find(self, path: Location, place: Mapping[str, Any], before: int) -> tuple[int, str] | None:
        """Return the result of an unchanged, or moved, file with its outcome; None where it is not known.

        place: its path and stamp, and what results depend on besides. before: the last result that an earlier
        run left; 0 without one. The outcome of a moved file is empty.

        Raises:
            OutputError: The disk is full, or the ledger damaged.
        """
        known = self._database.execute(sql.KNOWN, place).fetchone()
        if known is None:
            return self._moved(path, place, before)
        return (known[0], known[1]) if self._is_same(path, place, *known) else None

    def _is_same(
        self,
        path: Location,
        place: Mapping[str, Any],
        result: int,
        outcome: str,
        ctime: int | None,
        digest: str,
    ) -> bool:
        """Return whether a file of the same size and time is the one that gave a result.

        Where its inode has changed since, its content decides: it may have been replaced in place, or only
        been renamed or given other permissions. An older ledger did not keep when the inode changed.
        """
        now = place["ctime_ns"]
        if now == ctime or now is None:
            return True
        if ctime is not None and not (isinstance(path, Path) and digest and content_digest(path) == digest):
            return False
        with self._writing():
            self._database.execute(sql.CHANGED_INODE, {"ctime_ns": now, "id": result})
        return True

    def _moved(self, path: Location, place: Mapping[str, Any], before: int) -> tuple[int, str] | None:
        """Return the result of a file that has left its place, if this is it: same size, UID and content."""
        if not before or isinstance(path, ObjectUrl):  # to know an object again, it would be read
            return None
        own, place = None, {**place, "before": before}
        candidates = self._database.execute(sql.MOVED, place).fetchmany(MANY)
        if len(candidates) == MANY:
            own = content_digest(path)
            candidates = self._database.execute(sql.MOVED_WITH, {**place, "content_digest": own}).fetchall()
        for result, old, digest in candidates:
            if not isinstance(stored_location(old), Path) or os.path.lexists(old):
                continue
            own = own or content_digest(path)
            if own == digest:
                with self._writing():
                    self._database.execute(sql.OVERTAKEN, place)
                    [copy] = self._database.execute(sql.COPY_TO, {**place, "id": result}).fetchone()
                    self._database.execute(sql.COPY_FACTS, (copy, result))
                return int(copy), ""
        return None

    def _writing(self) -> Transaction:
        return Transaction(self._database, self._path)
