"""Calibrations and operating points: how a logit is printed, and from where on a study is flagged. Pure."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

PROBABILITY_DECIMALS = 6  # printed, compared and sorted at this precision, and no other


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling (Platt 1999), strictly increasing: logit -> probability.

    prevalence: the share of pneumonia, in 0..1, among the patients it was fitted on.
    """

    slope: float
    intercept: float
    prevalence: float

    def __post_init__(self) -> None:
        if not self.slope > 0:
            raise ValueError(f"A calibration must increase: slope is {self.slope}.")
        if not 0 < self.prevalence < 1:
            raise ValueError(f"A prevalence lies between 0 and 1, got {self.prevalence}.")

    def probability(self, logit: float, prevalence: float | None = None) -> float:
        """Return the probability of pneumonia in 0..1, where that share of patients has it.

        prevalence: 0..1; without one, that of the patients the calibration was fitted on.
        """
        own = _sigmoid(self.slope * logit + self.intercept)
        return own if prevalence is None else self.shifted(own, prevalence)

    def at(self, prevalence: float) -> "Calibration":
        """Return the same calibration as it is written at another prevalence, 0..1.

        Every logit's probability, shifted to any prevalence, stays what it was.
        """
        moved = _log_odds(prevalence) - _log_odds(self.prevalence)
        return Calibration(self.slope, self.intercept + moved, prevalence)

    def shifted(self, probability: float, prevalence: float) -> float:
        """Return a probability of this calibration's scale as another prevalence prints it."""
        return shift_prevalence(probability, self.prevalence, prevalence)


class Doubt(StrEnum):
    """Why an operating point of a model is not validated, although it was measured."""

    CHANCE = "chance"
    FLAGS_ALL = "flags_all"

    @property
    def words(self) -> str:
        """What the figures say, to follow the point's or the model's name."""
        if self is Doubt.FLAGS_ALL:
            return "it flags everyone, or nearly: its figures do not rule out a specificity of 0"
        return (
            "no better than chance, as far as its figures can tell: the 95 % interval of an AUC reaches 0.5"
        )


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold with what it was validated at.

    threshold: probability at the calibration's own prevalence; at or above it is flagged.
    sensitivity, specificity: as validated, 0..1; None where it is not validated: a threshold of the
    user's own, or one in doubt. intervals: 95 %, (low, high). doubt: why a model's own point is not.
    """

    name: str
    threshold: float
    sensitivity: float | None = None
    specificity: float | None = None
    sensitivity_interval: tuple[float, float] | None = None
    specificity_interval: tuple[float, float] | None = None
    doubt: Doubt | None = None

    @property
    def validated(self) -> bool:
        """Whether its sensitivity and specificity are known, and mean something; decided here alone."""
        return self.doubt is None and self.sensitivity is not None and self.specificity is not None

    def moved(self, calibration: Calibration, prevalence: float) -> "OperatingPoint":
        """Return the point with its threshold as that prevalence prints it; it flags the same."""
        return replace(self, threshold=calibration.shifted(self.threshold, prevalence))

    def predictive_values(self, prevalence: float) -> tuple[float | None, float | None]:
        """Return (PPV, NPV) in 0..1 where that share of patients has pneumonia (Bayes)."""
        if self.sensitivity is None or self.specificity is None:
            return None, None
        true_flagged = self.sensitivity * prevalence
        flagged = true_flagged + (1 - self.specificity) * (1 - prevalence)
        true_passed = self.specificity * (1 - prevalence)
        passed = true_passed + (1 - self.sensitivity) * prevalence
        return (true_flagged / flagged if flagged else None, true_passed / passed if passed else None)


def shift_prevalence(probability: float, trained: float, target: float) -> float:
    """Return a probability moved from one share of pneumonia to another (Saerens 2002, eq. 4)."""
    if trained == target:
        return probability
    ill = probability * target / trained
    well = (1 - probability) * (1 - target) / (1 - trained)
    return ill / (ill + well)


def printed(probability: float) -> float:
    """Return a probability as it is printed, compared and sorted: six decimals."""
    return round(probability, PROBABILITY_DECIMALS)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def _sigmoid(value: float) -> float:
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value))
