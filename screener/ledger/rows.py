"""Outcomes as the ledger's rows, and back to the last bit."""

from typing import Any

import numpy as np

from screener.domain import (
    Cause,
    Correction,
    Finding,
    Identifiers,
    Ignored,
    ImageFacts,
    NotScreened,
    Outcome,
    Prediction,
)
from screener.ledger import schema as sql
from screener.locations import stored_location
from screener.note_codes import Note, NoteCode
from screener.reasons import Reason

_SHARED_UID = Note(NoteCode.SHARED_UID)


def as_row(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of sql.RESULT with what an outcome puts into them."""
    return dict(zip(sql.RESULT.split(", "), _cells(outcome), strict=True))


def from_row(row: tuple[Any, ...]) -> Outcome:
    """Return the outcome that a row of sql.BY_FILE or sql.IN_WORKLIST_ORDER tells of."""
    file, path, outcome, code, details, picture_refused, *values = row
    *identifying, logit, cells, digest, content, notes, turns, inverted, listed, first, other, waiting = (
        values
    )
    identifiers, where = Identifiers(*identifying), stored_location(path)
    if outcome in (sql.IGNORED, sql.UNSETTLED):
        return Ignored(file, where, outcome == sql.UNSETTLED)
    if outcome != sql.SCREENED:
        return NotScreened(
            file,
            where,
            Cause(outcome),
            Reason.from_json(code, details),
            identifiers,
            picture_refused=bool(picture_refused),
            content_digest=content,
            known_since=listed if outcome == sql.FAILED and listed else "",
        )
    flat = np.frombuffer(cells, dtype="<f4").astype(np.float32)
    side = int(flat.size**0.5)
    return Finding(
        file=file,
        path=where,
        identifiers=identifiers,
        prediction=Prediction(logit, flat.reshape(side, side)),
        pixel_digest=digest,
        content_digest=content,
        notes=tuple(map(Note.from_line, filter(None, notes.split("\n")))) + ((_SHARED_UID,) if other else ()),
        correction=Correction(turns, bool(inverted)),
        duplicate_of="" if first == file else first,
        waiting_days=waiting,
    )


def facts_cells(facts: ImageFacts) -> tuple[str, str, bytes]:
    """Return what the table image_facts holds of an image."""
    return facts.device, facts.coding, np.array(facts.summary, dtype="<f2").tobytes()


def _cells(outcome: Outcome) -> tuple[Any, ...]:
    unscored = (None, None, "")
    if isinstance(outcome, Ignored):
        kind = sql.UNSETTLED if outcome.unsettled else sql.IGNORED
        return (kind, "", "", 0, *_values(Identifiers()), *unscored, "", "", 0, 0)
    if isinstance(outcome, NotScreened):
        why = outcome.reason
        said = (outcome.cause.value, why.code.value, why.as_json(), int(outcome.picture_refused))
        return (*said, *_values(outcome.identifiers), *unscored, outcome.content_digest, "", 0, 0)
    prediction, correction = outcome.prediction, outcome.correction
    scored = (prediction.logit, prediction.activation_map.astype("<f4").tobytes(), outcome.pixel_digest)
    shown = (
        "\n".join(each.as_line() for each in outcome.notes),
        correction.quarter_turns,
        int(correction.inverted),
    )
    return (sql.SCREENED, "", "", 0, *_values(outcome.identifiers), *scored, outcome.content_digest, *shown)


def _values(identifiers: Identifiers) -> tuple[str, ...]:
    return tuple(getattr(identifiers, name) for name in sql.IDENTIFIERS.split(", "))
