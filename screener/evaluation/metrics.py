"""All figures of one evaluation: what metrics.json holds."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import classification_report

from screener.evaluation.estimates import (
    UNDEFINED,
    Estimate,
    estimate_auc,
    estimate_average_precision,
    estimate_brier,
    estimate_calibration_error,
    estimate_f1,
    estimate_proportion,
)
from screener.evaluation.intervals import RESAMPLES, IntArray, PatientResamples, resample_patients
from screener.evaluation.labels import CLASS_NAMES
from screener.evaluation.operating_point import flagged
from screener.evaluation.predictions import Predictions as Predictions
from screener.evaluation.prior_shift import ShiftedCalibration, check_prior_shift
from screener.evaluation.subgroups import Subgroup, evaluate_subgroups
from screener.operating_points import OperatingPoint, printed, shift_prevalence
from screener.proportions import INTERVAL_LEVEL
from screener.said import Said, say


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Counts of images. t/f: rightly or wrongly; p: flagged, n: not flagged."""

    tn: int
    fp: int
    fn: int
    tp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPointEvaluation:
    """What one threshold does on these images.

    threshold: probability, six decimals, on the printed scale; at or above it is flagged.
    threshold_at_calibration: the same at the calibration's own prevalence. sensitivity is recall,
    precision is PPV; precision, npv, accuracy and f1 hold at these images' prevalence only.
    classification_report: scikit-learn's, as text; "-" where a figure is undefined.
    """

    name: str
    threshold: float
    confusion_matrix: ConfusionMatrix
    accuracy: Estimate
    sensitivity: Estimate
    specificity: Estimate
    precision: Estimate
    npv: Estimate
    f1: Estimate
    classification_report: str
    threshold_at_calibration: float | None = None


@dataclass(frozen=True, slots=True)
class Prevalences:
    """What prevalence, 0..1, each kind of number assumes; None where unknown.

    printed: probabilities and thresholds, as in reports. calibration: that of the patients calibrated on, for
    what ends in _at_calibration. figures: Brier score, calibration error and reliability curve; it is
    these images' own (see Predictions.set_prevalence).
    """

    printed: float | None = None
    calibration: float | None = None
    figures: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A model on labelled images.

    patients: how many, None where unknown. interval_level: 0.95; interval_method: in words.
    auc, average_precision: from logits, so that rounded probabilities make no ties.
    brier, expected_calibration_error: from probabilities at these images' own prevalence; lower is better;
    …_at_calibration: from probabilities at the calibration's, as it stands. prevalences: of all of them.
    training_overlap: how many of the images made the model, see overlap.Overlap; None where unknown.
    remarks: sentences that belong to the figures.
    subgroups, prior_shift: empty where the predictions do not say what these need.
    """

    images: int
    patients: int | None
    interval_level: float
    interval_method: Said
    prevalence: Estimate
    auc: Estimate
    average_precision: Estimate
    brier: Estimate
    expected_calibration_error: Estimate
    operating_points: tuple[OperatingPointEvaluation, ...]
    subgroups: tuple[Subgroup, ...] = ()
    prior_shift: tuple[ShiftedCalibration, ...] = ()
    prevalences: Prevalences = Prevalences()
    brier_at_calibration: Estimate = UNDEFINED
    expected_calibration_error_at_calibration: Estimate = UNDEFINED
    training_overlap: tuple[dict[str, Any], ...] | None = None
    remarks: tuple[Said, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what metrics.json holds; an undefined figure or interval is None."""
        # Through text and back: tuples become lists, and a NaN could not get through.
        said = {"interval_method": str(self.interval_method), "remarks": [str(each) for each in self.remarks]}
        content: dict[str, Any] = json.loads(json.dumps(asdict(self) | said, allow_nan=False))
        return content


def evaluate_predictions(predictions: Predictions, operating_points: Sequence[OperatingPoint]) -> Evaluation:
    """Return every figure with its 95 % interval.

    operating_points: with thresholds on the scale of the predictions' probabilities.
    Where patients are known, intervals come from the bootstrap by patient (seeded: the same data give
    the same figures). Else they are Wilson's for proportions and DeLong's for the AUC, which take images
    for independent, and the other figures have none.
    """
    labels, logits = predictions.labels, predictions.logits
    patients = predictions.patients
    resamples = None if patients is None else resample_patients(patients)
    everyone = np.ones(len(labels), dtype=np.bool_)
    here = predictions.moved(predictions.set_prevalence).probabilities
    own = predictions.moved(predictions.calibration_prevalence).probabilities
    points = tuple(_evaluate_at(point, predictions, resamples) for point in operating_points)
    return Evaluation(
        images=len(labels),
        patients=None if patients is None else len(set(patients)),
        interval_level=INTERVAL_LEVEL,
        interval_method=_interval_method(points, patients is not None),
        prevalence=estimate_proportion(labels == 1, everyone, resamples),
        auc=estimate_auc(labels, logits, resamples),
        average_precision=estimate_average_precision(labels, logits, resamples),
        brier=estimate_brier(labels, here, resamples),
        expected_calibration_error=estimate_calibration_error(labels, here, resamples),
        brier_at_calibration=estimate_brier(labels, own, resamples),
        expected_calibration_error_at_calibration=estimate_calibration_error(labels, own, resamples),
        prevalences=Prevalences(
            predictions.calibrated_at, predictions.calibration_prevalence, predictions.set_prevalence
        ),
        operating_points=points,
        subgroups=evaluate_subgroups(predictions, operating_points),
        prior_shift=check_prior_shift(predictions),
    )


def _evaluate_at(
    point: OperatingPoint, predictions: Predictions, resamples: PatientResamples | None
) -> OperatingPointEvaluation:
    above = flagged(predictions.probabilities, point.threshold)
    ill = predictions.labels == 1
    everyone = np.ones_like(ill)
    return OperatingPointEvaluation(
        name=point.name,
        threshold=printed(point.threshold),
        threshold_at_calibration=_at_calibration(point.threshold, predictions),
        confusion_matrix=ConfusionMatrix(
            tn=int((~above & ~ill).sum()),
            fp=int((above & ~ill).sum()),
            fn=int((~above & ill).sum()),
            tp=int((above & ill).sum()),
        ),
        accuracy=estimate_proportion(above == ill, everyone, resamples),
        sensitivity=estimate_proportion(above, ill, resamples),
        specificity=estimate_proportion(~above, ~ill, resamples),
        precision=estimate_proportion(ill, above, resamples),
        npv=estimate_proportion(~ill, ~above, resamples),
        f1=estimate_f1(predictions.labels, above, resamples),
        classification_report=_report(predictions.labels, above),
    )


def _at_calibration(threshold: float, predictions: Predictions) -> float | None:
    if predictions.calibrated_at is None or predictions.calibration_prevalence is None:
        return None
    return printed(shift_prevalence(threshold, predictions.calibrated_at, predictions.calibration_prevalence))


def _interval_method(points: Sequence[OperatingPointEvaluation], by_patient: bool) -> Said:
    if not by_patient:
        return say("evaluation.wilson_and_delong")
    shares = [
        each.value
        for point in points
        for each in (point.accuracy, point.sensitivity, point.specificity, point.precision, point.npv)
    ]
    extreme = any(share in (0, 1) for share in shares)  # see estimate_proportion
    return say(
        "evaluation.bootstrap_and_wilson" if extreme else "evaluation.bootstrap_by_patient",
        resamples=RESAMPLES,
    )


def _report(labels: IntArray, above: NDArray[np.bool_]) -> str:
    text: str = classification_report(
        labels,
        above.astype(np.int64),
        labels=[0, 1],
        target_names=list(CLASS_NAMES),
        digits=4,
        zero_division=np.nan,  # 0 would say that it was measured and bad
    )
    return text.replace("nan", "  -")
