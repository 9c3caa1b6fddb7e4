"""From scores to probabilities, and how far those can be taken at their word."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import brier_score_loss

from screener.errors import DatasetError
from screener.evaluation.intervals import FloatArray, IntArray
from screener.evaluation.labels import require_both_classes
from screener.operating_points import Calibration
from screener.said import say

BINS = 10
CHANCE_DRAWS = 1000
_FLAT = 1e-6  # rise in log-odds for one standard deviation of the logits: no more than rounding


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Images of neighbouring probability.

    images: how many; ill: how many of them have pneumonia. mean_probability: 0..1.
    """

    images: int
    ill: int
    mean_probability: float

    @property
    def observed(self) -> float:
        """The share that has pneumonia, 0..1."""
        return self.ill / self.images


def fit_platt(logits: FloatArray, labels: IntArray) -> Calibration:
    """Return the calibration of greatest likelihood (Platt 1999).

    His smoothed targets, (N1 + 1) / (N1 + 2) and 1 / (N0 + 2) in place of 1 and 0, keep the slope finite
    where the classes separate perfectly.

    logits: shape (n,). labels: 0 or 1, shape (n,).

    Raises:
        DatasetError: A class is absent, or higher logits do not mean more pneumonia.
    """
    require_both_classes(labels, say("evaluation.a_calibration"))
    centre, spread = float(logits.mean()), float(logits.std())
    slope, intercept = _likeliest((logits - centre) / spread, labels) if spread > 0 else (0.0, 0.0)
    if slope <= _FLAT:
        raise DatasetError("evaluation.wrong_direction", images=len(labels), slope=slope)
    return Calibration(
        slope=slope / spread,
        intercept=intercept - slope * centre / spread,
        prevalence=float(labels.mean()),
    )


def reliability_bins(
    labels: IntArray, probabilities: FloatArray, bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Return at most that many bins of equal mass, by rising probability.

    labels: 0 or 1, shape (n,). probabilities: 0..1, shape (n,).
    """
    numbers = bin_numbers(probabilities, bins)
    members = [numbers == number for number in np.unique(numbers)]
    return tuple(
        ReliabilityBin(int(each.sum()), int(labels[each].sum()), float(probabilities[each].mean()))
        for each in members
    )


def expected_calibration_error(labels: IntArray, probabilities: FloatArray, bins: int = BINS) -> float:
    """Return the mean gap between probability and observed share, 0..1 (Naeini 2015).

    Bins hold equal numbers of images (equal mass). Of a good model's images nearly all lie near 0 or 1:
    bins of equal width would leave the middle ones to a handful of images, whose noise is then the result
    (Nixon 2019; Roelofs 2022). Even so the figure is never 0 for a perfect model; it shrinks with n.

    labels: 0 or 1, shape (n,). probabilities: 0..1, shape (n,).
    """
    parts = reliability_bins(labels, probabilities, bins)
    gaps = [each.images * abs(each.observed - each.mean_probability) for each in parts]
    return float(sum(gaps) / len(labels))


def calibration_error_by_chance(probabilities: FloatArray, bins: int = BINS) -> tuple[float, float]:
    """Return the calibration error that true probabilities have on so few images: mean, and 95 % point.

    Labels are drawn from the probabilities themselves (consistency resampling, Bröcker & Smith 2007,
    "Increasing the reliability of reliability diagrams"). An error below the 95 % point is no sign of a
    wrong calibration. The draws are the same each time.

    probabilities: 0..1, shape (n,).
    """
    random = np.random.default_rng(0)
    numbers = bin_numbers(probabilities, bins)
    errors = np.zeros(CHANCE_DRAWS)
    for number in np.unique(numbers):
        own = probabilities[numbers == number]
        errors += np.abs((random.random((CHANCE_DRAWS, len(own))) < own).sum(axis=1) - own.sum())
    errors /= len(probabilities)
    return float(errors.mean()), float(np.percentile(errors, 95))


def brier_score(labels: IntArray, probabilities: FloatArray) -> float:
    """Return the mean squared gap between label and probability, 0..1 (Brier 1950).

    labels: 0 or 1, shape (n,). probabilities: 0..1, shape (n,).
    """
    return float(brier_score_loss(labels, probabilities, pos_label=1, labels=[0, 1]))


def bin_numbers(probabilities: FloatArray, bins: int = BINS) -> IntArray:
    """Return the bin of equal mass, 0..bins-1, that each image falls into, shape (n,).

    Equal probabilities share a bin, so the order of the images never matters.
    """
    rank = np.searchsorted(np.sort(probabilities), probabilities, side="left")
    return np.asarray(rank * bins // len(probabilities), dtype=np.int64)


def _likeliest(scores: FloatArray, labels: IntArray) -> tuple[float, float]:
    """Return (slope, intercept) for standardised scores: two parameters, convex, so no local optimum."""
    ill = int(labels.sum())
    well = len(labels) - ill
    targets = np.where(labels == 1, (ill + 1) / (ill + 2), 1 / (well + 2))
    design = np.column_stack([scores, np.ones_like(scores)])

    def loss(parameters: FloatArray) -> float:
        log_odds = design @ parameters
        return float(np.mean(np.logaddexp(0, log_odds) - targets * log_odds))

    def gradient(parameters: FloatArray) -> FloatArray:
        return np.asarray(design.T @ (expit(design @ parameters) - targets) / len(targets))

    def hessian(parameters: FloatArray) -> FloatArray:
        share = expit(design @ parameters)
        return np.asarray((design.T * (share * (1 - share))) @ design / len(targets))

    found = minimize(
        loss, np.zeros(2), method="trust-exact", jac=gradient, hess=hessian, options={"gtol": 1e-10}
    )
    return float(found.x[0]), float(found.x[1])
