"""Charts and mixes as SVG: coordinates only; colours are the page's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from screener.monitoring.charts import Chart
from screener.monitoring.images import Codes, Column, Flags, Images
from screener.monitoring.words import share as share_text
from screener.monitoring.words import shown
from screener.outputs.figures import Figures
from screener.outputs.messages import Messages

WIDTH, HEIGHT = 720, 150
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 8, 20
SHOWN_WORDS = 5  # of a mix; the others together are one more


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws of a chart: SVG paths and points in pixels, ticks with their words."""

    dots: tuple[tuple[float, float, bool], ...]  # x, y, whether out of control
    line: str
    band: str
    centre: float
    base_until: float  # x where the baseline ends
    expected: float | None  # y
    marks: tuple[float, ...]  # x of each alarm's first night
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A week's part of a mix: x, y, width, height in pixels; colour: which of the words."""

    x: float
    y: float
    width: float
    height: float
    colour: int


@dataclass(frozen=True, slots=True)
class MixPicture:
    """A mix by week. words: with the colour's number each."""

    bars: tuple[Bar, ...]
    words: tuple[str, ...]
    x_ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where days from first to last, and values from low to high, lie in a picture."""

    first: float
    last: float
    low: float
    high: float

    def across(self, day: float) -> float:
        return LEFT + (day - self.first) / max(self.last - self.first, 1.0) * (WIDTH - LEFT - RIGHT)

    def up(self, value: float) -> float:
        room = (self.high - self.low or 1.0) * 0.06
        part = (value - self.low + room) / (self.high - self.low + 2 * room)
        return TOP + (1 - min(max(part, 0.0), 1.0)) * (HEIGHT - TOP - BOTTOM)


def draw(
    chart: Chart, baseline_ends: int, messages: Messages, *, share: bool, expected: float | None = None
) -> Picture:
    """Return a chart's picture; baseline_ends: the first day behind the baseline."""
    values = [chart.value, chart.low, chart.high, chart.smooth]
    finite = np.concatenate(
        [each[np.isfinite(each)] for each in values] + [np.array([expected or chart.centre])]
    )
    low, high = float(finite.min()), float(np.quantile(finite, 0.999) if len(finite) > 50 else finite.max())
    low, high = min(low, float(np.nanmin(chart.low))), max(high, float(np.nanmax(chart.high)))
    low = max(low, 0.0) if share else low
    axes = _Axes(float(chart.days[0]), float(chart.days[-1]), low, high)
    across, up = axes.across, axes.up
    out = out_of_control(chart)
    places = [place for place in range(len(chart.days)) if np.isfinite(chart.value[place])]
    dots = tuple(
        (round(across(float(chart.days[each])), 1), round(up(float(chart.value[each])), 1), bool(out[each]))
        for each in places
    )
    points = [
        (across(float(day)), up(float(value))) for day, value in zip(chart.days, chart.smooth, strict=True)
    ]
    tops = [(across(float(day)), up(float(value))) for day, value in zip(chart.days, chart.high, strict=True)]
    lows = [
        (across(float(day)), up(max(float(value), low)))
        for day, value in zip(chart.days, chart.low, strict=True)
    ]
    return Picture(
        dots=dots,
        line="M" + path_of(points),
        band="M" + path_of([*tops, *reversed(lows)]) + "Z",
        centre=round(up(chart.centre), 1),
        base_until=round(across(float(baseline_ends) - 0.5), 1),
        expected=None if expected is None else round(up(expected), 1),
        marks=tuple(round(across(float(chart.days[each.since])), 1) for each in chart.alarms),
        x_ticks=tuple((round(across(day), 1), words) for day, words in months(chart.days, messages)),
        y_ticks=tuple(
            (round(up(each), 1), _tick(each, share, messages)) for each in (low, (low + high) / 2, high)
        ),
    )


def draw_mix(column: Column, images: Images, counted: Flags, messages: Messages) -> MixPicture:
    """Return a mix by week, of the images that are counted."""
    weeks = (images.day[counted] - 1) // 7  # ordinal 1 was a Monday
    codes = column.codes[counted]
    often = np.argsort(-np.bincount(codes, minlength=len(column.words)), kind="stable")[:SHOWN_WORDS].tolist()
    colour = np.full(len(column.words), len(often))
    colour[often] = range(len(often))
    first, last = int(weeks.min()), int(weeks.max())
    wide = (WIDTH - LEFT - RIGHT) / (last - first + 1)
    bars: list[Bar] = []
    for week in range(first, last + 1):
        own = np.bincount(colour[codes[weeks == week]], minlength=len(often) + 1)
        y = float(TOP)
        for number, count in enumerate(own.tolist()):
            tall = count / max(int(own.sum()), 1) * (HEIGHT - TOP - BOTTOM)
            if count:
                x = LEFT + (week - first) * wide
                bars.append(Bar(round(x, 1), round(y, 1), round(wide * 0.92, 1), round(tall, 1), number))
            y += tall
    words = [shown(column.words[code], messages) for code in often]
    more = [messages.plain("monitor.others")] if len(column.words) > len(often) else []
    days = np.arange(first * 7 + 1, last * 7 + 8)
    ticks = tuple(
        (round(LEFT + (day - 1 - first * 7) / 7 * wide, 1), name) for day, name in months(days, messages)
    )
    return MixPicture(tuple(bars), (*words, *more), ticks)


def out_of_control(chart: Chart) -> Flags:
    """Return on which days of a chart an alarm lasted."""
    out = np.zeros(len(chart.days), dtype=np.bool_)
    for each in chart.alarms:
        out[each.since : each.ended] = True
    return out


def path_of(points: Iterable[tuple[float, float]]) -> str:
    """Return points as the lines of an SVG path, without those that are not known."""
    return "L".join(f"{x:.1f},{y:.1f}" for x, y in points if np.isfinite(x) and np.isfinite(y))


def months(days: Codes, messages: Messages) -> list[tuple[int, str]]:
    """Return the first day of each month, or of each quarter of a long time, with its name."""
    first, last = int(days[0]), int(days[-1])
    every = 1 if last - first < 400 else 3
    found: list[tuple[int, str]] = []
    for day in range(first, last + 1):
        when = date.fromordinal(day)
        if when.day == 1 and (when.month - 1) % every == 0:
            pattern = "MMM yyyy" if when.month == 1 or not found else "MMM"
            found.append((day, messages.language.day(when, pattern)))
    return found


def _tick(value: float, is_share: bool, messages: Messages) -> str:
    return share_text(value, messages) if is_share else Figures(messages).written(f"{value:.3g}")
