"""A site's images against a baseline of the same site: from a ledger to charts and what moved in them."""

import sqlite3
from dataclasses import dataclass
from datetime import date

import numpy as np

from screener.errors import UsageError
from screener.ledger.first_results import decided_marks, first_results, last_records
from screener.monitoring.charts import Chart
from screener.monitoring.images import Codes, Flags, Images
from screener.monitoring.known import images_of
from screener.monitoring.moved import Moved, moved
from screener.monitoring.readers import AGREEMENT, agreement_chart
from screener.monitoring.watch import watch
from screener.options.period import Period
from screener.population import FlaggedCount, check_population
from screener.reporting.run_record import from_record
from screener.scale import Scales

FEWEST_NIGHTS = 30  # of a baseline
USUAL_BASELINE = 90  # days from the first image on, or half of what there is
_FACTS_SINCE = 11  # format of the ledger


@dataclass(frozen=True, slots=True)
class Known:
    """What a ledger tells of its site. marks: day, status, mark. scales: of the last run."""

    images: Images
    marks: tuple[tuple[str, str, str], ...]
    scales: Scales


@dataclass(frozen=True, slots=True)
class Baseline:
    """The days that all others are compared with.

    nights: with images in them. later: whether any came after.
    """

    period: Period
    nights: int
    later: bool

    @property
    def enough(self) -> bool:
        return self.nights >= FEWEST_NIGHTS and self.later

    def holds(self, days: Codes) -> Flags:
        """Return which days, as ordinals of the calendar, are the baseline's."""
        return (days >= self.period.first.toordinal()) & (days <= self.period.last.toordinal())


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart with what moved in it."""

    chart: Chart
    moves: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All charts, with the images that they are of. expected: share flagged, None if not known."""

    baseline: Baseline
    shown: tuple[Shown, ...]
    images: Images
    expected: float | None

    @property
    def lasting(self) -> tuple[Moved, ...]:
        """What moved and has not come back, the last first."""
        return self._moves(ended=False)

    @property
    def past(self) -> tuple[Moved, ...]:
        """What moved and came back, the last first."""
        return self._moves(ended=True)

    def _moves(self, *, ended: bool) -> tuple[Moved, ...]:
        some = [each for shown in self.shown for each in shown.moves if (each.ended is not None) is ended]
        return tuple(sorted(some, key=lambda each: each.since, reverse=True))


def known_of(database: sqlite3.Connection) -> Known:
    """Return what a ledger knows.

    Raises:
        UsageError: No run in it has ended yet, it holds no image, or is of a format that kept none of this.
    """
    [[version]] = database.execute("PRAGMA user_version")
    if version < _FACTS_SINCE:
        raise UsageError("monitoring.nothing_kept")
    runs = {key: from_record(record) for key, record in last_records(database).items()}
    if not runs:
        raise UsageError("monitoring.no_run")
    images = images_of(
        first_results(database),
        {key: each.scales for key, each in runs.items()},
        {key: str(each.model) for key, each in runs.items()},
    )
    if not len(images):
        raise UsageError("monitoring.no_image")
    last = max(runs.values(), key=lambda each: each.started)
    return Known(images, tuple(decided_marks(database)), last.scales)


def baseline_of(images: Images, asked: Period | None) -> Baseline:
    """Return the baseline that was asked for, or else the usual one, whether or not it is enough."""
    days = images.days()
    if asked is None:
        start, end = int(days[0]), int(days[-1])
        until = start + min(USUAL_BASELINE, (end - start) // 2)
        asked = Period(date.fromordinal(start), date.fromordinal(until))
    held = (days >= asked.first.toordinal()) & (days <= asked.last.toordinal())
    return Baseline(asked, int(held.sum()), int(days[-1]) > asked.last.toordinal())


def compare(known: Known, baseline: Baseline) -> Comparison:
    """Return all charts of a site against a baseline that is enough."""
    images = known.images
    base = baseline.holds(images.day)
    shown = [
        Shown(chart, tuple(moved(chart, each, images, base) for each in chart.alarms))
        for chart in watch(images, baseline.holds)
    ]
    if (readers := agreement_chart(known.marks, baseline.holds)) is not None:
        shown.append(Shown(readers, _moves_of_readers(readers)))
    return Comparison(baseline, tuple(shown), images, _expected(images, base, known.scales))


def _moves_of_readers(chart: Chart) -> tuple[Moved, ...]:
    def day(place: int) -> date:
        return date.fromordinal(int(chart.days[place]))

    return tuple(
        Moved(
            AGREEMENT, day(each.since), day(each.noticed), None if each.ended is None else day(each.ended),
            each.noticed - each.since + 1, each.up, chart.centre,
            float(np.nanmean(chart.value[each.since : each.ended])),
        )
        for each in chart.alarms
    )  # fmt: skip


def _expected(images: Images, base: Flags, scales: Scales) -> float | None:
    """Return the share that the operating points lead one to expect flagged; None without figures."""
    scored = images.screened & ~base
    ages = images.age[scored]
    counts: dict[str, int] = {}
    for years in ages.tolist():
        name = scales.of_years(None if np.isnan(years) else years).population
        counts[name] = counts.get(name, 0) + 1
    parts = [FlaggedCount(count, 0, scales.named(name)) for name, count in counts.items()]
    if not parts:
        return None
    check = check_population(*parts)
    return None if check.expected_flagged is None else check.expected_flagged / max(check.screened, 1)
