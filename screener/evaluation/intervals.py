"""95 % intervals: DeLong for the AUC, the bootstrap by patient for any figure. Wilson: proportions.py."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import rankdata

from screener.proportions import TAIL, Interval, Z

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

ResampledFigure: TypeAlias = Callable[[FloatArray], FloatArray]
"""Weights, shape (resamples, images), to one figure for each resample; NaN where undefined."""

RESAMPLES = 1000
_CHUNK = 100  # resamples weighed at once: 6,000 images then take 5 MB, not 50
_SHARE_DEFINED = 0.9  # below it, the resamples that are left no longer stand for all


def delong_variance(labels: IntArray, scores: FloatArray) -> float:
    """Return the variance of the AUC (DeLong 1988), by midranks in O(n log n) (Sun & Xu 2014).

    labels: 0 or 1, shape (n,). scores: any scale, shape (n,); higher means likelier 1.

    Raises:
        ValueError: A class has fewer than two images.
    """
    return _variance(*_structural_components(labels, scores))


def delong_difference_variance(labels: IntArray, first: FloatArray, second: FloatArray) -> float:
    """Return the variance of the AUC of one score less that of another, on the same images (DeLong 1988).

    The components of both are subtracted image by image, which is what their covariance amounts to.

    labels: 0 or 1; first, second: scores, each on any scale; shape (n,).

    Raises:
        ValueError: A class has fewer than two images.
    """
    pairs = zip(_structural_components(labels, first), _structural_components(labels, second), strict=True)
    return _variance(*(one - other for one, other in pairs))


def delong_interval(labels: IntArray, scores: FloatArray, auc: float) -> Interval | None:
    """Return the 95 % interval of an AUC, None where DeLong's variance says nothing.

    Taken on the logit scale (Pepe 2003, section 5.2.3): it stays within 0..1, and near 1, where a
    good model lives, it covers better than AUC ± 1.96 standard errors. At exactly 0 or 1 the variance is 0,
    which would claim certainty; so would a class with a single image.

    labels, scores: as for delong_variance. auc: their area under the ROC curve.
    """
    if not 0 < auc < 1 or min(np.count_nonzero(labels == 1), np.count_nonzero(labels == 0)) < 2:
        return None
    variance = delong_variance(labels, scores)
    if variance == 0:
        return None
    half = Z * math.sqrt(variance) / (auc * (1 - auc))
    return float(expit(logit(auc) - half)), float(expit(logit(auc) + half))


@dataclass(frozen=True, slots=True, eq=False)
class PatientResamples:
    """Patients drawn with replacement, each with all of their images (Field & Welsh 2007).

    draws: int, shape (resamples, patients); how often each patient came up.
    patient_of_image: int, shape (images,); index of a patient, in 0..patients-1.
    """

    draws: IntArray
    patient_of_image: IntArray

    def weights(self) -> Iterator[FloatArray]:
        """Yield how often each image counts, shape (up to 100 resamples, images)."""
        for start in range(0, len(self.draws), _CHUNK):
            chunk = self.draws[start : start + _CHUNK].astype(np.float64)
            yield chunk[:, self.patient_of_image]


def resample_patients(
    patients: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> PatientResamples:
    """Return as many patients as there are, drawn with replacement, again and again.

    patients: one for each image, shape (images,). The same seed gives the same draws.
    """
    names, patient_of_image = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    even = np.full(len(names), 1 / len(names))
    draws = np.random.default_rng(seed).multinomial(len(names), even, size=resamples)
    return PatientResamples(draws, patient_of_image.astype(np.int64))


def bootstrap_by_patient(figure: ResampledFigure, resamples: PatientResamples) -> Interval | None:
    """Return the 95 % percentile interval of a figure (Efron & Tibshirani 1993, chapter 13).

    Resamples in which the figure is undefined (one class absent, nothing flagged) are left out.
    None where that leaves under 90 %, and where all resamples agree: that is no certainty, it only means
    that the errors which would spread them have not been met yet.
    """
    values = np.concatenate([figure(weights) for weights in resamples.weights()])
    defined = values[np.isfinite(values)]
    if len(defined) < _SHARE_DEFINED * len(values) or np.ptp(defined) == 0:
        return None
    low, high = np.quantile(defined, [TAIL, 1 - TAIL])
    return float(low), float(high)


def _structural_components(labels: IntArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return, for images with and without pneumonia, the share of the other class each is right against."""
    ill, well = scores[labels == 1], scores[labels == 0]
    if min(len(ill), len(well)) < 2:
        raise ValueError(f"DeLong needs two images of each class, got {len(well)} and {len(ill)}.")
    ranks = rankdata(np.concatenate([ill, well]))
    ill_parts = (ranks[: len(ill)] - rankdata(ill)) / len(well)
    well_parts = 1 - (ranks[len(ill) :] - rankdata(well)) / len(ill)
    return ill_parts, well_parts


def _variance(ill_parts: FloatArray, well_parts: FloatArray) -> float:
    return float(ill_parts.var(ddof=1) / len(ill_parts) + well_parts.var(ddof=1) / len(well_parts))
