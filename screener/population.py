"""Whether as many studies are flagged as the operating point's figures let one expect. Pure.

Sensitivity and specificity belong to the patients they were measured on. Where far more or far fewer
studies are flagged than they allow at the stated prevalence, these are other patients: the threshold, PPV and
NPV mean nothing for them, while the order may still be good.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from screener.domain import OperatingPoint
from screener.proportions import Interval
from screener.scale import Scale

FEWEST = 30  # studies: below, chance alone explains nearly anything
SIGNIFICANT = 0.001  # two-sided; nightly for three years gives one false alarm


class Why(StrEnum):
    """Why a population check holds, does not, or says nothing: a closed list, for programs."""

    TOO_FEW = "too_few_studies"
    CUSTOM = "custom_threshold"
    NO_FIGURES = "no_figures"
    AS_EXPECTED = "as_expected"
    MORE = "more_flagged_than_expected"
    FEWER = "fewer_flagged_than_expected"


@dataclass(frozen=True, slots=True)
class PopulationCheck:
    """Flagged studies, observed against expected.

    screened, observed_flagged: studies. expected_flagged: studies, a mean; None without figures.
    holds: None where nothing can be said.
    """

    screened: int
    observed_flagged: int
    expected_flagged: float | None
    holds: bool | None
    why: Why


def check_population(screened: int, flagged: int, scale: Scale) -> PopulationCheck:
    """Return whether so many flagged of so many screened fit the operating point at the stated prevalence."""
    point = scale.operating_point
    expected = _flagged_share(point.sensitivity, point.specificity, scale.prevalence)
    if expected is None:
        why = Why.CUSTOM if point.name == "custom" else Why.NO_FIGURES
        return PopulationCheck(screened, flagged, None, None, why)
    mean = screened * expected
    if screened < FEWEST:
        return PopulationCheck(screened, flagged, mean, None, Why.TOO_FEW)
    low, high = _flagged_range(point, scale.prevalence, expected)
    if flagged > screened * high and 2 * upper_tail(flagged, screened, high) < SIGNIFICANT:
        return PopulationCheck(screened, flagged, mean, False, Why.MORE)
    if flagged < screened * low and 2 * upper_tail(screened - flagged, screened, 1 - low) < SIGNIFICANT:
        return PopulationCheck(screened, flagged, mean, False, Why.FEWER)
    return PopulationCheck(screened, flagged, mean, True, Why.AS_EXPECTED)


def upper_tail(events: int, trials: int, share: float) -> float:
    """Return the binomial probability of so many events or more; events: above their mean."""
    if share >= 1 or events <= 0:
        return 1.0
    if share <= 0:
        return 0.0
    logarithm = (
        math.lgamma(trials + 1)
        - math.lgamma(events + 1)
        - math.lgamma(trials - events + 1)
        + events * math.log(share)
        + (trials - events) * math.log1p(-share)
    )
    term = total = math.exp(logarithm)
    for count in range(events, trials):  # above the mean each term is smaller than the one before
        term *= (trials - count) / (count + 1) * share / (1 - share)
        total += term
        if term < total * 1e-17:
            break
    return min(1.0, total)


def _flagged_share(sensitivity: float | None, specificity: float | None, prevalence: float) -> float | None:
    if sensitivity is None or specificity is None:
        return None
    return prevalence * sensitivity + (1 - prevalence) * (1 - specificity)


def _flagged_range(point: OperatingPoint, prevalence: float, expected: float) -> Interval:
    """Return the shares that both figures' 95 % intervals allow; the expected one where there are none."""
    if point.sensitivity_interval is None or point.specificity_interval is None:
        return expected, expected
    low = _flagged_share(point.sensitivity_interval[0], point.specificity_interval[1], prevalence)
    high = _flagged_share(point.sensitivity_interval[1], point.specificity_interval[0], prevalence)
    assert low is not None
    assert high is not None
    return low, high
