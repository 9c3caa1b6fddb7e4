"""What readers made of the studies in a ledger's reports: only ever added to."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from screener.agreement import Agreement, Mark, Review, StudyKey, agreements
from screener.domain import Status
from screener.ledger import schema as sql
from screener.ledger.audit import Audit, Deed
from screener.ledger.transaction import Transaction, unusable


class Reviews:
    """The marks in a ledger, of all its runs; the database itself refuses to change or delete one."""

    def __init__(self, database: sqlite3.Connection, path: Path | None, audit: Audit) -> None:
        self._database, self._path, self._audit = database, path, audit

    def add(self, reviews: Iterable[Review], recorded: datetime) -> int:
        """Record marks, all or none; return how many were new: one that is known is not kept twice.

        Raises:
            OutputError: The disk is full, or the ledger damaged.
        """
        when = recorded.isoformat(timespec="seconds")
        with Transaction(self._database, self._path):
            new = []
            for review in reviews:
                row = _as_row(review)
                if self._database.execute(sql.ADD_REVIEW, {**row, "recorded": when}).rowcount:
                    new.append([review.run, self._audit.shown(row["study"]), row["status"], row["mark"]])
            if new:
                self._audit.add(Deed.MARKS_RECORDED, recorded, marks=new)
            return len(new)

    def __iter__(self) -> Iterator[Review]:
        """Yield all marks in the order in which they were recorded."""
        try:
            for row in self._database.execute(sql.REVIEWS):
                yield _from_row(row)
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error

    def agreement(self) -> tuple[Agreement, ...]:
        """Return how far readers agree, by model version; empty where nobody has reviewed anything."""
        return agreements(self)


def _as_row(review: Review) -> dict[str, Any]:
    has_uid, study = review.study
    return {
        "run": review.run,
        "model": review.model,
        "has_uid": int(has_uid),
        "study": study if has_uid else os.fsencode(study),
        "study_id": review.study_id,
        "status": review.status.value,
        "mark": review.mark.value,
        "note": review.note,
        "reader": review.reader,
        "marked": review.marked.isoformat(),
    }


def _from_row(row: tuple[Any, ...]) -> Review:
    run, model, has_uid, study, study_id, status, mark, note, reader, marked = row
    key: StudyKey = (True, study) if has_uid else (False, os.fsdecode(study))
    when = datetime.fromisoformat(marked)
    return Review(run, model, key, study_id, Status(status), Mark(mark), note, reader, when)
