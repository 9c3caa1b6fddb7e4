"""What a reader should know of an image or a study: a code from one closed list, and what fills its words.

People read the words of the message catalogue, templates/messages.toml, [note].
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class NoteCode(StrEnum):
    """Every note there is. Ledgers keep these codes: never renamed, only added to."""

    AGE_NOT_VALIDATED = "age_not_validated"
    AGE_NOT_VALIDATED_READ_AS = "age_not_validated_read_as"
    AGE_UNKNOWN = "age_unknown"
    AGE_UNKNOWN_READ_AS = "age_unknown_read_as"
    ANOTHER_REFUSED = "another_refused"
    AP_VIEW = "ap_view"
    INVERTED_BY_SHAPE = "inverted_by_shape"
    INVERTED_BY_LOOK = "inverted_by_look"
    OUTSIDE_CHEST = "outside_chest"
    SHARED_UID = "shared_uid"
    TURNED_BY_TAG = "turned_by_tag"
    TURNED_FROM_SIDE = "turned_from_side"
    TURNED_UPRIGHT = "turned_upright"
    UNUSUAL_PICTURE = "unusual_picture"
    WAITING = "waiting"
    WINDOW_REPLACED = "window_replaced"

    EARLIER_WORDS = "earlier_words"
    """Of a ledger from before there were codes: its words are all that is known."""


BETWEEN_AGES = ";"  # in a note's value `validated`, of several ranges of ages
NO_AGE = frozenset((NoteCode.AGE_UNKNOWN, NoteCode.AGE_UNKNOWN_READ_AS))


@dataclass(frozen=True, slots=True)
class Note:
    """A code, and the values that its words name.

    details: (name, value) in the order given; no value identifies a patient.
    """

    code: NoteCode
    details: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: NoteCode, **details: object) -> Self:
        """Return a note whose words name these values."""
        return cls(code, tuple((name, str(value)) for name, value in details.items()))

    def as_line(self) -> str:
        """Return the note as a ledger keeps it, in one line; from_line reads it back."""
        return f"{self.code}\t{json.dumps(dict(self.details))}" if self.details else f"{self.code}"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Return the note that a ledger's line holds; one without a code keeps its words."""
        code, _, details = line.partition("\t")
        if code not in set(NoteCode):
            return cls.of(NoteCode.EARLIER_WORDS, words=line)
        return cls.of(NoteCode(code), **(json.loads(details) if details else {}))
