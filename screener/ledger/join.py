"""Merge the shards' runs into one ledger."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from screener.ledger import Ledger
from screener.ledger import schema as sql
from screener.ledger.result_key import UNKNOWN

# Of the better outcome of a file that several shards had to take: what a later one could tell goes first.
_BETTER = ("screened", "ineligible", "failed", "ignored", "unsettled")
_THE_RUN = 10_000_000  # after all days, whose runs are numbered by date

_HAS_UID = "study_instance_uid <> ''"
_STUDY = "CASE study_instance_uid WHEN '' THEN path ELSE study_instance_uid END"

_FIRST_SEEN = f"""
DROP TABLE IF EXISTS temp.first_seen;
CREATE TEMP TABLE first_seen (has_uid, study, run, PRIMARY KEY (has_uid, study)) WITHOUT ROWID;
INSERT INTO first_seen
    SELECT {_HAS_UID}, {_STUDY}, min(min(coalesce(first_run, listed), coalesce(listed, first_run)))
    FROM main.results LEFT JOIN main.seen ON seen.result = results.id
    GROUP BY 1, 2 HAVING min(min(coalesce(first_run, listed), coalesce(listed, first_run))) IS NOT NULL;
"""
_ROWS = f"""
SELECT file, {sql.STAMP}, {sql.RESULT}, outcomes.listed,
    (SELECT substr(started, 1, 10) FROM main.runs WHERE id = first.run)
FROM outcomes LEFT JOIN temp.first_seen AS first ON has_uid = ({_HAS_UID}) AND study = {_STUDY}"""

_INSERT = f"""
INSERT INTO results ({sql.STAMP}, {sql.RESULT}, listed)
VALUES ({", ".join("?" * len(f"{sql.STAMP}, {sql.RESULT}".split(", ")))}, ?) RETURNING id"""
_PATH, _KEY, _OUTCOME = 0, 3, 5  # columns of sql.STAMP with sql.RESULT


class SourceLedger(Ledger):
    """A ledger whose shown run is to be copied."""

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield of each file seen: its name, what is known of it, and two days or None.

        These are when a complete report first listed it, and when its study was first seen.
        """
        self._database.executescript(_FIRST_SEEN)
        yield from self._rows(_ROWS)


class JoinedLedger(Ledger):
    """A private ledger with one run, joined from those of others; `begin` as for any."""

    def begin(self, started: datetime, model: str = "") -> None:
        self._started = started.date()
        with self._writing():
            self._database.execute(
                "INSERT INTO runs (id, started) VALUES (?, ?)",
                (_THE_RUN, started.isoformat(timespec="seconds")),
            )
        self.show(_THE_RUN)

    def take(self, source: SourceLedger) -> None:
        """Copy the run that a ledger shows; of a file that is here already the better outcome stays.

        Raises:
            OutputError: The disk is full, or the source damaged.
        """
        with self._writing():
            for file, *cells, listed, first in source.rows():
                cells[_KEY] = UNKNOWN
                if self._makes_room(cells):
                    result = self._database.execute(_INSERT, (*cells, self._day(listed))).fetchone()[0]
                    since = self._day(first) or self._day(self._started.isoformat())
                    self._database.execute(
                        "INSERT INTO seen (file, result, first_run, last_run) VALUES (?, ?, ?, ?)",
                        (file, result, since, _THE_RUN),
                    )

    def _makes_room(self, cells: list[Any]) -> bool:
        """Return whether a file's outcome is to be kept; a worse one that was there is gone then."""
        there = self._database.execute(
            "SELECT id, outcome FROM results WHERE path = ? AND key = ? AND current",
            (cells[_PATH], UNKNOWN),
        ).fetchone()
        if there is None:
            return True
        if _BETTER.index(there[1]) <= _BETTER.index(cells[_OUTCOME]):
            return False
        self._database.execute("DELETE FROM seen WHERE result = ?", there[:1])
        self._database.execute("DELETE FROM results WHERE id = ?", there[:1])
        return True

    def _day(self, day: str | None) -> int | None:
        """Return the number of the run that stands for a day, so that what was first seen then says so."""
        if day is None:
            return None
        number = date.fromisoformat(day).toordinal()
        self._database.execute(
            "INSERT OR IGNORE INTO runs (id, started, finished, complete) VALUES (?, ?, ?, 1)",
            (number, day, day),
        )
        return number
