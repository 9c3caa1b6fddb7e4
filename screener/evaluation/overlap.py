"""Whether a set shares images with those that made a model, judged by how many seem to be among them."""

import math
from dataclasses import dataclass
from typing import Any

from screener.population import upper_tail
from screener.proportions import Interval, wilson_interval

SIGNIFICANT = 0.001  # one-sided: a set that shares nothing is accused once in a thousand times


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many images of a set served to make a model.

    role: what those images served for. images: in the set. recognised: distinct images among them that seem
    known, of `distinct`; by_chance: how many would, if none were. shared: images, estimated, with their
    95 % interval. evident: whether chance does not explain what was seen.
    """

    role: str
    images: int
    distinct: int
    recognised: int
    by_chance: float
    shared: int
    interval: tuple[int, int]
    evident: bool

    def to_json(self) -> dict[str, Any]:
        """Return what metrics.json holds."""
        return {name: getattr(self, name) for name in self.__slots__}


def estimate_overlap(role: str, images: int, distinct: int, recognised: int, filled: float) -> Overlap:
    """Return the overlap of a set with images of which `filled` of any others seem to be, too.

    Of n images of which m are known, m + (n - m) × filled are expected to seem so: solved for m.
    """
    by_chance = distinct * filled
    evident = recognised > by_chance and upper_tail(recognised, distinct, filled) < SIGNIFICANT
    low, high = wilson_interval(recognised, distinct)

    def known(share: float) -> int:
        return round(images * max(0.0, (share - filled) / (1 - filled)))

    bounds: Interval = (low, high)
    return Overlap(
        role=role,
        images=images,
        distinct=distinct,
        recognised=recognised,
        by_chance=by_chance,
        shared=known(recognised / distinct),
        interval=(known(bounds[0]), min(images, math.ceil(known(bounds[1])))),
        evident=evident,
    )
