"""How one run turns logits into what it prints: probability, status, band; for each population. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from screener.ages import Ages, years_of, years_outside
from screener.domain import Status
from screener.operating_points import Calibration, OperatingPoint, printed

ALL = "all"  # the one population of a model that tells none apart
RARE, SURE = 0.01, 0.99  # beyond these a second digit would claim more than any calibration holds


class Band(StrEnum):
    """How soon to look at a flagged study."""

    FIRST = "first"  # at or above the model's point high_specificity
    NEXT = "next"  # at or above balanced
    LATER = "later"  # flagged, and below both


BAND_POINTS = {Band.FIRST: "high_specificity", Band.NEXT: "balanced", Band.LATER: "high_sensitivity"}


@dataclass(frozen=True, slots=True)
class Scale:
    """How one run turns logits into printed numbers, for one population.

    operating_point: what is flagged; its threshold is on the printed scale.
    prevalence: share of pneumonia, 0..1, that the printed probabilities assume.
    points: all of the model's operating points, on the printed scale too; empty where a ledger's record
    of a run is older than bands. population: whose; ALL for a model that tells none apart. ages: in years,
    that the figures were validated for; None where the model does not say. validated_on: in words.
    """

    calibration: Calibration
    operating_point: OperatingPoint
    prevalence: float
    points: tuple[OperatingPoint, ...] = ()
    population: str = ALL
    ages: Ages | None = None
    validated_on: str = ""

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

    @property
    def limits(self) -> tuple[float, ...]:
        """Return the printed thresholds at which a study is flagged or changes its band, lowest first."""
        return tuple(sorted({printed(each.threshold) for each in (self.operating_point, *self.points)}))

    def point_of(self, band: Band) -> OperatingPoint | None:
        """Return the operating point at which a band begins; None where the model has none of its name."""
        return next((point for point in self.points if point.name == BAND_POINTS[band]), None)


@dataclass(frozen=True, slots=True)
class Scales:
    """How one run turns logits into printed numbers, by the patient's age.

    each: one or more, of different populations. default: the one of them that a patient of unknown age is
    read as.
    """

    each: tuple[Scale, ...]
    default: str = ALL

    def __post_init__(self) -> None:
        self.named(self.default)

    @classmethod
    def one(cls, scale: Scale) -> Self:
        """Return the scales of a run that reads all patients alike."""
        return cls((scale,), scale.population)

    def of(self, age: str) -> Scale:
        """Return the scale of a patient; age: as DICOM writes it, empty where unknown."""
        return self.of_years(years_of(age))

    def of_years(self, years: float | None) -> Scale:
        """Return the scale of a patient of an age in years, None where unknown.

        Ages between populations, or outside all of them, take the nearest; of two as near, the older one.
        """
        if years is None:
            return self.named(self.default)

        def distance(scale: Scale) -> tuple[float, int]:
            ages = scale.ages
            return (years_outside(years, ages), -ages[0]) if ages else (0.0, 0)

        return min(self.each, key=distance)

    def named(self, population: str) -> Scale:
        """Return the scale of a population; raises ValueError if there is none of that name."""
        for each in self.each:
            if each.population == population:
                return each
        raise ValueError(f"There is no scale for {population}.")

    def calibrated(self, logit: float, age: str) -> float:
        """Return what orders studies: the calibrated probability, before the shift to a prevalence."""
        return self.of(age).calibrated(logit)

    def probability(self, logit: float, age: str) -> float:
        """Return the printed probability, 0..1, six decimals."""
        return self.of(age).probability(logit)

    def flagged(self, logit: float, age: str) -> bool:
        """Return whether an image of a patient of that age is flagged."""
        scale = self.of(age)
        return scale.status(scale.probability(logit)) is Status.FLAGGED


def probability_text(probability: float) -> str:
    """Return a probability for people: two significant digits, "< 0.01" and "> 0.99" at the ends."""
    if probability < RARE:
        return f"< {RARE}"
    if probability > SURE:
        return f"> {SURE}"
    return f"{probability:.3f}" if probability < 0.0995 else f"{probability:.2f}"
