"""The bands of a worklist as reports show them: how many studies, from which threshold, which figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from screener.operating_points import OperatingPoint, printed
from screener.run_summary import RunSummary
from screener.scale import Band
from screener.totals import PopulationRun
from screener.worklist import StudyRow

FLAGGED, NOT_FLAGGED = "flagged", "not_flagged"
_ORDER = (*Band, FLAGGED, NOT_FLAGGED)


@dataclass(frozen=True, slots=True)
class BandPart:
    """Studies of one band that were read as one population's.

    point: at which the band begins for them, of NOT_FLAGGED below which it lies; its threshold is on the
    printed scale. fits: whether the point's figures hold for these patients, as far as can be told.
    """

    population: str
    studies: int
    point: OperatingPoint
    fits: bool = True

    @property
    def threshold(self) -> float:
        return printed(self.point.threshold)


@dataclass(frozen=True, slots=True)
class BandTotal:
    """Studies of one band, the first to look at first.

    name: of a Band, or FLAGGED where a run is older than bands, or NOT_FLAGGED. parts: one for each
    population met, in the order of the run's scales.
    """

    name: str
    parts: tuple[BandPart, ...]

    @property
    def studies(self) -> int:
        return sum(each.studies for each in self.parts)


def band_totals(summary: RunSummary) -> tuple[BandTotal, ...]:
    """Return the bands that a run can have, in order, those not flagged last.

    A band that lies wholly below what is flagged is left out: at the point "balanced" nothing is later.
    """
    parts: dict[str, list[BandPart]] = {}
    for run in summary.populations:
        for name, part in _parts(run):
            parts.setdefault(name, []).append(part)
    return tuple(BandTotal(name, tuple(parts[name])) for name in _ORDER if name in parts)


def _parts(run: PopulationRun) -> Iterator[tuple[str, BandPart]]:
    totals, scale = run.totals, run.scale
    flagging, fits = scale.operating_point, run.check.holds is not False

    def part(studies: int, point: OperatingPoint) -> BandPart:
        return BandPart(scale.population, studies, point, fits)

    yield NOT_FLAGGED, part(totals.not_flagged, flagging)
    if not scale.points:
        yield FLAGGED, part(totals.flagged, flagging)
        return
    counts = {Band.FIRST: totals.first, Band.NEXT: totals.next, Band.LATER: totals.later}
    for band, studies in counts.items():
        point = scale.point_of(band)
        if band is Band.LATER or point is None or point.threshold <= flagging.threshold:
            yield band, part(studies, flagging)
            return
        yield band, part(studies, point)


def band_of(row: StudyRow) -> str:
    """Return the name of a screened study's band, as BandTotal has it."""
    return row.band or (FLAGGED if row.status == FLAGGED else NOT_FLAGGED)
