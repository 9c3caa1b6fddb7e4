"""Wilson's 95 % interval of a proportion, by arithmetic alone: reports need it, and scan without SciPy."""

import math
from statistics import NormalDist
from typing import TypeAlias

Interval: TypeAlias = tuple[float, float]
"""95 %: (low, high)."""

INTERVAL_LEVEL = 0.95
TAIL = (1 - INTERVAL_LEVEL) / 2
Z = NormalDist().inv_cdf(1 - TAIL)


def wilson_interval(events: int, trials: int) -> Interval:
    """Return the 95 % score interval of a proportion (Wilson 1927), within 0..1.

    Raises:
        ValueError: There is no trial, or there are more events than trials.
    """
    if not 0 <= events <= trials or trials == 0:
        raise ValueError(f"A proportion needs 0 <= events <= trials, got {events} of {trials}.")
    share = events / trials
    shrink = 1 + Z**2 / trials
    centre = (share + Z**2 / (2 * trials)) / shrink
    half = Z * math.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2)) / shrink
    # At the ends the formula gives exactly 0 and 1; arithmetic misses them by 1e-17.
    low = 0.0 if events == 0 else centre - half
    high = 1.0 if events == trials else centre + half
    return low, high
