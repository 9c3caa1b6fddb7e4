"""The orders in which a list can be read, each as keys by which waiting images are sorted."""

from dataclasses import dataclass

import numpy as np

from screener.simulation.images import Images
from screener.simulation.scores import FloatArray
from screener.simulation.setting import Overdue, Plan

FIFO, PROBABILITY, BANDS = "fifo", "probability", "bands"


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """An order of reading. max_wait: minutes; None for no cap."""

    name: str
    rule: str
    max_wait: float | None = None
    overdue: Overdue = Overdue.BELOW_FLAGGED


def orders_of(plan: Plan) -> tuple[ReadingOrder, ...]:
    """Return the orders that a plan compares, the order of arrival first."""
    plain = (ReadingOrder(FIFO, FIFO), ReadingOrder(PROBABILITY, PROBABILITY), ReadingOrder(BANDS, BANDS))
    if plan.max_wait is None:
        return plain
    minutes, shown = plan.max_wait * 60, f"{plan.max_wait:g} h"
    return plain + tuple(
        ReadingOrder(f"{rule}, cap {shown}", rule, minutes, plan.overdue) for rule in (PROBABILITY, BANDS)
    )


def keys(order: ReadingOrder, images: Images) -> tuple[FloatArray, FloatArray]:
    """Return each image's place, lowest first: with its result, and before there is one.

    An image without a result stands where its prior probability puts it: among bands, behind the flagged
    images and before those not flagged.
    """
    if order.rule == PROBABILITY:
        return -images.probability, -images.prior
    if order.rule == BANDS:
        band = np.where(images.flagged, images.band, images.band.max() + 1).astype(float)
        return band, np.full(len(band), images.band.max() + 0.5)
    none = np.zeros(len(images.arrival))
    return none, none
