"""Control charts: what a night says against the baseline, smoothed, and when it is out of control.

EWMA charts (Roberts 1959) for one figure, MEWMA (Lowry et al. 1992) for several. A night's figure is first
divided by its standard error, which the number of images sets, and by how much more the baseline's nights
vary than chance alone explains.

A baseline of m nights knows its own centre and variation only so well, and charts that ignore it alarm too
often (Jones, Champ and Rigdon 2001). The smoothed figure less the baseline's mean has the variance of both,
w² + 1/m, and divided by the baseline's own standard deviation it follows Student's t with m - 1 degrees of
freedom, as a new observation does (Hahn and Meeker 1991, 4.8). The limit is that of t whose tail is that of
LIMIT of the normal distribution; several figures are turned into normal ones before they are added up
(Quesenberry 1991).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

WEIGHT = 0.2  # of the newest night
LIMIT = 3.7  # standard deviations of the smoothed figure: docs/monitor.md says what that finds
LIMIT_OF_MANY = 38.0  # of the squared distance of eight figures together
_FEWEST_FREEDOM = 29  # that of the shortest baseline of nights
_BACK = 0.5  # of the limit: an alarm has ended once the figure has come back so far
_LOOK_BACK = 60  # nights before an alarm in which its cause is looked for


@dataclass(frozen=True, slots=True)
class Alarm:
    """A figure that left its limits.

    since, noticed, ended: places in the chart's days; ended: None if not yet. up: whether it rose; None of
    several figures together.
    """

    since: int
    noticed: int
    ended: int | None
    up: bool | None


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure, night by night; arrays of shape (nights,).

    value: in its own unit, NaN where a night has none. smooth: its EWMA, in the same unit. low, high: within
    which the smoothed value is in control. centre: of the baseline.
    """

    name: str
    days: Codes
    value: Floats
    smooth: Floats
    low: Floats
    high: Floats
    centre: float
    alarms: tuple[Alarm, ...]

    @property
    def alarm(self) -> Alarm | None:
        """The alarm that lasts; None where the last night is in control."""
        return next((each for each in self.alarms if each.ended is None), None)


def chart_of(name: str, days: Codes, value: Floats, error: Floats, baseline: NDArray[np.bool_]) -> Chart:
    """Return the EWMA chart of a figure.

    value: of each night, NaN where it has none. error: its standard error by chance alone, in the same unit.
    baseline: which nights are the baseline.
    """
    known = np.isfinite(value) & np.isfinite(error) & (error > 0)
    base = known & baseline
    if base.sum() < 2:
        nothing = np.full(len(days), np.nan)
        return Chart(name, days, value, nothing, nothing, nothing, float("nan"), ())
    centre = float(np.average(value[base], weights=error[base] ** -2.0))
    spread = max(1.0, float(np.sqrt(np.mean(((value[base] - centre) / error[base]) ** 2))))
    z = np.where(known, (value - centre) / np.where(known, error, 1.0) / spread, np.nan)
    smooth, width = _smoothed(z[:, np.newaxis])
    smoothed = smooth[:, 0]
    unit = _typical(error, known) * spread
    nights = int(base.sum())
    limit = _as_t(LIMIT, _freedom(nights)) * np.sqrt(width**2 + 1 / nights)
    alarms = _alarms(np.abs(smoothed) / limit, z[:, np.newaxis], ~baseline)
    return Chart(
        name,
        days,
        value,
        centre + smoothed * unit,
        centre - limit * unit,
        centre + limit * unit,
        centre,
        alarms,
    )


def chart_of_many(name: str, days: Codes, value: Floats, error: Floats, baseline: NDArray[np.bool_]) -> Chart:
    """Return the MEWMA chart of several figures together: their squared distance from the baseline.

    value, error: shape (nights, figures), uncorrelated by chance.
    """
    known = np.isfinite(value).all(axis=1) & (error > 0).all(axis=1)
    base = known & baseline
    if base.sum() < 2:
        nothing = np.full(len(days), np.nan)
        return Chart(name, days, nothing, nothing, nothing, nothing, 0.0, ())
    centre = np.average(value[base], axis=0, weights=error[base] ** -2.0)
    spread = np.maximum(1.0, np.sqrt(np.mean(((value[base] - centre) / error[base]) ** 2, axis=0)))
    z = np.full(value.shape, np.nan)
    z[known] = (value[known] - centre) / error[known] / spread
    smooth, width = _smoothed(z)
    nights = int(base.sum())
    student = smooth / np.sqrt(width**2 + 1 / nights)[:, np.newaxis]
    distance = (_as_normal(student, _freedom(nights)) ** 2).sum(axis=1)
    alarms = _alarms(distance / LIMIT_OF_MANY, z, ~baseline)
    night = np.nansum(z**2, axis=1)
    zero, top = np.zeros(len(days)), np.full(len(days), LIMIT_OF_MANY)
    return Chart(name, days, np.where(known, night, np.nan), distance, zero, top, 0.0, alarms)


def _freedom(nights: int) -> int:
    """Return how well a baseline knows its variation; of few weeks of marks, chance explains most of it."""
    return max(nights - 1, _FEWEST_FREEDOM)


def _as_normal(t: Floats, freedom: int) -> Floats:
    """Return the size of normal deviates with the tails of Student's t (Wallace 1959: within 0.3 %)."""
    shrunk = (8 * freedom + 1) / (8 * freedom + 3)
    return np.asarray(shrunk * np.sqrt(freedom * np.log1p(t**2 / freedom)), dtype=np.float64)


def _as_t(normal: float, freedom: int) -> float:
    """Return Student's t whose tail is that of a normal deviate: the inverse of _as_normal."""
    stretched = normal * (8 * freedom + 3) / (8 * freedom + 1)
    return float(np.sqrt(freedom * np.expm1(stretched**2 / freedom)))


def _smoothed(z: Floats) -> tuple[Floats, Floats]:
    """Return EWMAs from 0, shape as z, and their standard deviation, shape (nights,); a gap leaves them."""
    smooth, width = np.zeros(z.shape), np.zeros(len(z))
    last, left = np.zeros(z.shape[1]), 1.0
    for place, night in enumerate(z):
        if np.isfinite(night).all():
            last = (1 - WEIGHT) * last + WEIGHT * night
            left *= (1 - WEIGHT) ** 2
        smooth[place] = last
        width[place] = np.sqrt(WEIGHT / (2 - WEIGHT) * max(1 - left, 1 - (1 - WEIGHT) ** 2))
    return smooth, width


def _alarms(ratio: Floats, z: Floats, counted: NDArray[np.bool_]) -> tuple[Alarm, ...]:
    """Return where a ratio of 1 is passed, after the baseline.

    z: shape (nights, figures), to tell since when.
    """
    found: list[Alarm] = []
    start, free = None, 0
    for place in np.flatnonzero(counted):
        if start is None and ratio[place] > 1:
            since = _since(z, free, int(place))
            start = (since, int(place))
        elif start is not None and ratio[place] < _BACK:
            found.append(Alarm(*start, int(place), _up(z, *start)))
            start, free = None, int(place)
    return (*found, Alarm(*start, None, _up(z, *start))) if start is not None else tuple(found)


def _up(z: Floats, since: int, noticed: int) -> bool | None:
    """Return whether one figure rose; None of several."""
    return bool(np.nansum(z[since : noticed + 1]) > 0) if z.shape[1] == 1 else None


def _since(z: Floats, free: int, noticed: int) -> int:
    """Return the night of the most likely change of the mean before an alarm (Pignatiello and Samuel 2001).

    free: the first night that may be meant: what came before belongs to an earlier alarm.
    """
    window = np.nan_to_num(z[max(free, noticed - _LOOK_BACK) : noticed + 1])
    sums = np.cumsum(window[::-1], axis=0)
    nights = np.arange(1, len(window) + 1)
    likely = (sums**2).sum(axis=1) / nights
    return noticed - int(np.argmax(likely))


def _typical(error: Floats, known: NDArray[np.bool_]) -> float:
    """Return the error of a usual night, by which a smoothed figure is drawn in its own unit."""
    return float(np.median(error[known]))
