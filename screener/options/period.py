"""A period of days, as options name it."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from screener.errors import UsageError


@dataclass(frozen=True, slots=True)
class Period:
    """Days from first to last, both of them in it."""

    first: date
    last: date

    @classmethod
    def of(cls, option: str, typed: str) -> Self:
        """Return what an option asks for.

        Raises:
            UsageError: That is no period.
        """
        try:
            first, last = (date.fromisoformat(each) for each in typed.split("/"))
        except ValueError as error:
            raise UsageError("options.no_period", option=option, typed=typed) from error
        if last < first:
            raise UsageError("options.period_backwards", option=option, typed=typed)
        return cls(first, last)

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"


def baseline_asked(typed: str | None) -> Period | None:
    """Return what --monitor-baseline asks for; None for the usual one; raises as Period.of does."""
    return None if typed is None else Period.of("--monitor-baseline", typed)
