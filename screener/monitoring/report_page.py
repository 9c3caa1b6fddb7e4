"""What a scan's own reports say of changes: a page of the PDF, and a line where reports begin."""

from collections.abc import Callable
from datetime import date

import numpy as np

from screener.errors import ScreenerError
from screener.ledger import Ledger
from screener.monitoring.charts import Chart
from screener.monitoring.compare import (
    FEWEST_NIGHTS,
    Baseline,
    Comparison,
    Known,
    baseline_of,
    compare,
    known_of,
)
from screener.monitoring.draw import months, out_of_control, path_of
from screener.monitoring.images import Floats
from screener.monitoring.words import ORDER, sentence
from screener.options.period import Period
from screener.outputs.figures import Figures
from screener.outputs.messages import Messages
from screener.outputs.watched import Lane, LanesPicture, Watched
from screener.said import Spoken, Together

PAST_SHOWN = 8  # of what came back
_LEFT, _COURSE, _RIGHT = 150.0, 400.0, 150.0  # titles, courses, states: widths in pixels
_LANE, _APART, _BELOW = 22.0, 6.0, 16.0
_MOST = 1.8  # times its limit that a course is drawn
_POINTS = 500  # of a course


def watched_of(
    ledger: Ledger, asked: Period | None, messages: Messages, tell: Callable[[Spoken], None]
) -> Watched | None:
    """Return what reports say of changes until now; None, and a line about it, where the ledger cannot."""
    try:
        known = ledger.ask(known_of)
    except ScreenerError as error:
        tell(Together(("--monitor", error.said), ": "))
        return None
    baseline = baseline_of(known.images, asked)
    if not baseline.enough:
        return _watched(known, baseline)
    comparison = compare(known, baseline)
    past = [sentence(each, messages) for each in comparison.past]
    return _watched(
        known,
        baseline,
        sentences=tuple(sentence(each, messages) for each in comparison.lasting),
        since=comparison.lasting[0].since.isoformat() if comparison.lasting else "",
        past=tuple(past[:PAST_SHOWN]),
        past_left_out=max(0, len(past) - PAST_SHOWN),
        picture=draw_lanes(comparison, messages),
    )


def _watched(known: Known, baseline: Baseline, **told: object) -> Watched:
    days = known.images.days()
    return Watched(
        images=len(known.images),
        nights=len(days),
        first=date.fromordinal(int(days[0])).isoformat(),
        last=date.fromordinal(int(days[-1])).isoformat(),
        base_first=baseline.period.first.isoformat(),
        base_last=baseline.period.last.isoformat(),
        base_nights=baseline.nights,
        nights_needed=FEWEST_NIGHTS,
        **told,  # type: ignore[arg-type]
    )


def draw_lanes(comparison: Comparison, messages: Messages) -> LanesPicture:
    """Return the courses of all figures, each between its own limits."""
    days = comparison.images.days()
    across = _Across(int(days[0]), int(days[-1]))
    charts = {shown.chart.name: shown.chart for shown in comparison.shown}
    named = [charts[name] for name in ORDER if name in charts]
    lanes = tuple(_lane(chart, place, across, messages) for place, chart in enumerate(named))
    return LanesPicture(
        lanes,
        width=_LEFT + _COURSE + _RIGHT,
        height=len(lanes) * (_LANE + _APART) + _BELOW,
        left=_LEFT,
        right=_LEFT + _COURSE,
        lane=_LANE,
        base_until=across(comparison.baseline.period.last.toordinal() + 0.5),
        x_ticks=tuple((across(day), words) for day, words in months(days, messages)),
    )


class _Across:
    """Where a day lies in the picture, pixels."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._days = first, max(last - first, 1)

    def __call__(self, day: float) -> float:
        return round(_LEFT + (day - self._first) / self._days * _COURSE, 1)


def _lane(chart: Chart, place: int, across: _Across, messages: Messages) -> Lane:
    top = place * (_LANE + _APART)
    title = messages.plain(f"monitor_title.{chart.name}")
    if not np.isfinite(chart.smooth).any():
        return Lane(title, top, "", (), messages.plain("monitor.nothing_known"))
    share = np.clip(_of_limit(chart), -_MOST, _MOST)
    out = out_of_control(chart)
    ys = top + _LANE / 2 - share * (_LANE / 2 / _MOST)
    every = max(1, len(share) // _POINTS)
    points = [(across(float(day)), float(y)) for day, y in zip(chart.days, ys, strict=True)]
    line = "M" + path_of([*points[::every], points[-1]])
    alarm = chart.alarm
    since = None if alarm is None else date.fromordinal(int(chart.days[alarm.since]))
    state = "" if since is None else Figures(messages).full_day(since)
    return Lane(title, top, line, tuple("M" + path_of(points[a:b]) for a, b in _runs(out)), state)


def _of_limit(chart: Chart) -> Floats:
    """Return the smoothed figure in parts of its limit: within -1 and 1 it is in control."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (chart.smooth - chart.centre) / (chart.high - chart.centre)


def _runs(out: np.ndarray) -> list[tuple[int, int]]:
    """Return where stretches of true begin and end, each with its neighbour, so that it has a length."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], out, [False]]).astype(np.int8)))
    return [(max(int(first) - 1, 0), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]
