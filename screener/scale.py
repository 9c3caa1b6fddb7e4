"""How one run turns logits into what it prints: probability, status, band. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from screener.domain import Calibration, OperatingPoint, Status, printed

RARE, SURE = 0.01, 0.99  # beyond these a second digit would claim more than any calibration holds


class Band(StrEnum):
    """How soon to look at a flagged study."""

    FIRST = "first"  # at or above the model's point high_specificity
    NEXT = "next"  # at or above balanced
    LATER = "later"  # flagged, and below both


BAND_POINTS = {Band.FIRST: "high_specificity", Band.NEXT: "balanced", Band.LATER: "high_sensitivity"}


@dataclass(frozen=True, slots=True)
class Scale:
    """How one run turns logits into printed numbers.

    operating_point: what is flagged; its threshold is on the printed scale.
    prevalence: share of pneumonia, 0..1, that the printed probabilities assume.
    points: all of the model's operating points, on the printed scale too; empty where a ledger's record
    of a run is older than bands.
    """

    calibration: Calibration
    operating_point: OperatingPoint
    prevalence: float
    points: tuple[OperatingPoint, ...] = ()

    def calibrated(self, logit: float) -> float:
        """Return what orders studies: the probability in full precision, before the shift to a prevalence."""
        return self.calibration.probability(logit)

    def probability(self, logit: float) -> float:
        """Return the printed probability, 0..1, six decimals."""
        return printed(self.calibration.probability(logit, self.prevalence))

    def status(self, probability: float) -> Status:
        """Return flagged at or above the threshold, else not flagged."""
        reached = probability >= printed(self.operating_point.threshold)
        return Status.FLAGGED if reached else Status.NOT_FLAGGED

    def band(self, probability: float) -> Band | None:
        """Return the band of a flagged study; None for one that is not, and where no points are known.

        It follows the model's points, whichever of them, or whatever threshold, decides what is flagged.
        """
        if not self.points or self.status(probability) is not Status.FLAGGED:
            return None
        for band in (Band.FIRST, Band.NEXT):
            point = self.point_of(band)
            if point is not None and probability >= printed(point.threshold):
                return band
        return Band.LATER

    def point_of(self, band: Band) -> OperatingPoint | None:
        """Return the operating point at which a band begins; None where the model has none of its name."""
        return next((point for point in self.points if point.name == BAND_POINTS[band]), None)


def probability_text(probability: float) -> str:
    """Return a probability for people: two significant digits, "< 0.01" and "> 0.99" at the ends."""
    if probability < RARE:
        return f"< {RARE}"
    if probability > SURE:
        return f"> {SURE}"
    return f"{probability:.3f}" if probability < 0.0995 else f"{probability:.2f}"
