"""What a reader should know of a study beside its number: the worklist's notes. Pure."""

from collections.abc import Iterable

from screener.ages import Ages, age_in_words, is_inside, years_of
from screener.domain import Identifiers
from screener.scale import ALL, Scales

OUTSIDE_CHEST = "activation outside the chest"
AGE_UNKNOWN = "age unknown"
UNUSUAL_PICTURE = "unusual picture"

_READ_AS = {"children": "read as a child's", "adults": "read as an adult's"}


def patient_notes(identifiers: Identifiers, scales: Scales) -> tuple[str, ...]:
    """Return what sets a patient or an image apart from those the model was validated on."""
    view = "AP" if identifiers.view_position == "AP" else ""
    return tuple(filter(None, (age_note(identifiers, scales), view)))


def age_note(identifiers: Identifiers, scales: Scales) -> str:
    """Return that a patient's age is unknown, or outside the validated ones; empty for one inside.

    Of a model with populations it says as whose the image was read. Nothing where no ages are known that the
    model was validated for.
    """
    validated = [each.ages for each in scales.each if each.ages]
    population = scales.of(identifiers.patient_age).population
    read_as = "" if population == ALL else _READ_AS.get(population, f"read with {population}")
    years = years_of(identifiers.patient_age)
    if years is None:
        if read_as:
            return f"{AGE_UNKNOWN}: {read_as}"
        return f"{AGE_UNKNOWN}; validated for {_ranges(validated)}" if validated else ""
    if not validated or any(is_inside(years, each) for each in validated):
        return ""
    told = f"age {age_in_words(identifiers.patient_age)}, validated for {_ranges(validated)}"
    return f"{told}: {read_as}" if read_as else told


def tells_no_age(note: str) -> bool:
    """Return whether an age note says that the age is unknown."""
    return note.startswith(AGE_UNKNOWN)


def image_notes(notes: Iterable[str], flagged: bool) -> tuple[str, ...]:
    """Return what the worklist says of an image.

    Where the activation lies matters only if the image is flagged: of an image that is not, the map's peak is
    the greatest of parts that came to nothing.
    """
    return tuple(note for note in notes if flagged or note != OUTSIDE_CHEST)


def _ranges(validated: list[Ages]) -> str:
    return " and ".join(f"{youngest}–{oldest}" for youngest, oldest in validated)
