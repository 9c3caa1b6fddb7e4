"""What a reader should know of a study beside its number: the worklist's notes. Pure."""

import re
from collections.abc import Iterable

from screener.domain import Identifiers

_AGE = re.compile(r"(?P<number>[0-9]{3})(?P<unit>[DWMY])")  # DICOM AS, PS3.5 6.2
_UNITS = {"D": "day", "W": "week", "M": "month"}
_SHORT = {"D": "d", "W": "wk", "M": "mo", "Y": "y"}
_PER_YEAR = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}

OUTSIDE_CHEST = "activation outside the chest"
AGE_UNKNOWN = "age unknown"
UNUSUAL_PICTURE = "unusual picture"

Ages = tuple[int, int]
"""Years, youngest and oldest, both included: a child is five until its sixth birthday."""


def patient_notes(identifiers: Identifiers, validated: Ages | None) -> tuple[str, ...]:
    """Return what sets a patient or a film apart from those the model was validated on.

    validated: None where the model does not say.
    """
    view = "AP" if identifiers.view_position == "AP" else ""
    return tuple(filter(None, (age_note(identifiers, validated), view)))


def age_note(identifiers: Identifiers, validated: Ages | None) -> str:
    """Return that a patient's age is unknown, or outside the validated ones; empty for one inside."""
    return _age_note(identifiers.patient_age, validated) if validated else ""


def age_text(age: str) -> str:
    """Return DICOM's "046Y" as people write it: "46 y", "3 mo"; empty where it is unknown."""
    match = _AGE.fullmatch(age)
    return f"{int(match['number'])} {_SHORT[match['unit']]}" if match else ""


def tells_no_age(note: str) -> bool:
    """Return whether an age note says that the age is unknown."""
    return note.startswith(AGE_UNKNOWN)


def image_notes(notes: Iterable[str], flagged: bool) -> tuple[str, ...]:
    """Return what the worklist says of an image.

    Where the activation lies matters only if the film is flagged: of a film that is not, the map's peak is
    the greatest of parts that came to nothing.
    """
    return tuple(note for note in notes if flagged or note != OUTSIDE_CHEST)


def _age_note(age: str, validated: Ages) -> str:
    youngest, oldest = validated
    match = _AGE.fullmatch(age)
    if match is None:
        return f"{AGE_UNKNOWN}; validated for {youngest}–{oldest}"
    number, unit = int(match["number"]), match["unit"]
    if youngest <= number / _PER_YEAR[unit] < oldest + 1:
        return ""
    in_words = f"{number}" if unit == "Y" else f"{number} {_UNITS[unit]}{'' if number == 1 else 's'}"
    return f"age {in_words}, validated for {youngest}–{oldest}"
