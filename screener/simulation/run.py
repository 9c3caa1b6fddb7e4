"""Many repeats of one setting, each in every order, as means with intervals."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from screener.errors import UsageError
from screener.proportions import Interval, Z
from screener.simulation.images import MARGIN, BoolArray, Images, draw_images
from screener.simulation.orders import orders_of
from screener.simulation.queue import waiting_minutes
from screener.simulation.setting import Department, PatientGroup, Plan, check_shares

MOST_IMAGES = 20_000_000  # in all repeats and orders: about 3 minutes


class Group(StrEnum):
    """Images whose waiting is told apart."""

    PNEUMONIA = "pneumonia"
    MISSED = "pneumonia, not flagged"
    OTHER = "everything else"


@dataclass(frozen=True, slots=True)
class Figure:
    """Minutes, the mean of all repeats; interval: 95 %, of that mean."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class WaitingTime:
    """How long images of a group wait in one order, minutes from arrival until a reader begins.

    mean: of all of them. longest: of all in the days that a repeat counts. change_*: against the order of
    arrival, the same images in both; None for that order itself. images: on average in a repeat.
    """

    order: str
    group: Group
    images: float
    mean: Figure
    longest: Figure
    change_of_mean: Figure | None
    change_of_longest: Figure | None


def simulate(
    department: Department,
    patients: Sequence[PatientGroup],
    plan: Plan,
    each_done: Callable[[], None] = lambda: None,
) -> tuple[WaitingTime, ...]:
    """Return how long images wait in each order; all orders are given the very same images.

    A group that has no image in some repeat is left out. each_done: called after each repeat.

    Raises:
        UsageError: The populations' shares do not add up to 1, or it would take for ever.
    """
    check_shares(patients)
    orders = orders_of(plan)
    expected = department.arrivals * plan.days * (1 + 2 * MARGIN) * plan.repeats * len(orders)
    if expected > MOST_IMAGES:
        raise UsageError("simulation.too_many", expected=expected, most=MOST_IMAGES)
    groups = list(Group)
    figures = np.full((plan.repeats, len(orders), len(groups), 3), np.nan)
    for repeat, chance in enumerate(np.random.default_rng(plan.seed).spawn(plan.repeats)):
        images = draw_images(department, patients, plan, chance)
        chosen = [_members(images, group) for group in groups]
        for place, order in enumerate(orders):
            waits = waiting_minutes(images, order, department)
            for number, members in enumerate(chosen):
                if members.any():
                    own = waits[members]
                    figures[repeat, place, number] = own.mean(), own.max(), len(own)
        each_done()
    return tuple(
        _waiting(order.name, group, figures[:, place, number], figures[:, 0, number], place == 0)
        for place, order in enumerate(orders)
        for number, group in enumerate(groups)
        if not np.isnan(figures[:, place, number]).any()
    )


def _members(images: Images, group: Group) -> BoolArray:
    if group is Group.OTHER:
        return images.counted & ~images.pneumonia
    ill = images.counted & images.pneumonia
    return ill & ~images.flagged if group is Group.MISSED else ill


def _waiting(order: str, group: Group, own: np.ndarray, first: np.ndarray, is_first: bool) -> WaitingTime:
    change = own - first
    return WaitingTime(
        order=order,
        group=group,
        images=float(own[:, 2].mean()),
        mean=_figure(own[:, 0]),
        longest=_figure(own[:, 1]),
        change_of_mean=None if is_first else _figure(change[:, 0]),
        change_of_longest=None if is_first else _figure(change[:, 1]),
    )


def _figure(values: np.ndarray) -> Figure:
    half = student(len(values) - 1) * float(values.std(ddof=1)) / math.sqrt(len(values))
    mean = float(values.mean())
    return Figure(mean, (mean - half, mean + half))


def student(freedom: int) -> float:
    """Return Student's t for a 95 % interval, within 0.2 % from 4 degrees of freedom on.

    Cornish and Fisher's expansion (Abramowitz and Stegun, 26.7.5), so that SciPy is not needed.
    """
    terms = (
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
        (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160,
    )
    return float(Z + sum(term / freedom**power for power, term in enumerate(terms, 1)))
