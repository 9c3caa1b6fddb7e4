"""The hours in which an archive may be asked."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Self

from screener.errors import UsageError

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of the day to another, over midnight where the second is earlier; None for any time."""

    start: time | None = None
    end: time | None = None

    @classmethod
    def of(cls, not_before: str | None, not_after: str | None) -> Self:
        """Return the hours that --not-before and --not-after name; raises UsageError."""
        start = _time("--not-before", not_before) if not_before else None
        end = _time("--not-after", not_after) if not_after else None
        return cls(start, end)

    def hold(self, now: datetime) -> bool:
        """Return whether the archive may be asked at this time of the local day."""
        clock, start, end = now.time(), self.start or time.min, self.end or time.max
        return start <= clock < end if start <= end else clock >= start or clock < end


def _time(option: str, text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise UsageError("arrivals.time_unreadable", option=option, text=text)
    return time(int(match[1]), int(match[2]))
