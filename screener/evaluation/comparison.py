"""Two models on the same images: is one better than chance alone would make it?"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm
from sklearn.metrics import roc_auc_score

from screener.evaluation import bootstrap as resampled
from screener.evaluation.estimates import Estimate
from screener.evaluation.intervals import (
    FloatArray,
    PatientResamples,
    ResampledFigure,
    bootstrap_by_patient,
    delong_difference_variance,
)
from screener.evaluation.labels import require_both_classes
from screener.evaluation.operating_point import flagged
from screener.evaluation.predictions import Predictions
from screener.operating_points import OperatingPoint, printed
from screener.proportions import Interval
from screener.said import Said, say

INDEPENDENCE = say("evaluation.independence")
_Z = float(norm.ppf(0.975))


@dataclass(frozen=True, slots=True)
class AucComparison:
    """Two areas under the ROC curve; difference is the first less the second.

    difference: with DeLong's interval. bootstrap_interval: of the difference, as Comparison says.
    z, p_value: DeLong's test, two-sided; None where the variance is 0.
    """

    first: float
    second: float
    difference: Estimate
    z: float | None
    p_value: float | None
    bootstrap_interval: Interval | None


@dataclass(frozen=True, slots=True)
class ShareComparison:
    """Two sensitivities, or two specificities, on the same images; difference is the first less the second.

    first, second, difference: None without an image of the class. difference with the bootstrap's interval.
    only_first, only_second: images that one model alone has right. p_value: McNemar's, exact, two-sided.
    """

    first: float | None
    second: float | None
    difference: Estimate
    only_first: int
    only_second: int
    p_value: float


@dataclass(frozen=True, slots=True)
class PointComparison:
    """One operating point, each model at its own threshold."""

    name: str
    first_threshold: float
    second_threshold: float
    sensitivity: ShareComparison
    specificity: ShareComparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the images that both give a probability.

    first, second: name@version. images: how many both have; left_out: those that one of them lacks.
    patients: None where unknown; then bootstrap_method says that each image stood for a patient.
    """

    first: str
    second: str
    images: int
    normal: int
    pneumonia: int
    patients: int | None
    left_out: int
    bootstrap_method: Said
    assumption: Said
    auc: AucComparison
    operating_points: tuple[PointComparison, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what comparison.json holds."""
        said = {"bootstrap_method": str(self.bootstrap_method), "assumption": str(self.assumption)}
        content: dict[str, Any] = json.loads(json.dumps(asdict(self) | said, allow_nan=False))
        return content


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """A model in a comparison; name: name@version."""

    name: str
    predictions: Predictions
    operating_points: Sequence[OperatingPoint]


def compare_models(first: Contender, second: Contender, left_out: int = 0) -> Comparison:
    """Return how the first model differs from the second, at every operating point that both have.

    Both hold predictions of the same images in the same order.

    Raises:
        DatasetError: A class is absent.
        ValueError: The images differ.
    """
    one, other = first.predictions, second.predictions
    if one.files != other.files or not np.array_equal(one.labels, other.labels):
        raise ValueError("Models can be compared on the same images only.")
    require_both_classes(one.labels, say("evaluation.comparing"))
    resamples = one.resamples()
    known = one.patients is not None
    others = {point.name: point for point in second.operating_points}
    return Comparison(
        first=first.name,
        second=second.name,
        images=len(one.labels),
        normal=int((one.labels == 0).sum()),
        pneumonia=int((one.labels == 1).sum()),
        patients=len(set(one.patients)) if one.patients is not None else None,
        left_out=left_out,
        bootstrap_method=say(
            "evaluation.by_patient" if known else "evaluation.by_image", resamples=len(resamples.draws)
        ),
        assumption=INDEPENDENCE,
        auc=compare_aucs(one, other, resamples),
        operating_points=tuple(
            _at(point, others[point.name], one, other, resamples)
            for point in first.operating_points
            if point.name in others
        ),
    )


def compare_aucs(first: Predictions, second: Predictions, resamples: PatientResamples) -> AucComparison:
    """Return the paired test of DeLong (1988), by midranks (Sun & Xu 2014), and the bootstrap's interval."""
    labels = first.labels
    areas = [float(roc_auc_score(labels, each.logits)) for each in (first, second)]
    difference = areas[0] - areas[1]
    enough = min((labels == 0).sum(), (labels == 1).sum()) >= 2
    variance = delong_difference_variance(labels, first.logits, second.logits) if enough else 0.0
    # Two that order the images alike leave rounding errors, not exactly nothing.
    error = math.sqrt(variance) if variance > 1e-18 else None
    z = None if error is None else difference / error
    interval = None if error is None else (difference - _Z * error, difference + _Z * error)
    figure = _difference(*(resampled.area_under_roc(labels, each.logits) for each in (first, second)))
    return AucComparison(
        first=areas[0],
        second=areas[1],
        difference=Estimate(difference, interval),
        z=z,
        p_value=None if z is None else float(2 * norm.sf(abs(z))),
        bootstrap_interval=bootstrap_by_patient(figure, resamples),
    )


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p-value of McNemar's test (1947): the images that one model alone has right.

    1 where there are none.
    """
    disagreements = only_first + only_second
    if disagreements == 0:
        return 1.0
    return float(binomtest(only_first, disagreements, 0.5).pvalue)


def compare_shares(
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    trials: NDArray[np.bool_],
    resamples: PatientResamples,
) -> ShareComparison:
    """Return how often each model is right among the trials.

    first, second: which images each has right; trials: which images count; shape (images,).
    """
    among = int(trials.sum())
    only_first = int((first & ~second & trials).sum())
    only_second = int((second & ~first & trials).sum())
    if among == 0:
        return ShareComparison(None, None, Estimate(None), 0, 0, 1.0)
    gap = trials * (first.astype(np.float64) - second)
    interval = bootstrap_by_patient(resampled.ratio(gap, trials.astype(np.float64)), resamples)
    return ShareComparison(
        first=int((first & trials).sum()) / among,
        second=int((second & trials).sum()) / among,
        difference=Estimate((only_first - only_second) / among, interval),
        only_first=only_first,
        only_second=only_second,
        p_value=mcnemar_p_value(only_first, only_second),
    )


def _at(
    point: OperatingPoint,
    other_point: OperatingPoint,
    first: Predictions,
    second: Predictions,
    resamples: PatientResamples,
) -> PointComparison:
    one = flagged(first.probabilities, point.threshold)
    other = flagged(second.probabilities, other_point.threshold)
    ill = first.labels == 1
    return PointComparison(
        name=point.name,
        first_threshold=printed(point.threshold),
        second_threshold=printed(other_point.threshold),
        sensitivity=compare_shares(one, other, ill, resamples),
        specificity=compare_shares(~one, ~other, ~ill, resamples),
    )


def _difference(first: ResampledFigure, second: ResampledFigure) -> ResampledFigure:
    def figure(weights: FloatArray) -> FloatArray:
        return first(weights) - second(weights)

    return figure
