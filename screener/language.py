"""How a language writes numbers and dates, and which form of a word a number takes: by Babel's Unicode CLDR.

English, the usual one, is written here as Babel would, which takes 0.1 s to load.
"""

import re
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en"
_FIELDS = {"yyyy": "%Y", "MMM": "%b", "MM": "%m", "dd": "%d", "d": "%d", "HH": "%H", "mm": "%M"}
_LEAST_GROUPED = {"es": 10_000}  # CLDR's minimumGroupingDigits, which Babel does not read and browsers do
_FIELD = re.compile("|".join(_FIELDS))


class Language:
    """A language by its code, "de", as a catalogue names it. What Babel does not know writes as English."""

    def __init__(self, code: str) -> None:
        self.code = code

    def count(self, number: int) -> str:
        """Return a whole number with its thousands apart: 12,345."""
        if self.code == ENGLISH:
            return f"{number:,}"
        from babel.numbers import format_decimal

        if abs(number) < _LEAST_GROUPED.get(self.code, 0):
            return str(number)
        return format_decimal(number, locale=_locale(self.code))

    def figure(self, text: str) -> str:
        """Return a number that is rounded already, such as "< 0.01", with the language's decimal mark."""
        return text if self.code == ENGLISH else text.replace(".", _decimal_mark(self.code))

    def form(self, count: int) -> str:
        """Return the name of the form that a number asks for: `one`, `other`, in some languages others."""
        if self.code == ENGLISH:
            return "one" if count == 1 else "other"
        return str(_locale(self.code).plural_form(count))

    def day(self, day: date | datetime, pattern: str) -> str:
        """Return a day or a moment by a pattern of the Unicode LDML, such as "d MMM yyyy"."""
        if self.code == ENGLISH:
            return _FIELD.sub(lambda field: _part(day, field[0]), pattern)
        from babel.dates import format_datetime

        moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)
        return format_datetime(moment.replace(tzinfo=None), pattern, locale=_locale(self.code))


def _part(day: date | datetime, field: str) -> str:
    return str(day.day) if field == "d" else f"{day:{_FIELDS[field]}}"


@cache
def language_of(code: str) -> Language:
    """Return a language by its code."""
    return Language(code)


@cache
def _locale(code: str) -> "Locale":
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(ENGLISH)


@cache
def _decimal_mark(code: str) -> str:
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(_locale(code))
