"""Calibration and operating points fitted again to a site's own labelled images, and what that gained."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from screener.errors import DatasetError
from screener.evaluation import bootstrap as resampled
from screener.evaluation.calibration import fit_platt
from screener.evaluation.estimates import (
    Estimate,
    estimate_auc,
    estimate_brier,
    estimate_calibration_error,
    estimate_proportion,
)
from screener.evaluation.intervals import (
    RESAMPLES,
    FloatArray,
    IntArray,
    PatientResamples,
    bootstrap_by_patient,
    resample_patients,
)
from screener.evaluation.labels import CLASS_NAMES
from screener.evaluation.operating_point import USUAL, Wanted, choose_operating_points, flagged
from screener.operating_points import Calibration, OperatingPoint, printed
from screener.said import Said, Spoken, Together, say

FOLDS = 5
SENSITIVITIES = (0.90, 0.95, 0.98)  # whose cost a card names
FEWEST_OF_CLASS = 100
"""Patients with pneumonia, and patients without, below which a model's figures at a site say too little.

Vergouwe 2005 (J Clin Epidemiol 58:475) and Collins 2016 (Stat Med 35:214): 100 events and 100 non-events.
"""


@dataclass(frozen=True, slots=True, eq=False)
class SiteImages:
    """A site's labelled images and their scores.

    labels: 0 (NORMAL) or 1 (PNEUMONIA); logits: scores; groups: equal for images of one patient and for
    copies of one file; all of shape (n,). patients_known: False where groups are single images.
    """

    labels: IntArray
    logits: FloatArray
    groups: IntArray
    patients_known: bool

    @property
    def prevalence(self) -> float:
        """The share of images with pneumonia, 0..1."""
        return float(self.labels.mean())

    @property
    def ill_patients(self) -> int:
        """How many patients have pneumonia; where they are unknown, how many images."""
        return len(set(self.groups[self.labels == 1].tolist()))


@dataclass(frozen=True, slots=True)
class SitePoint:
    """What one threshold does at the site; threshold: at the prevalence of the site's images."""

    name: str
    threshold: float
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """A calibration and its operating points on the site's images, at the prevalence among them."""

    auc: Estimate
    brier: Estimate
    expected_calibration_error: Estimate
    operating_points: tuple[SitePoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what before.json and after.json hold."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Recalibration:
    """A calibration and operating points fitted to a site.

    operating_points: their sensitivity and specificity are those of `after`. before: the model as it came;
    after: measured on patients that neither calibration nor threshold was fitted on (FOLDS folds).
    probabilities_before, probabilities_after: those that the figures rest on, shape (n,).
    brier_change: after less before, below 0 where the new calibration is the better one. costs: what
    high_sensitivity would do if other sensitivities were wanted (SENSITIVITIES), named by them.
    """

    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    before: SiteFigures
    after: SiteFigures
    probabilities_before: FloatArray
    probabilities_after: FloatArray
    brier_change: Estimate
    interval_method: Said
    costs: tuple[SitePoint, ...] = ()


def require_enough(
    labels: Sequence[int],
    groups: Sequence[int],
    patients_known: bool,
    where: str | Said,
    fewest: int = FEWEST_OF_CLASS,
) -> None:
    """Check that there are as many patients (where they are unknown: images) of each class as are needed.

    Raises:
        DatasetError: There are fewer; says how many there are, and how many more of which class are needed.
    """
    counts = {
        name: len({group for label, group in zip(labels, groups, strict=True) if label == value})
        for value, name in enumerate(CLASS_NAMES)
    }
    missing = {name: fewest - count for name, count in counts.items() if count < fewest}
    if missing:
        raise DatasetError(
            "calibrate.too_few_patients" if patients_known else "calibrate.too_few_images",
            where=where,
            found=_counted(counts),
            fewest=fewest,
            missing=_counted(missing),
        )


def _counted(images: Mapping[str, int]) -> Spoken:
    """Return how many there are of each class, as in 3 NORMAL and 4 PNEUMONIA."""
    return Together(tuple(f"{count} {name}" for name, count in images.items()), say("training.and"))


def require_separation(site: SiteImages, where: str, labels_from: Said | None) -> None:
    """Check that the scores tell the classes apart beyond doubt; labels_from: what gives the labels.

    Raises:
        DatasetError: The 95 % interval of the AUC reaches down to 0.5.
    """
    auc = estimate_auc(site.labels, site.logits, _resamples(site))
    low = auc.value if auc.interval is None else auc.interval[0]
    if auc.value is None or low is None or low <= 0.5:
        if auc.value is not None and auc.value < 0.5:
            by_chance = auc.interval is not None and auc.interval[1] >= 0.5
            raise DatasetError(
                "calibrate.perhaps_swapped" if by_chance else "calibrate.swapped",
                where=where,
                auc=_with_interval(auc),
                labels_from=labels_from or "",
            )
        raise DatasetError("calibrate.not_told_apart", where=where, auc=_with_interval(auc))


def _with_interval(auc: Estimate) -> Said:
    if auc.value is None:
        return say("evaluation.undefined")
    if auc.interval is None:
        return say("evaluation.decimals_3", value=auc.value)
    low, high = auc.interval
    return say("evaluation.with_interval", value=auc.value, low=low, high=high)


def recalibrate(
    site: SiteImages,
    calibration: Calibration,
    operating_points: Mapping[str, OperatingPoint],
    seed: int,
    wanted: Wanted = USUAL,
) -> Recalibration:
    """Return calibration and operating points fitted to all images, with honest figures before and after.

    calibration, operating_points: the model's until now. Their probabilities are moved to the prevalence
    among the site's images, so that before and after differ by nothing but the fit.

    Raises:
        DatasetError: A class is absent, or higher scores do not mean more pneumonia.
    """
    resamples = _resamples(site)
    old = _probabilities(calibration, site.logits, site.prevalence)
    moved = {
        name: printed(calibration.shifted(each.threshold, site.prevalence))
        for name, each in operating_points.items()
    }
    before = _figures(site, old, {name: (at, flagged(old, at)) for name, at in moved.items()}, resamples)
    fitted = fit_platt(site.logits, site.labels)
    chosen = choose_operating_points(site.labels, _probabilities(fitted, site.logits), wanted=wanted)
    left_out, above = _left_out(site, seed, wanted)
    after = _figures(
        site, left_out, {each.name: (each.threshold, above[each.name]) for each in chosen}, resamples
    )
    return Recalibration(
        calibration=fitted,
        operating_points=tuple(_as_measured(each) for each in after.operating_points),
        before=before,
        after=after,
        probabilities_before=old,
        probabilities_after=left_out,
        brier_change=_brier_change(site, old, left_out, resamples),
        interval_method=say(
            "evaluation.bootstrap_by_patient" if site.patients_known else "evaluation.bootstrap_by_image",
            resamples=RESAMPLES,
        ),
        costs=tuple(
            _cost(site, seed, replace(wanted, sensitivity=each), resamples) for each in SENSITIVITIES
        ),
    )


def _cost(site: SiteImages, seed: int, wanted: Wanted, resamples: PatientResamples) -> SitePoint:
    """Return what high_sensitivity would do if another sensitivity were wanted of it."""
    fitted = fit_platt(site.logits, site.labels)
    chosen, *_ = choose_operating_points(site.labels, _probabilities(fitted, site.logits), wanted=wanted)
    _, above = _left_out(site, seed, wanted)
    return _site_point(f"{wanted.sensitivity:.0%}", chosen.threshold, above[chosen.name], site, resamples)


def _left_out(site: SiteImages, seed: int, wanted: Wanted) -> tuple[FloatArray, dict[str, NDArray[np.bool_]]]:
    """Return probabilities, and what each operating point flags, by fits without the patient judged.

    Folds differ in their thresholds and a little in their prevalence; probabilities are moved to the site's.
    """
    probabilities = np.empty(len(site.labels))
    above: dict[str, NDArray[np.bool_]] = {}
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for fit, judge in folds.split(site.logits, site.labels, site.groups):
        calibration = fit_platt(site.logits[fit], site.labels[fit])
        own = _probabilities(calibration, site.logits[fit])
        points = choose_operating_points(site.labels[fit], own, wanted=wanted)
        probabilities[judge] = _probabilities(calibration, site.logits[judge], site.prevalence)
        own = _probabilities(calibration, site.logits[judge])
        for point in points:
            among = above.setdefault(point.name, np.zeros(len(site.labels), dtype=np.bool_))
            among[judge] = flagged(own, point.threshold)
    return probabilities, above


def _figures(
    site: SiteImages,
    probabilities: FloatArray,
    points: Mapping[str, tuple[float, NDArray[np.bool_]]],
    resamples: PatientResamples,
) -> SiteFigures:
    """points: by name, threshold and which images it flags."""
    return SiteFigures(
        auc=estimate_auc(site.labels, site.logits, resamples),
        brier=estimate_brier(site.labels, probabilities, resamples),
        expected_calibration_error=estimate_calibration_error(site.labels, probabilities, resamples),
        operating_points=tuple(
            _site_point(name, threshold, above, site, resamples)
            for name, (threshold, above) in points.items()
        ),
    )


def _site_point(
    name: str, threshold: float, above: NDArray[np.bool_], site: SiteImages, resamples: PatientResamples
) -> SitePoint:
    ill = site.labels == 1
    return SitePoint(
        name=name,
        threshold=threshold,
        sensitivity=estimate_proportion(above, ill, resamples),
        specificity=estimate_proportion(~above, ~ill, resamples),
    )


def _brier_change(
    site: SiteImages, before: FloatArray, after: FloatArray, resamples: PatientResamples
) -> Estimate:
    """Return how the Brier score changed, image by image, so that its interval is that of the change."""
    change = (after - site.labels) ** 2 - (before - site.labels) ** 2
    interval = bootstrap_by_patient(resampled.ratio(change, np.ones_like(change)), resamples)
    return Estimate(float(change.mean()), interval)


def _as_measured(point: SitePoint) -> OperatingPoint:
    return OperatingPoint(
        name=point.name,
        threshold=point.threshold,
        sensitivity=point.sensitivity.value,
        specificity=point.specificity.value,
        sensitivity_interval=point.sensitivity.interval,
        specificity_interval=point.specificity.interval,
    )


def _probabilities(
    calibration: Calibration, logits: FloatArray, prevalence: float | None = None
) -> FloatArray:
    return np.array([calibration.probability(float(each), prevalence) for each in logits])


def _resamples(site: SiteImages) -> PatientResamples:
    return resample_patients([str(group) for group in site.groups])
