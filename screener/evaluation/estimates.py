"""Single figures with their 95 % intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from screener.evaluation import bootstrap as resampled
from screener.evaluation.calibration import bin_numbers, brier_score, expected_calibration_error
from screener.evaluation.intervals import (
    FloatArray,
    IntArray,
    PatientResamples,
    ResampledFigure,
    bootstrap_by_patient,
    delong_interval,
)
from screener.proportions import Interval, wilson_interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval.

    value: None where the figure is undefined. interval: (low, high), None where none applies.
    """

    value: float | None
    interval: Interval | None = None

    def in_words(self, decimals: int = 3) -> str:
        """Return the figure with its interval, as in 0.975 (0.962–0.986)."""
        if self.value is None:
            return "undefined"
        if self.interval is None:
            return f"{self.value:.{decimals}f}"
        low, high = self.interval
        return f"{self.value:.{decimals}f} ({low:.{decimals}f}–{high:.{decimals}f})"


UNDEFINED = Estimate(None)


def estimate_proportion(
    events: NDArray[np.bool_], trials: NDArray[np.bool_], resamples: PatientResamples | None
) -> Estimate:
    """Return the share of trials that are events.

    By Wilson where patients are unknown. Where they are known by the bootstrap, except that a share of
    exactly 0 or 1 is the same in all resamples: there by Wilson, each patient one trial.

    events, trials: which images are, shape (images,); an event outside the trials does not count.
    """
    among, found = int(trials.sum()), int((events & trials).sum())
    if among == 0:
        return UNDEFINED
    if resamples is None:
        interval: Interval | None = wilson_interval(found, among)
    elif found in (0, among):
        tried = len(np.unique(resamples.patient_of_image[trials]))
        interval = wilson_interval(tried if found else 0, tried)
    else:
        interval = bootstrap_by_patient(
            resampled.ratio((events & trials).astype(np.float64), trials.astype(np.float64)), resamples
        )
    return Estimate(found / among, interval)


def estimate_f1(labels: IntArray, flagged: NDArray[np.bool_], resamples: PatientResamples | None) -> Estimate:
    """Return the harmonic mean of precision and sensitivity; undefined where both counts are empty.

    labels: 0 or 1; flagged: at or above the threshold; shape (images,).
    """
    both = 2.0 * (flagged & (labels == 1))
    either = flagged.astype(np.float64) + labels
    if not either.any():
        return UNDEFINED
    interval = _by_patient(resampled.ratio(both, either), resamples)
    return Estimate(float(both.sum() / either.sum()), interval)


def estimate_auc(labels: IntArray, scores: FloatArray, resamples: PatientResamples | None) -> Estimate:
    """Return the area under the ROC curve; undefined where a class is absent.

    labels: 0 or 1; scores: any scale; shape (images,).
    """
    if len(np.unique(labels)) < 2:
        return UNDEFINED
    auc = float(roc_auc_score(labels, scores))
    if resamples is None:
        return Estimate(auc, delong_interval(labels, scores, auc))
    return Estimate(auc, bootstrap_by_patient(resampled.area_under_roc(labels, scores), resamples))


def estimate_average_precision(
    labels: IntArray, scores: FloatArray, resamples: PatientResamples | None
) -> Estimate:
    """Return the average precision; undefined where a class is absent.

    labels: 0 or 1; scores: any scale; shape (images,).
    """
    if len(np.unique(labels)) < 2:
        return UNDEFINED
    interval = _by_patient(resampled.average_precision(labels, scores), resamples)
    return Estimate(float(average_precision_score(labels, scores)), interval)


def estimate_brier(
    labels: IntArray, probabilities: FloatArray, resamples: PatientResamples | None
) -> Estimate:
    """Return the Brier score.

    labels: 0 or 1; probabilities: 0..1; shape (images,).
    """
    squares = (probabilities - labels) ** 2
    interval = _by_patient(resampled.ratio(squares, np.ones_like(squares)), resamples)
    return Estimate(brier_score(labels, probabilities), interval)


def estimate_calibration_error(
    labels: IntArray, probabilities: FloatArray, resamples: PatientResamples | None
) -> Estimate:
    """Return the expected calibration error over bins of equal mass.

    Chance can only add to a sum of absolute gaps, so every resample lies too high, as does the figure
    itself: the percentile interval missed it in 10 of 100 simulations. Reflected about the figure (the basic
    bootstrap, Davison & Hinkley 1997, section 5.2), that interval loses the excess instead of doubling it.

    labels: 0 or 1; probabilities: 0..1; shape (images,).
    """
    value = expected_calibration_error(labels, probabilities)
    figure = resampled.calibration_error(labels, probabilities, bin_numbers(probabilities))
    return reflected(value, _by_patient(figure, resamples))


def reflected(value: float, percentile: Interval | None) -> Estimate:
    """Return a calibration error, 0..1, with its basic bootstrap interval; see estimate_calibration_error."""
    if percentile is None:
        return Estimate(value)
    low, high = percentile
    return Estimate(value, (max(0.0, 2 * value - high), max(value, 2 * value - low)))


def _by_patient(figure: ResampledFigure, resamples: PatientResamples | None) -> Interval | None:
    return None if resamples is None else bootstrap_by_patient(figure, resamples)
