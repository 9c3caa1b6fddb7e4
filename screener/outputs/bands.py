"""The bands of a worklist as reports show them: how many studies, from which threshold, which figures."""

from dataclasses import dataclass

from screener.domain import OperatingPoint, printed
from screener.scale import Band
from screener.worklist import RunSummary, StudyRow

FLAGGED, NOT_FLAGGED = "flagged", "not_flagged"


@dataclass(frozen=True, slots=True)
class BandTotal:
    """Studies of one band, the first to look at first.

    name: of a Band, or FLAGGED where a run is older than bands, or NOT_FLAGGED. point: at which the band
    begins, of NOT_FLAGGED below which it lies; its threshold is on the printed scale.
    """

    name: str
    studies: int
    point: OperatingPoint

    @property
    def threshold(self) -> float:
        return printed(self.point.threshold)


def band_totals(summary: RunSummary) -> tuple[BandTotal, ...]:
    """Return the bands that a run can have, in order, those not flagged last.

    A band that lies wholly below what is flagged is left out: at the point "balanced" nothing is later.
    """
    totals, scale = summary.totals, summary.scale
    flagging = scale.operating_point
    passed = BandTotal(NOT_FLAGGED, totals.not_flagged, flagging)
    if not scale.points:
        return BandTotal(FLAGGED, totals.flagged, flagging), passed
    counts = {Band.FIRST: totals.first, Band.NEXT: totals.next, Band.LATER: totals.later}
    bands: list[BandTotal] = []
    for band, studies in counts.items():
        point = scale.point_of(band)
        if band is Band.LATER or point is None or point.threshold <= flagging.threshold:
            bands.append(BandTotal(band, studies, flagging))
            break
        bands.append(BandTotal(band, studies, point))
    return (*bands, passed)


def band_of(row: StudyRow) -> str:
    """Return the name of a screened study's band, as BandTotal has it."""
    return row.band or (FLAGGED if row.status == FLAGGED else NOT_FLAGGED)
