"""Decision curves: what flagging by the model is worth, against flagging all and flagging none."""

from dataclasses import dataclass

import numpy as np

from screener.evaluation.intervals import FloatArray
from screener.evaluation.labels import require_both_classes
from screener.evaluation.operating_point import as_printed
from screener.evaluation.predictions import Predictions
from screener.evaluation.prior_shift import shifted
from screener.said import say

THRESHOLDS = np.arange(1, 100) / 100


@dataclass(frozen=True, slots=True, eq=False)
class DecisionCurve:
    """Net benefit (Vickers & Elkin 2006) at each threshold probability.

    prevalence: 0..1, that the curve holds at. stated: by the user; else it is these images'.
    thresholds: 0.01 to 0.99, shape (99,). model, treat_all: net benefit, in true positives per patient, at
    most the prevalence, shape (99,). Flagging none is worth 0.
    """

    prevalence: float
    stated: bool
    thresholds: FloatArray
    model: FloatArray
    treat_all: FloatArray


def decision_curve(predictions: Predictions, prevalence: float | None = None) -> DecisionCurve:
    """Return the decision curve at a prevalence; without one at these images'.

    Probabilities are shifted to that prevalence, as 'scan --prevalence' does, where the predictions say from
    which; sensitivity and specificity at each threshold are these images'.

    Raises:
        DatasetError: A class is absent.
    """
    labels = predictions.labels
    require_both_classes(labels, say("evaluation.a_decision_curve"))
    share = float(labels.mean()) if prevalence is None else prevalence
    probabilities = predictions.probabilities
    if predictions.calibrated_at is not None:
        probabilities = shifted(probabilities, predictions.calibrated_at, share)
    above = as_printed(probabilities)[:, None] >= THRESHOLDS
    sensitivity, specificity = above[labels == 1].mean(axis=0), 1 - above[labels == 0].mean(axis=0)
    return DecisionCurve(
        prevalence=share,
        stated=prevalence is not None,
        thresholds=THRESHOLDS,
        model=net_benefit(sensitivity, specificity, share, THRESHOLDS),
        treat_all=net_benefit(np.ones(99), np.zeros(99), share, THRESHOLDS),
    )


def net_benefit(
    sensitivity: FloatArray, specificity: FloatArray, prevalence: float, threshold: FloatArray
) -> FloatArray:
    """Return true positives per patient, less false positives at the rate the threshold exchanges them for.

    All in 0..1, but for the threshold, which is below 1; shapes alike.
    """
    exchange = threshold / (1 - threshold)
    return np.asarray(sensitivity * prevalence - (1 - specificity) * (1 - prevalence) * exchange)
