"""What was published of a ledger's studies, where, and what the receiver answered: only ever added to."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from screener.ledger.audit import Audit, Deed
from screener.ledger.transaction import Transaction, unusable


class Answer(StrEnum):
    """What became of one object at one receiver."""

    STORED = "stored"
    REFUSED = "refused"  # by the receiver, or by us where the study is no longer the one screened
    COMMITTED = "committed"  # the receiver took over responsibility for it (storage commitment)
    NOT_COMMITTED = "not_committed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One object, sent to one receiver, and its answer.

    kind: "sr", "pdf", "withdrawal", "fhir" or "hl7". content: what tells whether a result has
    changed. series: its series UID. target: as the command line names it, without credentials. why: of
    a refusal, in words without identifiers.
    """

    study: str
    kind: str
    sop_uid: str
    series_uid: str
    content: str
    model: str
    run: int
    target: str
    asked: datetime
    answered: datetime
    answer: Answer
    why: str = ""


_COLUMNS = "study, kind, sop_uid, series_uid, content, model, run, target, asked, answered, answer, why"
_ADD = f"""
INSERT INTO published ({_COLUMNS}) SELECT {", ".join(f":{each}" for each in _COLUMNS.split(", "))}
WHERE NOT EXISTS (
    SELECT 1 FROM published WHERE :answer = 'stored' AND answer = 'stored' AND target = :target
    AND sop_uid = :sop_uid)"""
_LAST = f"""
SELECT {_COLUMNS} FROM published WHERE study = :study AND kind = :kind AND target = :target
AND answer = 'stored' ORDER BY id DESC LIMIT 1"""
_LAST_KIND = """
SELECT kind FROM published WHERE study = :study AND target = :target AND answer = 'stored'
ORDER BY id DESC LIMIT 1"""
_STORED = f"""
SELECT {_COLUMNS} FROM published WHERE target = :target AND answer = 'stored' ORDER BY id"""
_SETTLED = "SELECT max(run) FROM settled WHERE target = :target"
_FIRST = "SELECT min(run) FROM published WHERE target = :target"


class Published:
    """The publications of a ledger; the database itself refuses to change or delete one."""

    def __init__(self, database: sqlite3.Connection, path: Path | None, audit: Audit) -> None:
        self._database, self._path, self._audit = database, path, audit

    def add(self, publication: Publication) -> None:
        """Record an answer as it comes; what is known to be stored is not recorded twice.

        Raises:
            OutputError: The disk is full, or the ledger damaged.
        """
        row = {name: getattr(publication, name) for name in _COLUMNS.split(", ")}
        for name in ("asked", "answered"):
            row[name] = row[name].isoformat(timespec="seconds")
        with Transaction(self._database, self._path):
            if self._database.execute(_ADD, {**row, "answer": publication.answer.value}).rowcount:
                self._audit.add(
                    Deed.RESULT_PUBLISHED,
                    publication.answered,
                    run=publication.run,
                    study=self._audit.shown(publication.study),
                    kind=publication.kind,
                    target=publication.target,
                    answer=publication.answer.value,
                )

    def last(self, study: str, kind: str, target: str) -> Publication | None:
        """Return the last object of a kind that a receiver has stored of a study."""
        found = self._rows(_LAST, study=study, kind=kind, target=target)
        return next(map(_from_row, found), None)

    def is_withdrawn(self, study: str, target: str) -> bool:
        """Return whether the last that a receiver has stored of a study is the note that it is withdrawn."""
        return any(kind == "withdrawal" for (kind,) in self._rows(_LAST_KIND, study=study, target=target))

    def stored(self, target: str) -> Iterator[Publication]:
        """Yield all that a receiver has stored, the first first."""
        yield from map(_from_row, self._rows(_STORED, target=target))

    def is_own(self, sop_uid: str) -> bool:
        """Return whether an object of that SOP Instance UID was ever sent anywhere."""
        return any(self._rows("SELECT 1 FROM published WHERE sop_uid = :uid LIMIT 1", uid=sop_uid))

    def settle(self, target: str, run: int) -> None:
        """Record that a receiver has answered of every study that the runs up to this one listed."""
        with Transaction(self._database, self._path):
            self._database.execute("INSERT INTO settled (target, run) VALUES (?, ?)", (target, run))

    def open_from(self, target: str) -> int | None:
        """Return the first run of which a receiver may not have had everything; None where it had nothing."""
        [[settled]] = self._rows(_SETTLED, target=target)
        if settled is not None:
            return int(settled) + 1
        [[first]] = self._rows(_FIRST, target=target)
        return None if first is None else int(first)

    def _rows(self, query: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error


def _from_row(row: tuple[Any, ...]) -> Publication:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    for name in ("asked", "answered"):
        values[name] = datetime.fromisoformat(values[name])
    return Publication(**{**values, "answer": Answer(values["answer"])})
