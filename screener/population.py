"""Whether as many studies are flagged as the operating point's figures let one expect. Pure.

Sensitivity and specificity belong to the patients they were measured on. Where far more or far fewer
studies are flagged than they allow at the stated prevalence, these are other patients: the threshold, PPV and
NPV mean nothing for them, while the order may still be good.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class FlaggedCount:
    """Studies that were read on one scale: how many, and how many of them are flagged."""

    screened: int
    flagged: int
    scale: Scale


def check_population(*parts: FlaggedCount) -> PopulationCheck:
    """Return whether so many flagged of so many screened fit the operating points at the stated prevalence.

    parts: one for each population; together they are judged as the mixture that they are. Where one alone
    does not fit, the whole does not.
    """
    screened, flagged = sum(each.screened for each in parts), sum(each.flagged for each in parts)
    together = _check_mixture(parts, screened, flagged)
    alone = [check_population(each).why for each in parts] if len(parts) > 1 else []
    failed = next((why for why in alone if why in (Why.MORE, Why.FEWER)), None)
    return together if failed is None else replace(together, holds=False, why=failed)


def _check_mixture(parts: Sequence[FlaggedCount], screened: int, flagged: int) -> PopulationCheck:
    shares = [_shares(each.scale) for each in parts]
    lacking = next((each for each, share in zip(parts, shares, strict=True) if share is None), None)
    if lacking is not None:
        why = Why.CUSTOM if lacking.scale.operating_point.name == "custom" else Why.NO_FIGURES
        return PopulationCheck(screened, flagged, None, None, why)
    weights = [each.screened / screened if screened else 1 / len(parts) for each in parts]
    low, expected, high = (
        sum(weight * share[place] for weight, share in zip(weights, shares, strict=True) if share)
        for place in range(3)
    )
    mean = screened * expected
    if screened < FEWEST:
        return PopulationCheck(screened, flagged, mean, None, Why.TOO_FEW)
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


def _shares(scale: Scale) -> tuple[float, float, float] | None:
    """Return which shares flagged the point's figures allow: low, expected, high; None without figures.

    Low and high by both figures' 95 % intervals; the expected one where there are none.
    """
    point = scale.operating_point
    if point.sensitivity is None or point.specificity is None:
        return None
    expected = _flagged_share(point.sensitivity, point.specificity, scale.prevalence)
    if point.sensitivity_interval is None or point.specificity_interval is None:
        return expected, expected, expected
    low, high = (
        _flagged_share(point.sensitivity_interval[end], point.specificity_interval[1 - end], scale.prevalence)
        for end in (0, 1)
    )
    return low, expected, high


def _flagged_share(sensitivity: float, specificity: float, prevalence: float) -> float:
    return prevalence * sensitivity + (1 - prevalence) * (1 - specificity)
