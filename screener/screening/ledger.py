"""The journal of a run: every outcome as it happens, and the worklist as a query over them.

On disk it is the memory from night to night too: what an unchanged file gave is not worked out again.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from screener.domain import (
    Cause,
    Correction,
    Finding,
    Identifiers,
    Ignored,
    NotScreened,
    Outcome,
    Prediction,
)
from screener.errors import OutputError
from screener.intake import content_digest
from screener.screening import ledger_schema as sql
from screener.screening.ledger_file import open_ledger, open_private

_RESULT_COLUMNS = f"{sql.STAMP}, {sql.RESULT}, listed"
_MARKS = ", ".join("?" * len(_RESULT_COLUMNS.split(", ")))
_UPSERT = f"INSERT INTO results ({_RESULT_COLUMNS}) VALUES ({_MARKS}) {sql.ON_CONFLICT}"

_SHARED_UID = "SOP Instance UID shared with other pixels"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file has changed; size: bytes. mtime_ns: last modified, nanoseconds."""

    size: int
    mtime_ns: int


NO_STAMP = Stamp(-1, 0)  # of what is never the same again


class Ledger:
    """One run's outcomes in SQLite: memory does not grow with the number of files.

    Without a path it is unnamed, and gone with the run, even one that is killed. With a path every batch
    is committed as it comes: a killed run, started again, finds there what it had done.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        model: str = "",
        decoders: str = "",
        say: Callable[[str], None] = lambda message: None,
    ) -> None:
        """Open a ledger; raises as open_ledger does.

        model: what a result depends on: checksums of network and gate, preprocessing. decoders: what a
        failure depends on besides.
        """
        self._path = path
        self._database = open_ledger(path, say) if path else open_private()
        self._key = {"model": model, "decoders": decoders}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def begin(self, started: datetime) -> None:
        """Start a run: nothing is seen yet."""
        with self._writing():
            self._database.execute("DELETE FROM seen")
            self._database.execute("DELETE FROM results WHERE outcome = ?", (sql.UNSETTLED,))
            self._database.execute(
                "INSERT INTO runs (started, model) VALUES (?, ?)",
                (started.isoformat(timespec="seconds"), self._key["model"]),
            )

    def reuse(self, file: str, path: Path, stamp: Stamp) -> bool:
        """Return whether an unchanged, or moved, file is known, and count it as seen with what it gave.

        Raises:
            OutputError: The disk is full, or the ledger damaged.
        """
        place = self._place(path, stamp)
        row = self._database.execute(sql.KNOWN, place).fetchone() or self._moved(path, place)
        if row is None:
            return False
        with self._writing():
            self._database.execute("INSERT INTO seen (file, result) VALUES (?, ?)", (file, row[0]))
        return True

    def record(self, outcomes: Iterable[Outcome], stamps: Mapping[Path, Stamp] | None = None) -> None:
        """Commit outcomes; stamps: of their files, taken before they were read.

        Raises:
            OutputError: The disk is full, or the ledger damaged.
        """
        with self._writing():
            for outcome in outcomes:
                stamp = (stamps or {}).get(outcome.path, NO_STAMP)
                place = {
                    "path": bytes(outcome.path),
                    "size": stamp.size,
                    "mtime_ns": stamp.mtime_ns,
                    **self._key,
                }
                [listed] = self._database.execute(sql.LISTED_FAILURE, place).fetchone()
                failed = isinstance(outcome, NotScreened) and outcome.cause is Cause.FAILED
                values = (*place.values(), *_as_row(outcome), listed if failed else None)
                [result] = self._database.execute(_UPSERT, values).fetchone()
                self._database.execute(
                    "INSERT INTO seen (file, result) VALUES (?, ?)", (outcome.file, result)
                )

    def finish(self, finished: datetime, complete: bool, files: int) -> None:
        """End a run; the images of a complete one have now been in a report."""
        with self._writing():
            self._database.execute(
                "UPDATE runs SET finished = ?, complete = ?, files = ? WHERE id = (SELECT max(id) FROM runs)",
                (finished.isoformat(timespec="seconds"), int(complete), files),
            )
            if complete:
                self._database.execute(sql.MARK_LISTED, {"date": finished.date().isoformat()})

    def size(self) -> int:
        """Return how many files are known, from this run and earlier ones."""
        [[count]] = self._database.execute("SELECT count(*) FROM results")
        return int(count)

    def counts(self) -> dict[str, int]:
        """Return how many files ended as 'screened', 'ineligible', 'failed', 'ignored' and 'unsettled'."""
        return dict(self._database.execute("SELECT outcome, count(*) FROM outcomes GROUP BY outcome"))

    def known_failures(self) -> int:
        """Return how many of the failed files had failed in an earlier complete run, and are unchanged."""
        return self._count("outcome = 'failed' AND listed IS NOT NULL")

    def pictures_refused(self) -> int:
        """Return how many images were tagged chest, but refused by their picture."""
        return self._count("picture_refused")

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcome of every file seen, by file."""
        yield from map(_from_row, self._rows(sql.BY_FILE))

    def images(
        self, printed: Callable[[float], float], new_only: bool = False
    ) -> Iterator[Finding | NotScreened]:
        """Yield all images, ignored files aside, in the order of the worklist.

        Studies by falling probability, ties by study_id, not screened last; a study's images are
        neighbours. printed: from a logit to the probability as it is printed. new_only: only studies with
        an image that no earlier complete report listed.
        """
        self._database.create_function(
            "printed", 1, lambda logit: None if logit is None else printed(logit), deterministic=True
        )
        for row in self._rows(sql.IN_WORKLIST_ORDER, {"new_only": new_only}):
            outcome = _from_row(row)
            assert not isinstance(outcome, Ignored)
            yield outcome

    def _place(self, path: Path, stamp: Stamp) -> dict[str, Any]:
        return {"path": bytes(path), "size": stamp.size, "mtime_ns": stamp.mtime_ns, **self._key}

    def _rows(self, query: str, values: Mapping[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield a query's rows; sorting many of them takes room on the disk, which may run out."""
        try:
            for row in self._database.execute(query, values or {}):  # noqa: UP028
                yield row  # 'yield from' would close the cursor, when the database may be closed already
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from error

    def _count(self, condition: str) -> int:
        [[count]] = self._database.execute(f"SELECT count(*) FROM outcomes WHERE {condition}")
        return int(count)

    def _moved(self, path: Path, place: Mapping[str, Any]) -> tuple[int] | None:
        """Return the result of a file that has left its place, if this is it: same size, UID and content."""
        own = None
        for result, old, digest in self._database.execute(sql.MOVED, place).fetchall():
            if os.path.lexists(old):
                continue
            own = own or content_digest(path)
            if own == digest:
                with self._writing():
                    [copy] = self._database.execute(sql.COPY_TO, {**place, "id": result}).fetchone()
                return (int(copy),)
        return None

    def _writing(self) -> "_Transaction":
        return _Transaction(self._database, self._path)


class _Transaction:
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
            raise _unusable(self._path, error) from error


def _unusable(path: Path | None, error: sqlite3.Error) -> OutputError:
    return OutputError(f"{path or 'the temporary ledger'}: cannot be used: {error}.\nIs the disk full?")


def _as_row(outcome: Outcome) -> tuple[Any, ...]:
    unscored = (None, None, "")
    if isinstance(outcome, Ignored):
        kind = sql.UNSETTLED if outcome.unsettled else sql.IGNORED
        return (kind, "", 0, *_values(Identifiers()), *unscored, "", "", 0, 0)
    if isinstance(outcome, NotScreened):
        said = (outcome.cause.value, outcome.reason, int(outcome.picture_refused))
        return (*said, *_values(outcome.identifiers), *unscored, outcome.content_digest, "", 0, 0)
    prediction, correction = outcome.prediction, outcome.correction
    scored = (prediction.logit, prediction.activation_map.astype("<f4").tobytes(), outcome.pixel_digest)
    shown = ("\n".join(outcome.notes), correction.quarter_turns, int(correction.inverted))
    return (sql.SCREENED, "", 0, *_values(outcome.identifiers), *scored, outcome.content_digest, *shown)


def _from_row(row: tuple[Any, ...]) -> Outcome:
    file, path, outcome, reason, picture_refused, *values = row
    *identifying, logit, cells, digest, content, notes, turns, inverted, listed, first_copy, other = values
    identifiers, where = Identifiers(*identifying), Path(os.fsdecode(path))
    if outcome in (sql.IGNORED, sql.UNSETTLED):
        return Ignored(file, where, outcome == sql.UNSETTLED)
    if outcome != sql.SCREENED:
        known = f"; known since {listed}" if outcome == sql.FAILED and listed else ""
        cause = Cause(outcome)
        return NotScreened(file, where, cause, reason + known, identifiers, bool(picture_refused), content)
    flat = np.frombuffer(cells, dtype="<f4").astype(np.float32)
    side = int(flat.size**0.5)
    return Finding(
        file=file,
        path=where,
        identifiers=identifiers,
        prediction=Prediction(logit, flat.reshape(side, side)),
        pixel_digest=digest,
        content_digest=content,
        notes=tuple(filter(None, notes.split("\n"))) + ((_SHARED_UID,) if other else ()),
        correction=Correction(turns, bool(inverted)),
        duplicate_of="" if first_copy == file else first_copy,
    )


def _values(identifiers: Identifiers) -> tuple[str, ...]:
    return tuple(getattr(identifiers, name) for name in sql.IDENTIFIERS.split(", "))
