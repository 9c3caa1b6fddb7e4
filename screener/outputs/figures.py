"""Numbers and dates as people read them: rounded here, written as the catalogue's language does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from screener.operating_points import PROBABILITY_DECIMALS
from screener.outputs.messages import Messages
from screener.scale import RARE, SURE, probability_text


@dataclass(frozen=True, slots=True)
class Figures:
    """What writes them; messages: for words that belong to a number, and the patterns of dates."""

    messages: Messages

    def written(self, text: str) -> str:
        """Return a number that is rounded already with the language's decimal mark."""
        return self.messages.language.figure(text)

    def count(self, number: int) -> str:
        return self.messages.language.count(number)

    def short(self, number: int) -> str:
        """Return a count as it fits above a narrow bar."""
        if number < 1000:
            return str(number)
        thousands = f"{number / 1000:.1f}" if number < 9950 else f"{number / 1000:.0f}"
        return self.messages.plain("figures.thousands").format(count=self.written(thousands))

    def percent(self, share: float) -> str:
        """Return one decimal, but never 0 or 100 % for what is only close to it."""
        if 0 < share < 0.0005:
            return self.messages.plain("figures.below", share=self._percent(0.1))
        if 0.9995 <= share < 1:
            return self.messages.plain("figures.above", share=self._percent(99.9))
        return self._percent(100 * share)

    def _percent(self, number: float) -> str:
        return self.messages.plain("figures.percent", number=self.written(f"{number:.1f}"))

    def probability(self, probability: float, limits: Iterable[float] = ()) -> str:
        """Return a probability, 0..1; "< 0.059" for what lies below a limit and would be rounded to it.

        limits: the printed thresholds, lowest first, that the reader sees beside it.
        """
        text = probability_text(probability)
        for limit in limits:
            if RARE <= probability < limit <= SURE and text == probability_text(limit):
                return self.written(f"< {text}")
        return self.written(text)

    def threshold(self, threshold: float) -> str:
        """Return a threshold, 0..1: two significant digits where they tell it apart from 0 and 1."""
        if 0.001 <= threshold <= 0.99:
            return self.written(f"{threshold:.2g}")
        return self.written(f"{threshold:.{PROBABILITY_DECIMALS}f}".rstrip("0").rstrip("."))

    def day(self, day: str, year: int) -> str:
        """Return an ISO date as "14 Nov", with its year if that is another one; what is no date, as it is."""
        try:
            found = date.fromisoformat(day)
        except ValueError:
            return day
        return self._by("figures.day" if found.year == year else "figures.day_of_year", found)

    def full_day(self, day: str | date) -> str:
        """Return a day, ISO 8601, with its year; what is no date, as it is."""
        try:
            return self._by("figures.date", date.fromisoformat(str(day)))
        except ValueError:
            return str(day)

    def moment(self, moment: datetime) -> str:
        """Return a moment to the minute, with the name of its time zone."""
        return f"{self._by('figures.moment', moment)} {moment:%Z}".rstrip()

    def _by(self, pattern: str, day: date | datetime) -> str:
        return self.messages.language.day(day, self.messages.plain(pattern))
