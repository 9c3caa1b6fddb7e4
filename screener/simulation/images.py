"""Images as they come to the readers: when, with what, and how the model would judge them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from screener.simulation.scores import FloatArray, ScoreCurve
from screener.simulation.setting import DAY, Department, PatientGroup, Plan, open_minutes

BoolArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
IntArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

MARGIN = 0.1  # of the days counted, before and after them: simulated, not counted


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """One repeat's images, by time of arrival; all arrays have shape (images,).

    arrival: minutes from the start. listed: when the model's result is there. reading: minutes. pneumonia:
    the truth. band: 0 is looked at first; the highest one is not flagged. probability: of pneumonia, by the
    score; prior: before it. counted: whether the image belongs to the days that are counted.
    """

    arrival: FloatArray
    listed: FloatArray
    reading: FloatArray
    pneumonia: BoolArray
    band: IntArray
    flagged: BoolArray
    probability: FloatArray
    prior: FloatArray
    counted: BoolArray


def draw_images(
    department: Department, patients: Sequence[PatientGroup], plan: Plan, chance: np.random.Generator
) -> Images:
    """Return one repeat's images, drawn at random."""
    arrival = _arrivals(department, plan.days * (1 + 2 * MARGIN), chance)
    count = len(arrival)
    of = chance.choice(len(patients), size=count, p=[each.share for each in patients])
    pneumonia, band = np.zeros(count, dtype=bool), np.zeros(count, dtype=np.int64)
    flagged, probability, prior = np.zeros(count, dtype=bool), np.zeros(count), np.zeros(count)
    for number, each in enumerate(patients):
        own = np.flatnonzero(of == number)
        ill = chance.random(len(own)) < each.prevalence
        curve = ScoreCurve(each.points)
        deviates = chance.standard_normal(len(own))
        scores = np.where(ill, curve.with_pneumonia(deviates), deviates)
        thresholds = [curve.threshold(point) for point in each.points]
        reached = np.array([scores >= threshold for threshold in thresholds])
        odds = math.log(each.prevalence / (1 - each.prevalence)) + curve.log_likelihood_ratio(scores)
        pneumonia[own], flagged[own], prior[own] = ill, reached[0], each.prevalence
        band[own] = len(thresholds) - reached.sum(axis=0)
        probability[own] = 1 / (1 + np.exp(-odds))
    start = plan.days * MARGIN * DAY
    counted = (arrival >= start) & (arrival < start + plan.days * DAY)
    reading = _readings(department, count, chance)
    listed = _listed(arrival, department.scan_at)
    return Images(arrival, listed, reading, pneumonia, band, flagged, probability, prior, counted)


def _arrivals(department: Department, days: float, chance: np.random.Generator) -> FloatArray:
    """Return times of arrival, minutes, rising: a Poisson process in the hours in which images come."""
    length = open_minutes(department.arrival_hours)
    count = chance.poisson(department.arrivals * days)
    within = np.sort(chance.random(count)) * length * days
    day, minute = np.divmod(within, length)
    return day * DAY + department.arrival_hours[0] * 60 + minute


def _readings(department: Department, count: int, chance: np.random.Generator) -> FloatArray:
    """Return times of reading, minutes: gamma; exponential where the coefficient of variation is 1."""
    if department.reading_cv == 0:
        return np.full(count, department.reading_minutes)
    variance = department.reading_cv**2
    return chance.gamma(1 / variance, department.reading_minutes * variance, count)


def _listed(arrival: FloatArray, scan_at: float | None) -> FloatArray:
    """Return when each image's result is there: at once, or after the next nightly scan."""
    if scan_at is None:
        return arrival
    first = scan_at * 60
    return np.ceil((arrival - first) / DAY) * DAY + first
