"""The journal of a run: every outcome as it happens, and the worklist as a query over them."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from screener.domain import Cause, Finding, Identifiers, Ignored, NotScreened, Outcome, Prediction

_IGNORED = "ignored"
_SCREENED = "screened"

_IDENTIFIERS = "study_instance_uid, sop_instance_uid, patient_id, accession_number, study_date, view_position"
_COLUMNS = f"file, path, outcome, reason, {_IDENTIFIERS}, logit, activation_map, pixel_digest"

_SCHEMA = f"""
CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    {_COLUMNS.replace("logit", "logit REAL").replace("activation_map", "activation_map BLOB")}
);
CREATE INDEX by_study ON outcomes (study_instance_uid);
"""

# A study is its UID, or the file itself where there is none; ties by study_id, then by file.
_IN_WORKLIST_ORDER = f"""
WITH images AS (
    SELECT {_COLUMNS}, study_instance_uid <> '' AS has_uid,
           CASE study_instance_uid WHEN '' THEN file ELSE study_instance_uid END AS study_id
    FROM outcomes WHERE outcome <> '{_IGNORED}'
), studies AS (
    SELECT has_uid, study_id, max(printed(logit)) AS probability FROM images GROUP BY has_uid, study_id
)
SELECT {", ".join(f"images.{column}" for column in _COLUMNS.split(", "))}
FROM images JOIN studies USING (has_uid, study_id)
ORDER BY studies.probability DESC NULLS LAST, study_id, has_uid, file
"""


class Ledger:
    """One run's outcomes in SQLite: memory does not grow with the number of files.

    Private and temporary: an unnamed database that SQLite deletes from the disk at once, so that
    nothing is left behind even by a run that is killed.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;" + _SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def record(self, outcomes: Iterable[Outcome]) -> None:
        """Commit outcomes."""
        marks = ", ".join("?" * len(_COLUMNS.split(", ")))
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany(
                f"INSERT INTO outcomes ({_COLUMNS}) VALUES ({marks})", (_as_row(each) for each in outcomes)
            )

    def counts(self) -> dict[str, int]:
        """Return how many files ended as 'screened', 'ineligible', 'failed' and 'ignored'."""
        return dict(self._database.execute("SELECT outcome, count(*) FROM outcomes GROUP BY outcome"))

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcome of every file seen, by file."""
        for row in self._database.execute(f"SELECT {_COLUMNS} FROM outcomes ORDER BY file, id"):
            yield _from_row(row)

    def images(self, printed: Callable[[float], float]) -> Iterator[Finding | NotScreened]:
        """Yield all images, ignored files aside, in the order of the worklist.

        Studies by falling probability, ties by study_id, not screened last; a study's images are
        neighbours. printed: from a logit to the probability as it is printed.
        """
        self._database.create_function(
            "printed", 1, lambda logit: None if logit is None else printed(logit), deterministic=True
        )
        for row in self._database.execute(_IN_WORKLIST_ORDER):
            outcome = _from_row(row)
            assert not isinstance(outcome, Ignored)
            yield outcome


def _as_row(outcome: Outcome) -> tuple[Any, ...]:
    where = (outcome.file, bytes(outcome.path))
    if isinstance(outcome, Ignored):
        return (*where, _IGNORED, "", *_values(Identifiers()), None, None, "")
    if isinstance(outcome, NotScreened):
        said = (outcome.cause.value, outcome.reason)
        return (*where, *said, *_values(outcome.identifiers), None, None, "")
    prediction = outcome.prediction
    scored = (prediction.logit, prediction.activation_map.astype("<f4").tobytes(), outcome.pixel_digest)
    return (*where, _SCREENED, "", *_values(outcome.identifiers), *scored)


def _from_row(row: tuple[Any, ...]) -> Outcome:
    file, path, outcome, reason, *values = row
    *identifying, logit, activation_map, digest = values
    identifiers, where = Identifiers(*identifying), Path(os.fsdecode(path))
    if outcome == _IGNORED:
        return Ignored(file, where)
    if outcome != _SCREENED:
        return NotScreened(file, where, Cause(outcome), reason, identifiers)
    cells = np.frombuffer(activation_map, dtype="<f4").astype(np.float32)
    side = int(cells.size**0.5)
    return Finding(file, where, identifiers, Prediction(logit, cells.reshape(side, side)), digest)


def _values(identifiers: Identifiers) -> tuple[str, ...]:
    return tuple(getattr(identifiers, name) for name in _IDENTIFIERS.split(", "))
