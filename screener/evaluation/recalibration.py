"""Calibration and operating points fitted again to a site's own labelled images, and what that gained."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

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
    PatientResamples,
    bootstrap_by_patient,
)
from screener.evaluation.operating_point import (
    HIGH_SENSITIVITY,
    USUAL,
    Wanted,
    choose_operating_points,
    flagged,
)
from screener.evaluation.site_images import SiteImages
from screener.operating_points import Calibration, OperatingPoint, printed
from screener.said import Said, say

FOLDS = 5
SENSITIVITIES = (0.90, 0.95, 0.98)  # whose cost a card names


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

    operating_points: their sensitivity and specificity are those of `after`, but of few images no more
    sensitivity than the point was set for. before: the model as it came;
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
    resamples = site.resamples
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
        operating_points=tuple(_as_measured(each, wanted) for each in after.operating_points),
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


def _as_measured(point: SitePoint, wanted: Wanted) -> OperatingPoint:
    """Return a point with the figures to promise: of few images, no more sensitivity than it was set for.

    That 17 of 17 are flagged does not mean that none will be missed.
    """
    sensitivity = point.sensitivity.value
    if wanted.few and point.name == HIGH_SENSITIVITY and sensitivity is not None:
        sensitivity = min(sensitivity, wanted.sensitivity)
    return OperatingPoint(
        name=point.name,
        threshold=point.threshold,
        sensitivity=sensitivity,
        specificity=point.specificity.value,
        sensitivity_interval=point.sensitivity.interval,
        specificity_interval=point.specificity.interval,
    )


def _probabilities(
    calibration: Calibration, logits: FloatArray, prevalence: float | None = None
) -> FloatArray:
    return np.array([calibration.probability(float(each), prevalence) for each in logits])
