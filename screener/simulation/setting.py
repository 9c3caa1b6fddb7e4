"""What is simulated: the readers, the images that come to them, and how well the model tells these apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from screener.errors import UsageError
from screener.said import Said, Together, say

DAY = 1440.0  # minutes
WHOLE_DAY = (0.0, 24.0)
FEWEST_REPEATS = 5  # below, an interval across repeats says nothing


class Overdue(StrEnum):
    """Where an image goes that has waited longer than --max-wait."""

    BELOW_FLAGGED = "below-flagged"  # as 'scan --max-wait' does: only images not flagged are lifted
    FIRST = "first"  # before everything else


@dataclass(frozen=True, slots=True)
class Point:
    """An operating point: the shares, 0..1, of images with and without pneumonia that it judges rightly."""

    name: str
    sensitivity: float
    specificity: float

    def __post_init__(self) -> None:
        if not (0 <= self.sensitivity <= 1 and 0 <= self.specificity <= 1):
            raise UsageError("simulation.no_shares")
        if self.sensitivity + self.specificity <= 1:
            raise UsageError(
                "simulation.no_better_than_chance",
                sensitivity=self.sensitivity,
                specificity=self.specificity,
            )


@dataclass(frozen=True, slots=True)
class PatientGroup:
    """Images of one population.

    share: of all images, 0..1. prevalence: of pneumonia among them. points: from the one that flags most to
    the one that flags least; the first decides what is flagged. source: where the prevalence is from.
    """

    name: str
    share: float
    prevalence: float
    points: tuple[Point, ...]
    source: Said

    def __post_init__(self) -> None:
        if not 0 < self.prevalence < 1:
            raise UsageError("simulation.prevalence", name=self.name, found=self.prevalence)
        if not 0 < self.share <= 1:
            raise UsageError("simulation.share", name=self.name, found=self.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """The readers, and when images come to them.

    arrivals: images a day, on average; they come one by one, at random, within arrival_hours.
    reading_minutes: for one image, on average; reading_cv: standard deviation of that, divided by it. hours:
    from, to, in hours of the day; one that ends before it begins goes past midnight. scan_at: the hour at
    which a nightly scan orders what has come; None: each image is scored as it comes.
    """

    arrivals: float
    readers: int = 1
    reading_minutes: float = 4.0
    reading_cv: float = 1.0
    arrival_hours: tuple[float, float] = WHOLE_DAY
    reading_hours: tuple[float, float] = WHOLE_DAY
    scan_at: float | None = None

    def __post_init__(self) -> None:
        if self.readers < 1:
            raise UsageError("simulation.readers", found=self.readers)
        if self.arrivals <= 0 or self.reading_minutes <= 0 or self.reading_cv < 0:
            raise UsageError("simulation.times")
        if self.scan_at is not None and not 0 <= self.scan_at < 24:
            raise UsageError("simulation.scan_at", found=self.scan_at)
        if self.utilisation >= 1:
            minutes = open_minutes(self.reading_hours) * self.readers
            raise UsageError(
                "simulation.overloaded",
                arrivals=self.arrivals,
                each=self.reading_minutes,
                needed=self.arrivals * self.reading_minutes,
                available=minutes,
            )

    @property
    def utilisation(self) -> float:
        """Share of the readers' time that reading takes, 0..1."""
        capacity = self.readers * open_minutes(self.reading_hours)
        return self.arrivals * self.reading_minutes / capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long and how often the queue is simulated, and the cap on waiting.

    days: counted in each repeat; a tenth before and after is simulated too, and not counted. max_wait: hours;
    None for no cap. seed: the same seed gives the same figures.
    """

    days: int = 90
    repeats: int = 20
    max_wait: float | None = None
    overdue: Overdue = Overdue.BELOW_FLAGGED
    seed: int = 20261129

    def __post_init__(self) -> None:
        if self.days < 1 or self.repeats < FEWEST_REPEATS:
            raise UsageError("simulation.plan", repeats=FEWEST_REPEATS)
        if self.max_wait is not None and self.max_wait <= 0:
            raise UsageError("simulation.max_wait", found=self.max_wait)


def open_minutes(hours: tuple[float, float]) -> float:
    """Return how many minutes of a day lie between two hours of it."""
    start, end = hours
    return (end - start if end > start else end - start + 24) * 60


def check_shares(patients: Sequence[PatientGroup]) -> None:
    """Raise unless the shares of all populations add up to 1.

    Raises:
        UsageError: They do not.
    """
    total = sum(each.share for each in patients)
    if abs(total - 1) > 1e-6:
        shares = tuple(say("simulation.share_of", name=each.name, share=each.share) for each in patients)
        raise UsageError("simulation.sum_of_shares", shares=Together(shares), total=total)


def hours_of(text: str, option: str) -> tuple[float, float]:
    """Return hours of the day, from and to, as they are typed: "8-18".

    Raises:
        UsageError: They are something else.
    """
    start, found, end = text.partition("-")
    try:
        hours = float(start), float(end)
    except ValueError:
        hours = (-1.0, -1.0)
    if not found or not all(0 <= each <= 24 for each in hours) or hours[0] == hours[1] or hours[0] == 24:
        raise UsageError("simulation.hours", option=option, found=text)
    return hours
