"""All figures of one evaluation: what metrics.json holds."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import classification_report

from screener.domain import OperatingPoint, printed
from screener.errors import DatasetError
from screener.evaluation.estimates import (
    Estimate,
    estimate_auc,
    estimate_average_precision,
    estimate_brier,
    estimate_calibration_error,
    estimate_f1,
    estimate_proportion,
)
from screener.evaluation.intervals import (
    INTERVAL_LEVEL,
    RESAMPLES,
    FloatArray,
    IntArray,
    PatientResamples,
    resample_patients,
)
from screener.evaluation.labels import CLASS_NAMES
from screener.evaluation.operating_point import flagged


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Labelled images and what the model says of them.

    labels: 0 (NORMAL) or 1 (PNEUMONIA), shape (n,). logits: scores, shape (n,).
    probabilities: calibrated, 0..1, shape (n,). files: as in every output, one for each image.
    patients: one for each image; None where they are not known of all.

    Raises:
        DatasetError: There is no image.
        ValueError: Lengths differ, or a value is out of its range.
    """

    labels: IntArray
    logits: FloatArray
    probabilities: FloatArray
    files: tuple[str, ...]
    patients: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if len(self.labels) == 0:
            raise DatasetError("There is no labelled image to evaluate. Check the dataset's folder.")
        columns = (
            self.logits,
            self.probabilities,
            self.files,
            self.files if self.patients is None else self.patients,
        )
        if {len(column) for column in columns} != {len(self.labels)}:
            raise ValueError("Labels, logits, probabilities, files and patients differ in number.")
        if not np.isin(self.labels, (0, 1)).all():
            raise ValueError("Labels must be 0 or 1.")
        if not np.isfinite(self.logits).all():
            raise ValueError("Logits must be finite.")
        if not ((self.probabilities >= 0) & (self.probabilities <= 1)).all():
            raise ValueError("Probabilities must lie in 0..1.")
        if self.patients is not None and "" in self.patients:
            raise ValueError("A patient is empty: the images of all such would count as one patient's.")


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

    threshold: probability, six decimals; at or above it is flagged. sensitivity is recall, precision is PPV;
    precision, npv, accuracy and f1 hold at these images' prevalence only.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A model on labelled images.

    patients: how many, None where unknown. interval_level: 0.95; interval_method: in words.
    auc, average_precision: from logits, so that rounded probabilities make no ties.
    brier, expected_calibration_error: from probabilities; lower is better.
    """

    images: int
    patients: int | None
    interval_level: float
    interval_method: str
    prevalence: Estimate
    auc: Estimate
    average_precision: Estimate
    brier: Estimate
    expected_calibration_error: Estimate
    operating_points: tuple[OperatingPointEvaluation, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what metrics.json holds; an undefined figure or interval is None."""
        # Through text and back: tuples become lists, and a NaN could not get through.
        content: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
        return content


def evaluate_predictions(predictions: Predictions, operating_points: Sequence[OperatingPoint]) -> Evaluation:
    """Return every figure with its 95 % interval.

    Where patients are known, intervals come from the bootstrap by patient (seeded: the same data give
    the same figures). Else they are Wilson's for proportions and DeLong's for the AUC, which take images
    for independent, and the other figures have none.
    """
    labels, logits = predictions.labels, predictions.logits
    probabilities, patients = predictions.probabilities, predictions.patients
    resamples = None if patients is None else resample_patients(patients)
    everyone = np.ones(len(labels), dtype=np.bool_)
    points = tuple(_evaluate_at(point, predictions, resamples) for point in operating_points)
    return Evaluation(
        images=len(labels),
        patients=None if patients is None else len(set(patients)),
        interval_level=INTERVAL_LEVEL,
        interval_method=_interval_method(points, patients is not None),
        prevalence=estimate_proportion(labels == 1, everyone, resamples),
        auc=estimate_auc(labels, logits, resamples),
        average_precision=estimate_average_precision(labels, logits, resamples),
        brier=estimate_brier(labels, probabilities, resamples),
        expected_calibration_error=estimate_calibration_error(labels, probabilities, resamples),
        operating_points=points,
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


def _interval_method(points: Sequence[OperatingPointEvaluation], by_patient: bool) -> str:
    if not by_patient:
        return "Wilson (proportions), DeLong (AUC)"
    method = f"bootstrap by patient, {RESAMPLES} resamples"
    shares = [
        each.value
        for point in points
        for each in (point.accuracy, point.sensitivity, point.specificity, point.precision, point.npv)
    ]
    extreme = any(share in (0, 1) for share in shares)  # see estimate_proportion
    return f"{method}; Wilson over patients where a proportion is 0 or 1" if extreme else method


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
