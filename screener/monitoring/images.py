"""The images of a site as columns: what is compared from night to night."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNKNOWN = "unknown"  # the word of an image that tells none


@dataclass(frozen=True, slots=True)
class Column:
    """A word for each image. codes: shape (n,), which of the words; words: each once."""

    codes: Codes
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: list[str]) -> "Column":
        words = tuple(dict.fromkeys(values))
        known = {word: code for code, word in enumerate(words)}
        return cls(np.array([known[each] for each in values], dtype=np.int64), words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Every image that a site's runs saw, once, by the day of the run that saw it first; shapes (n,).

    day: ordinal of the calendar. screened, failed, ineligible: how it ended, one of the three. score: the
    calibrated log-odds; NaN where not screened. flagged, replaced: 0 or 1, whether it was flagged, and
    whether its window had to be replaced; NaN where not screened. age: years, NaN where unknown. summary:
    shape (n, numbers), NaN where not screened. model: name and version that scored it.
    """

    day: Codes
    screened: Flags
    failed: Flags
    ineligible: Flags
    score: Floats
    flagged: Floats
    replaced: Floats
    age: Floats
    summary: Floats
    device: Column
    view: Column
    coding: Column
    model: Column

    def __len__(self) -> int:
        return len(self.day)

    def days(self) -> Codes:
        """Return the days that have images, in order."""
        return np.unique(self.day)
