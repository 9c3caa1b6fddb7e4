"""Figures of weighted images, for many resamples at once: what the bootstrap calls.

Each function returns a closure over the images. Given weights, shape (resamples, images), it returns
shape (resamples,), NaN where the figure is undefined. With all weights 1 it gives what scikit-learn gives.
"""

import numpy as np

from screener.evaluation.intervals import FloatArray, IntArray, ResampledFigure


def ratio(numerator: FloatArray, denominator: FloatArray) -> ResampledFigure:
    """Return a figure that is a sum over images divided by another, as accuracy, F1 and Brier are.

    numerator, denominator: each image's share of the two sums, shape (images,).
    """

    def figure(weights: FloatArray) -> FloatArray:
        return _divide(weights @ numerator, weights @ denominator)

    return figure


def area_under_roc(labels: IntArray, scores: FloatArray) -> ResampledFigure:
    """Return the AUC: the share of pairs in which the image with pneumonia has the higher score.

    labels: 0 or 1, shape (images,). scores: shape (images,); a tie counts one half.
    """
    groups = _TiedScores(labels, scores)

    def figure(weights: FloatArray) -> FloatArray:
        ill, well = groups.sums(weights)
        below = np.cumsum(well, axis=1) - well / 2
        pairs = ill.sum(axis=1) * well.sum(axis=1)
        return _divide((ill * below).sum(axis=1), pairs)

    return figure


def average_precision(labels: IntArray, scores: FloatArray) -> ResampledFigure:
    """Return the average precision, without interpolation, as scikit-learn defines it.

    labels: 0 or 1, shape (images,). scores: shape (images,).
    """
    groups = _TiedScores(labels, -scores)

    def figure(weights: FloatArray) -> FloatArray:
        ill, well = groups.sums(weights)
        found = np.cumsum(ill, axis=1)
        flagged = found + np.cumsum(well, axis=1)
        precision = np.divide(found, flagged, out=np.zeros_like(found), where=flagged > 0)
        return _divide((ill * precision).sum(axis=1), ill.sum(axis=1))

    return figure


def calibration_error(labels: IntArray, probabilities: FloatArray, bin_of_image: IntArray) -> ResampledFigure:
    """Return the expected calibration error over bins that stay the same in every resample.

    labels: 0 or 1; probabilities: 0..1; bin_of_image: index of a bin; each of shape (images,).
    """
    gaps = np.zeros((len(labels), int(bin_of_image.max()) + 1))
    gaps[np.arange(len(labels)), bin_of_image] = labels - probabilities

    def figure(weights: FloatArray) -> FloatArray:
        return _divide(np.abs(weights @ gaps).sum(axis=1), weights.sum(axis=1))

    return figure


class _TiedScores:
    """Images in rising order of score, those with one score together."""

    def __init__(self, labels: IntArray, scores: FloatArray) -> None:
        self._order = np.argsort(scores, kind="stable")
        ordered = scores[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self._ill = labels[self._order]

    def sums(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the weight with and without pneumonia at each score, shape (resamples, scores)."""
        ordered = weights[:, self._order]
        ill = np.add.reduceat(ordered * self._ill, self._starts, axis=1)
        return ill, np.add.reduceat(ordered, self._starts, axis=1) - ill


def _divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    undefined = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator > 0)
