"""Do probabilities hold where pneumonia is rarer than among these images, once they are shifted there?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screener.evaluation.calibration import BINS
from screener.evaluation.estimates import Estimate, reflected
from screener.evaluation.intervals import FloatArray, IntArray, ResampledFigure, bootstrap_by_patient
from screener.evaluation.predictions import Predictions
from screener.evaluation.predictions import shifted as shifted

PREVALENCES = (0.05, 0.1, 0.3)


@dataclass(frozen=True, slots=True)
class ShiftedBin:
    """Images of neighbouring probability, after the shift.

    share: of the population, 0..1. mean_probability, observed: 0..1; observed is the share with pneumonia.
    """

    share: float
    mean_probability: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class ShiftedCalibration:
    """Calibration where that share of patients has pneumonia.

    prevalence: 0..1. expected_calibration_error: of the shifted probabilities; unshifted_error: of those
    that nobody shifted, for comparison. mean_probability: of all, shifted; right where it is the prevalence.
    bins: at most ten, of equal mass.
    """

    prevalence: float
    expected_calibration_error: Estimate
    unshifted_error: float
    mean_probability: float
    bins: tuple[ShiftedBin, ...]


def check_prior_shift(
    predictions: Predictions, prevalences: Sequence[float] = PREVALENCES
) -> tuple[ShiftedCalibration, ...]:
    """Return the calibration at each prevalence; empty without both classes or a prevalence to shift from.

    The images are resampled so that pneumonia has that share. Drawing once would throw most images away and
    leave the rest to chance; so each class is weighted, which is what endless drawing comes to. Intervals
    are the bootstrap's, by patient where patients are known, else by image, the prevalence always the same.
    """
    if predictions.calibrated_at is None or len(np.unique(predictions.labels)) < 2:
        return ()
    return tuple(_at(predictions, predictions.calibrated_at, prevalence) for prevalence in prevalences)


def class_weights(labels: IntArray, prevalence: float) -> FloatArray:
    """Return what each image counts for where that share has pneumonia, shape (n,); the sum is 1.

    labels: 0 and 1, shape (n,).
    """
    ill = labels == 1
    return np.asarray(np.where(ill, prevalence / ill.sum(), (1 - prevalence) / (~ill).sum()))


def weighted_bins(values: FloatArray, weights: FloatArray, bins: int = BINS) -> IntArray:
    """Return the bin of equal mass, numbered from 0 without gaps, that each image falls into, shape (n,).

    As calibration.bin_numbers, to which it comes down where all weigh the same. Equal values share a bin.

    values, weights: shape (n,).
    """
    order = np.argsort(values, kind="stable")
    below = np.r_[0.0, np.cumsum(weights[order])[:-1]] / weights.sum()
    first = np.searchsorted(values[order], values, side="left")
    # Rounded: a sum of tenths that misses a border by 1e-16 belongs beyond it.
    numbers = np.floor(np.round(below[first] * bins, 9)).astype(np.int64)
    return np.asarray(np.unique(numbers, return_inverse=True)[1], dtype=np.int64)


def _at(predictions: Predictions, trained: float, prevalence: float) -> ShiftedCalibration:
    labels = predictions.labels
    moved = shifted(predictions.probabilities, trained, prevalence)
    weights = class_weights(labels, prevalence)
    numbers = weighted_bins(moved, weights)
    figure = _calibration_error(labels, moved, numbers, prevalence)
    resamples = predictions.resamples()
    bins = []
    for number in range(int(numbers.max()) + 1):
        inside = numbers == number
        share = _observed(labels, inside, prevalence)
        bins.append(
            ShiftedBin(
                share=float(weights[inside].sum()),
                mean_probability=float(np.average(moved[inside], weights=weights[inside])),
                observed=Estimate(_of_all(share, len(labels)), bootstrap_by_patient(share, resamples)),
            )
        )
    before = predictions.probabilities
    unshifted = _calibration_error(labels, before, weighted_bins(before, weights), prevalence)
    return ShiftedCalibration(
        prevalence=prevalence,
        expected_calibration_error=reflected(
            _of_all(figure, len(labels)), bootstrap_by_patient(figure, resamples)
        ),
        unshifted_error=_of_all(unshifted, len(labels)),
        mean_probability=float(moved @ weights),
        bins=tuple(bins),
    )


def _calibration_error(
    labels: IntArray, probabilities: FloatArray, numbers: IntArray, prevalence: float
) -> ResampledFigure:
    """Return the expected calibration error over fixed bins, each class weighted to its share."""
    gaps = np.zeros((2, len(labels), int(numbers.max()) + 1))
    gaps[labels, np.arange(len(labels)), numbers] = labels - probabilities

    def figure(weights: FloatArray) -> FloatArray:
        ill, well = _class_sums(weights, labels)
        gap = prevalence * (weights @ gaps[1]) / ill + (1 - prevalence) * (weights @ gaps[0]) / well
        return np.asarray(np.abs(gap).sum(axis=1))

    return figure


def _observed(labels: IntArray, inside: NDArray[np.bool_], prevalence: float) -> ResampledFigure:
    """Return the share of pneumonia in one bin, each class weighted to its share."""

    def figure(weights: FloatArray) -> FloatArray:
        ill, well = _class_sums(weights, labels)
        with_pneumonia = prevalence * (weights @ (inside * (labels == 1))) / ill[:, 0]
        without = (1 - prevalence) * (weights @ (inside * (labels == 0))) / well[:, 0]
        total = with_pneumonia + without
        undefined = np.full_like(total, np.nan)
        return np.asarray(np.divide(with_pneumonia, total, out=undefined, where=total > 0))

    return figure


def _class_sums(weights: FloatArray, labels: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the weight of each class, shape (resamples, 1) each; NaN where it was not drawn."""
    ill, well = ((weights @ (labels == each).astype(np.float64))[:, None] for each in (1, 0))
    return np.where(ill > 0, ill, np.nan), np.where(well > 0, well, np.nan)


def _of_all(figure: ResampledFigure, images: int) -> float:
    return float(figure(np.ones((1, images)))[0])
