"""What a reader should know of a study beside its number: the worklist's notes. Pure."""

from collections.abc import Iterable

from screener.ages import Ages, is_inside, years_of
from screener.domain import Identifiers
from screener.note_codes import BETWEEN_AGES, Note, NoteCode
from screener.scale import ALL, Scales


def patient_notes(identifiers: Identifiers, scales: Scales) -> tuple[Note, ...]:
    """Return what sets a patient or an image apart from those the model was validated on."""
    view = Note(NoteCode.AP_VIEW) if identifiers.view_position == "AP" else None
    return tuple(filter(None, (age_note(identifiers, scales), view)))


def age_note(identifiers: Identifiers, scales: Scales) -> Note | None:
    """Return that a patient's age is unknown, or outside the validated ones; None for one inside.

    Of a model with populations it says as whose the image was read. None where no ages are known that the
    model was validated for.
    """
    validated = [each.ages for each in scales.each if each.ages]
    population = scales.of(identifiers.patient_age).population
    read_as = {} if population == ALL else {"population": population}
    years = years_of(identifiers.patient_age)
    if years is None:
        if read_as:
            return Note.of(NoteCode.AGE_UNKNOWN_READ_AS, **read_as)
        return Note.of(NoteCode.AGE_UNKNOWN, validated=_ranges(validated)) if validated else None
    if not validated or any(is_inside(years, each) for each in validated):
        return None
    code = NoteCode.AGE_NOT_VALIDATED_READ_AS if read_as else NoteCode.AGE_NOT_VALIDATED
    return Note.of(code, age=identifiers.patient_age, validated=_ranges(validated), **read_as)


def image_notes(notes: Iterable[Note], flagged: bool) -> tuple[Note, ...]:
    """Return what the worklist says of an image.

    Where the activation lies matters only if the image is flagged: of one that is not, the map's peak is the
    greatest of parts that came to nothing.
    """
    return tuple(note for note in notes if flagged or note.code is not NoteCode.OUTSIDE_CHEST)


def _ranges(validated: list[Ages]) -> str:
    return BETWEEN_AGES.join(f"{youngest}–{oldest}" for youngest, oldest in validated)
