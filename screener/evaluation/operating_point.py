"""Thresholds chosen on validation images, each with the sensitivity and specificity it reached there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

from screener.errors import DatasetError
from screener.evaluation.estimates import estimate_proportion
from screener.evaluation.intervals import FloatArray, IntArray, PatientResamples, resample_patients
from screener.evaluation.labels import require_both_classes
from screener.operating_points import OperatingPoint, printed
from screener.said import say

HIGH_SENSITIVITY = "high_sensitivity"  # the point whose sensitivity is chosen
SENSITIVITY_WANTED = 0.98
SPECIFICITIES_WANTED = (0.95, 0.98, 0.99)  # the first that is above balanced

_SMALLEST = 1e-12  # a probability of 0 or 1 has no log-odds
_STEPS = 2001  # in which the log-odds are searched for the point balanced


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the point high_sensitivity is to reach.

    sensitivity: share, 0..1, of those with pneumonia that it flags. few: whether they are too few to count
    points off. Of 15 images, 95 % can only be all of them, and the lowest score of all would set the
    threshold; two images more or less would move *balanced* onto *high_specificity*. All points are then
    those of a normal distribution of the log-odds of either class (binormal ROC curve: Dorfman and Alf
    1969, J Math Psychol 6:487).
    """

    sensitivity: float = SENSITIVITY_WANTED
    few: bool = False


USUAL = Wanted()


def choose_operating_points(
    labels: IntArray,
    probabilities: FloatArray,
    patients: Sequence[str] | None = None,
    wanted: Wanted = USUAL,
) -> tuple[OperatingPoint, ...]:
    """Return three operating points, in this order.

    - high_sensitivity: the largest threshold with the sensitivity wanted, and no higher than balanced.
    - balanced: the greatest sensitivity + specificity - 1 (Youden 1950); of equals the more sensitive.
    - high_specificity: the smallest threshold with a specificity of 0.95 or more; where balanced has as
      much, of 0.98 or else 0.99, so that a list has three bands; never lower than balanced.

    A threshold lies midway between two neighbouring probabilities, so rounding never decides. Of few images
    it lies where their distributions say, whatever image is near. Intervals
    are for the threshold as it stands, by patient where patients are known; that it was chosen on the
    same images makes the figures somewhat too good: report those of other patients. Where the classes
    separate so well that both can be had together, the bounds keep the names true.

    labels: 0 or 1; probabilities: calibrated, 0..1; patients: one for each image; shape (images,).

    Raises:
        DatasetError: A class is absent, or no threshold up to 1 is specific enough.
    """
    require_both_classes(labels, say("evaluation.choosing_points"))
    cuts = _Cuts.of(labels, probabilities)
    if not np.any(cuts.specificity >= SPECIFICITIES_WANTED[0]):
        raise DatasetError("evaluation.not_specific", wanted=SPECIFICITIES_WANTED[0])
    if wanted.few:
        chosen = _binormal_points(labels, probabilities, wanted.sensitivity)
    else:
        chosen = _counted_points(cuts, wanted.sensitivity)
    resamples = None if patients is None else resample_patients(patients)
    return tuple(
        _validated(name, threshold, labels, probabilities, resamples) for name, threshold in chosen.items()
    )


def _counted_points(cuts: "_Cuts", sensitivity: float) -> dict[str, float]:
    """Return the thresholds that the images themselves, counted, put at each point."""
    balanced = int(np.argmax(cuts.youden))  # the first of equals: the lowest threshold
    sensitive = int(np.flatnonzero(cuts.sensitivity >= sensitivity)[-1])
    return {
        HIGH_SENSITIVITY: float(cuts.thresholds[min(sensitive, balanced)]),
        "balanced": float(cuts.thresholds[balanced]),
        "high_specificity": float(cuts.thresholds[_specific(cuts, balanced)]),
    }


def _binormal_points(labels: IntArray, probabilities: FloatArray, sensitivity: float) -> dict[str, float]:
    """Return the thresholds that normal distributions of both classes' log-odds put at each point."""
    scores = logit(np.clip(probabilities, _SMALLEST, 1 - _SMALLEST))
    well, ill = (
        (float(of_class.mean()), float(of_class.std(ddof=1)) if len(of_class) > 1 else 0.0)
        for of_class in (scores[labels == 0], scores[labels == 1])
    )
    grid = np.linspace(scores.min(), scores.max(), _STEPS)
    balanced = float(grid[np.argmax(_share_above(grid, *ill) - _share_above(grid, *well))])
    specific = [well[0] + ndtri(share) * well[1] for share in SPECIFICITIES_WANTED]
    points = {
        HIGH_SENSITIVITY: min(ill[0] - ndtri(sensitivity) * ill[1], balanced),
        "balanced": balanced,
        "high_specificity": next((point for point in specific if point > balanced), balanced),
    }
    return {name: printed(float(expit(point))) for name, point in points.items()}


def _share_above(scores: FloatArray, mean: float, spread: float) -> FloatArray:
    """Return the share of a normal distribution above each score, shape (n,)."""
    return np.asarray(ndtr((mean - scores) / max(spread, _SMALLEST)), dtype=np.float64)


def _specific(cuts: "_Cuts", balanced: int) -> int:
    """Return the lowest cut above balanced with the first specificity wanted that one has, or balanced."""
    for wanted in SPECIFICITIES_WANTED:
        reached = np.flatnonzero(cuts.specificity >= wanted)
        if len(reached) and reached[0] > balanced:
            return int(reached[0])
    return balanced


def flagged(probabilities: FloatArray, threshold: float) -> NDArray[np.bool_]:
    """Return which images are flagged, shape (n,): compared at six decimals, as the worklist does.

    probabilities: 0..1, shape (n,). threshold: 0..1.
    """
    return as_printed(probabilities) >= printed(threshold)


def as_printed(probabilities: FloatArray) -> FloatArray:
    """Return probabilities at six decimals, shape (n,).

    By operating_points.printed and not by numpy, which rounds halves differently.
    """
    return np.array([printed(float(each)) for each in probabilities], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Cuts:
    """Every way to divide the images by a threshold, from flagging all to flagging none.

    thresholds: rising, 0..1, six decimals; the others belong to them; all of shape (cuts,).
    youden: (sensitivity + specificity - 1), in whole numbers of image pairs, so that equals are equal.
    """

    thresholds: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray
    youden: IntArray

    @classmethod
    def of(cls, labels: IntArray, probabilities: FloatArray) -> "_Cuts":
        values, position = np.unique(as_printed(probabilities), return_inverse=True)
        ill = np.bincount(position[labels == 1], minlength=len(values))
        well = np.bincount(position[labels == 0], minlength=len(values))
        found = ill.sum() - np.r_[0, np.cumsum(ill)]
        passed = np.r_[0, np.cumsum(well)]
        thresholds = [_midway(0.0, float(values[0]))]
        thresholds += [_midway(low, high) for low, high in zip(values, [*values[1:], 1.0], strict=True)]
        # A probability of 1 is flagged by every threshold: then there is no flagging none.
        cuts = slice(None, -1 if values[-1] == 1 else None)
        return cls(
            thresholds=np.array(thresholds)[cuts],
            sensitivity=(found / ill.sum())[cuts],
            specificity=(passed / well.sum())[cuts],
            youden=(found * well.sum() + passed * ill.sum() - ill.sum() * well.sum())[cuts],
        )


def _midway(low: float, high: float) -> float:
    """Return a threshold of six decimals that flags high and not low."""
    middle = printed(float(low + high) / 2)
    return middle if middle > low else float(high)


def _validated(
    name: str,
    threshold: float,
    labels: IntArray,
    probabilities: FloatArray,
    resamples: PatientResamples | None,
) -> OperatingPoint:
    above = flagged(probabilities, threshold)
    sensitivity = estimate_proportion(above, labels == 1, resamples)
    specificity = estimate_proportion(~above, labels == 0, resamples)
    return OperatingPoint(
        name=name,
        threshold=threshold,
        sensitivity=sensitivity.value,
        specificity=specificity.value,
        sensitivity_interval=sensitivity.interval,
        specificity_interval=specificity.interval,
    )
