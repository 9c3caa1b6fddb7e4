"""Run a command of Screener as on another day: python -m benchmarks.on_day 2027-01-05 scan …

Only the clock of that one process is moved, by whole days; files keep the times that they have.
"""

import datetime as clock
import sys
from typing import Any, Self

_date, _datetime = clock.date, clock.datetime


def move_to(day: str) -> None:
    """Let today be that day for everything that is imported from now on."""
    by = _date.fromisoformat(day) - _date.today()

    class Date(_date):
        @classmethod
        def today(cls) -> Self:
            return cls.fromordinal((_date.today() + by).toordinal())

    class DateTime(_datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Self:
            return cls.fromtimestamp((_datetime.now(clock.UTC) + by).timestamp(), tz)

    clock.date, clock.datetime = Date, DateTime  # type: ignore[misc]


if __name__ == "__main__":
    move_to(sys.argv.pop(1))
    from screener.cli import main

    main()
