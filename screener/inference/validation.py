"""Whether a model's figures let anybody call its operating points validated."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from screener.operating_points import Doubt, OperatingPoint

CHANCE = 0.5  # the AUC of a coin
_RARE = 40  # orders of the images: one in 40 is 2.5 %, one end of a 95 % interval


def judged(point: OperatingPoint, described: Mapping[str, Any]) -> OperatingPoint:
    """Return an operating point as reports may show it: one in doubt has a threshold and no figures.

    point: with the figures that manifest.json has. described: manifest.json.
    """
    doubt = doubt_of_model(described) or _of_point(point)
    return point if doubt is None else doubted(point, doubt)


def doubted(point: OperatingPoint, doubt: Doubt) -> OperatingPoint:
    """Return an operating point in doubt: it has a threshold and no figures."""
    return replace(OperatingPoint(point.name, point.threshold), doubt=doubt)


def doubt_of_model(described: Mapping[str, Any]) -> Doubt | None:
    """Return whether an AUC could be chance: on validation or held-out patients, or at the site.

    After a calibration at a site only that site's AUC counts.
    """
    measured = [described["calibrated"]] if described.get("calibrated") else []
    measured = measured or [described.get(part) or {} for part in ("validation", "held_out")]
    return Doubt.CHANCE if any(_could_be_chance(each) for each in measured if "auc" in each) else None


def _could_be_chance(part: Mapping[str, Any]) -> bool:
    """Return whether the AUC of some images could be that of a coin.

    Without an interval, which DeLong does not give for an AUC of 1: whether chance would
    sort so few images so well.
    """
    auc = part["auc"]
    if auc.get("interval"):
        return bool(auc["interval"][0] <= CHANCE)
    ill, well = int(part.get("pneumonia", 0)), int(part.get("normal", 0))
    return auc["value"] != 1 or math.comb(ill + well, ill) < _RARE


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
