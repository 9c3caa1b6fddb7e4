"""Whether a model's figures let anybody call its operating points validated."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from screener.domain import Doubt, OperatingPoint

CHANCE = 0.5  # the AUC of a coin


def judged(point: OperatingPoint, described: Mapping[str, Any]) -> OperatingPoint:
    """Return an operating point as reports may show it: one in doubt has a threshold and no figures.

    point: with the figures that manifest.json has. described: manifest.json.
    """
    doubt = _of_model(described) or _of_point(point)
    return point if doubt is None else replace(OperatingPoint(point.name, point.threshold), doubt=doubt)


def _of_model(described: Mapping[str, Any]) -> Doubt | None:
    """Return whether an AUC could be chance: on validation or held-out patients, or at the site.

    After a calibration at a site only that site's AUC counts. An AUC without an interval comes from under
    two images of a class, and tells nothing.
    """
    measured = [described["calibrated"]] if described.get("calibrated") else []
    measured = measured or [described.get(part) or {} for part in ("validation", "held_out")]
    lows = [_low(each["auc"]) for each in measured if "auc" in each]
    return Doubt.CHANCE if any(low <= CHANCE for low in lows) else None


def _low(auc: Mapping[str, Any]) -> float:
    return float(auc["interval"][0]) if auc.get("interval") else CHANCE


def _of_point(point: OperatingPoint) -> Doubt | None:
    """Return what the point's own figures say against it.

    It flags everyone if nobody well was passed (specificity 0), or if everyone ill was flagged
    (sensitivity 1) while the interval of the specificity reaches 0. It is chance if those with pneumonia
    are flagged no more often than those without.
    """
    if point.sensitivity is None or point.specificity is None:
        return None
    low = point.specificity if point.specificity_interval is None else point.specificity_interval[0]
    if point.specificity <= 0 or (low <= 0 and point.sensitivity >= 1):
        return Doubt.FLAGS_ALL
    return Doubt.CHANCE if point.sensitivity + point.specificity <= 1 else None
