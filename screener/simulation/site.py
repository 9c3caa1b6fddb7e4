"""What a simulation assumes of a site: from its ledger, or from a model's figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from screener.domain import Status
from screener.errors import UsageError
from screener.ledger.studies import ScreenedStudy
from screener.operating_points import OperatingPoint
from screener.population import FEWEST
from screener.said import Said, say
from screener.scale import Scale, Scales
from screener.simulation.setting import PatientGroup, Point

LOOKED_BACK = 90  # days, up to the last one with a study


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Studies a day at a site. studies, days: what that was counted from; since: the first of those days."""

    per_day: float
    studies: int
    days: int
    since: date


def arrivals_of(studies: Sequence[ScreenedStudy]) -> Arrivals:
    """Return how many studies come a day, by study date, in the last 90 days that the ledger knows.

    Raises:
        UsageError: No study has a date.
    """
    dates = sorted(each for each in map(_date, studies) if each is not None)
    if not dates:
        raise UsageError("simulation.no_dates")
    last = dates[-1]
    recent = [each for each in dates if each > last - timedelta(days=LOOKED_BACK)]
    days = (last - recent[0]).days + 1
    return Arrivals(len(recent) / days, len(recent), days, recent[0])


def patients_of_site(
    scales: Scales, studies: Sequence[ScreenedStudy], prevalence: float | None
) -> tuple[PatientGroup, ...]:
    """Return the populations met in a ledger, each with its share of the studies.

    prevalence: for all of them; None: worked out from the share flagged (Rogan and Gladen 1978), where 30
    studies or more allow that, else the one that the run assumed.

    Raises:
        UsageError: An operating point has no sensitivity and specificity.
    """
    found: dict[str, list[ScreenedStudy]] = {}
    for each in studies:
        found.setdefault(scales.of(each.patient_age).population, []).append(each)
    return tuple(
        _patients(scales.named(name), len(own) / len(studies), prevalence, own) for name, own in found.items()
    )


def patients_of_model(
    scales: Scales, shares: Mapping[str, float], prevalence: float | None
) -> tuple[PatientGroup, ...]:
    """Return populations of a model by their shares; without any, the one it takes images without an age for.

    Raises:
        UsageError: The model has no such population, or its operating point no sensitivity and specificity.
    """
    known = [each.population for each in scales.each]
    for name in shares:
        if name not in known:
            raise UsageError("simulation.no_such_population", name=name, known=", ".join(known))
    chosen = shares or {scales.default: 1.0}
    return tuple(_patients(scales.named(name), share, prevalence, ()) for name, share in chosen.items())


def _patients(
    scale: Scale, share: float, prevalence: float | None, studies: Sequence[ScreenedStudy]
) -> PatientGroup:
    points = _points(scale)
    if prevalence is not None:
        at, source = prevalence, say("simulation.given")
    else:
        default = scale.prevalence, say("simulation.models_default")
        at, source = _estimated(scale, points[0], studies) or default
    return PatientGroup(scale.population, share, at, points, source)


def _points(scale: Scale) -> tuple[Point, ...]:
    """Return the point that flags, and those of the model that flag fewer: where its bands begin."""
    flagging = scale.operating_point
    higher = [each for each in scale.points if each.threshold > flagging.threshold]
    return tuple(map(_point, (flagging, *sorted(higher, key=lambda each: each.threshold))))


def _point(point: OperatingPoint) -> Point:
    if not point.validated or point.sensitivity is None or point.specificity is None:
        raise UsageError("simulation.no_figures", point=point.name)
    return Point(point.name, point.sensitivity, point.specificity)


def _estimated(scale: Scale, point: Point, studies: Sequence[ScreenedStudy]) -> tuple[float, Said] | None:
    """Return the prevalence that explains the share flagged, and its source; None where nothing does."""
    if len(studies) < FEWEST:
        return None
    flagged = sum(scale.status(scale.probability(each.logit)) is Status.FLAGGED for each in studies)
    share = flagged / len(studies)
    found = (share + point.specificity - 1) / (point.sensitivity + point.specificity - 1)
    if not 0 < found < 1:
        return None
    return found, say("simulation.from_flagged", flagged=flagged, studies=len(studies))


def _date(study: ScreenedStudy) -> date | None:
    try:
        return date.fromisoformat(study.study_date)
    except ValueError:
        return None
