"""The journal of a run: every outcome as it happens, and the worklist as a query over them."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
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

_IGNORED = "ignored"
_SCREENED = "screened"

_SHARED_UID = "SOP Instance UID shared with other pixels"

_IDENTIFIERS = (
    "study_instance_uid, sop_instance_uid, patient_id, accession_number, study_date, "
    "view_position, patient_age"
)
_COLUMNS = (
    f"file, path, outcome, reason, picture_refused, {_IDENTIFIERS}, "
    "logit, activation_map, pixel_digest, notes, quarter_turns, inverted"
)

_SCHEMA = f"""
CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    {_COLUMNS.replace("logit", "logit REAL").replace("activation_map", "activation_map BLOB")}
);
CREATE INDEX by_study ON outcomes (study_instance_uid);
CREATE INDEX by_instance ON outcomes (sop_instance_uid, pixel_digest);
"""

# A copy has the study, the SOP Instance UID and the pixels of another file: the first by name stands for all.
_FIRST_COPY = f"""
CASE WHEN outcome = '{_SCREENED}' AND sop_instance_uid <> '' THEN first_value(file) OVER (
    PARTITION BY study_instance_uid, sop_instance_uid, outcome, pixel_digest ORDER BY file, id
) ELSE file END"""

_OTHER_PIXELS = f"""
outcome = '{_SCREENED}' AND sop_instance_uid <> '' AND EXISTS (
    SELECT 1 FROM outcomes AS other WHERE other.sop_instance_uid = outcomes.sop_instance_uid
    AND other.pixel_digest <> outcomes.pixel_digest AND other.outcome = '{_SCREENED}')"""

_TOLD = f"{_COLUMNS}, {_FIRST_COPY} AS first_copy, {_OTHER_PIXELS} AS other_pixels"

# A study is its UID, or the file itself where there is none; ties by study_id, then by file.
_IN_WORKLIST_ORDER = f"""
WITH images AS (
    SELECT {_TOLD}, study_instance_uid <> '' AS has_uid,
           CASE study_instance_uid WHEN '' THEN file ELSE study_instance_uid END AS study_id
    FROM outcomes WHERE outcome <> '{_IGNORED}'
), studies AS (
    SELECT has_uid, study_id, max(printed(logit)) AS probability FROM images GROUP BY has_uid, study_id
)
SELECT {", ".join(f"images.{column}" for column in _COLUMNS.split(", "))}, first_copy, other_pixels
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

    def pictures_refused(self) -> int:
        """Return how many images were tagged chest, but refused by their picture."""
        [[count]] = self._database.execute("SELECT count(*) FROM outcomes WHERE picture_refused")
        return int(count)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcome of every file seen, by file."""
        for row in self._database.execute(f"SELECT {_TOLD} FROM outcomes ORDER BY file, id"):
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
    unscored = (None, None, "", "", 0, 0)
    if isinstance(outcome, Ignored):
        return (*where, _IGNORED, "", 0, *_values(Identifiers()), *unscored)
    if isinstance(outcome, NotScreened):
        said = (outcome.cause.value, outcome.reason, int(outcome.picture_refused))
        return (*where, *said, *_values(outcome.identifiers), *unscored)
    prediction, correction = outcome.prediction, outcome.correction
    scored = (prediction.logit, prediction.activation_map.astype("<f4").tobytes(), outcome.pixel_digest)
    shown = ("\n".join(outcome.notes), correction.quarter_turns, int(correction.inverted))
    return (*where, _SCREENED, "", 0, *_values(outcome.identifiers), *scored, *shown)


def _from_row(row: tuple[Any, ...]) -> Outcome:
    file, path, outcome, reason, picture_refused, *values = row
    *identifying, logit, activation_map, digest, notes, turns, inverted, first_copy, other_pixels = values
    identifiers, where = Identifiers(*identifying), Path(os.fsdecode(path))
    if outcome == _IGNORED:
        return Ignored(file, where)
    if outcome != _SCREENED:
        return NotScreened(file, where, Cause(outcome), reason, identifiers, bool(picture_refused))
    cells = np.frombuffer(activation_map, dtype="<f4").astype(np.float32)
    side = int(cells.size**0.5)
    told = tuple(filter(None, notes.split("\n"))) + ((_SHARED_UID,) if other_pixels else ())
    return Finding(
        file,
        where,
        identifiers,
        Prediction(logit, cells.reshape(side, side)),
        digest,
        told,
        Correction(turns, bool(inverted)),
        "" if first_copy == file else first_copy,
    )


def _values(identifiers: Identifiers) -> tuple[str, ...]:
    return tuple(getattr(identifiers, name) for name in _IDENTIFIERS.split(", "))
