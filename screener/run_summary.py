"""What a run says of itself: its totals, scales, times and options. Pure: no file, no database, no clock."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from screener.options import RunOptions
from screener.population import PopulationCheck, check_population
from screener.scale import Scale, Scales
from screener.totals import PopulationRun, PopulationTotals, Totals


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model answered; sha256: of its model.tflite."""

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceBefore:
    """What a run has to do with those before it in its ledger.

    studies_again: listed only because the model, or how images are read, has changed since an earlier report
    listed them. images_gone: in the last complete run of the same folders, and not found now; None where
    there was no such run, or this one was interrupted. not_ended: when the run before began, ISO
    8601, if it did not end; else empty. interrupted: that it was in good order.
    """

    studies_again: int = 0
    images_gone: int | None = None
    not_ended: str = ""
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One scan, as its reports show it.

    seconds: the whole command. images_per_second: decoded and predicted in this run. files_found: below the
    roots when it began, of which a shard tells a part; 0 where unknown.
    """

    complete: bool
    totals: Totals
    model: ModelIdentity
    scales: Scales
    started: datetime
    finished: datetime
    images_per_second: float
    exit_code: int
    roots: tuple[str, ...]
    intended_use: str
    versions: dict[str, str]
    options: RunOptions
    files_found: int = 0
    since: SinceBefore = SinceBefore()

    @property
    def new_only(self) -> bool:
        """Whether only studies are listed that no earlier report listed."""
        return self.options.new_only

    @property
    def files_not_reached(self) -> int | None:
        """How many files an interrupted run did not reach; None where that is unknown."""
        if self.complete:
            return 0
        missing = self.files_found - self.totals.files_seen
        return None if self.options.shard or not self.files_found or missing < 0 else missing

    @property
    def populations(self) -> tuple[PopulationRun, ...]:
        """The populations that listed studies were read as; one of the default, where there is no study."""
        met = {each.population: each for each in self.totals.by_population if each.studies}
        if not met:  # no study, or the record of an older version
            scale = self.scales.named(self.scales.default)
            return (PopulationRun(scale, PopulationTotals.of(scale.population, self.totals)),)
        return tuple(
            PopulationRun(scale, met[scale.population])
            for scale in self.scales.each
            if scale.population in met
        )

    @property
    def scale(self) -> Scale:
        """The scale that most listed studies were read on."""
        return max(self.populations, key=lambda each: each.totals.studies).scale

    @property
    def validated_population(self) -> str:
        """On whom the model was validated, in words, for all populations of this run's model."""
        return "; ".join(each.validated_on for each in self.scales.each)

    @property
    def population_check(self) -> PopulationCheck:
        """What the operating points let one expect of these studies, against what came."""
        return check_population(*(each.part for each in self.populations))

    @property
    def predictive_values(self) -> tuple[float | None, float | None]:
        """Return (PPV, NPV) of the scale that most studies were read on, 0..1.

        None where they are unknown, or mean nothing for these patients.
        """
        if self.population_check.holds is False:
            return None, None
        return self.scale.operating_point.predictive_values(self.scale.prevalence)

    @property
    def seconds(self) -> float:
        return (self.finished - self.started).total_seconds()

    @property
    def report_id(self) -> str:
        """What tells this run's report from all others, re-rendered too: twelve hexadecimal digits."""
        return hashlib.sha256(f"{self.started.isoformat()} {self.model.sha256}".encode()).hexdigest()[:12]

    @property
    def order(self) -> str:
        """By what the worklist runs: "probability", or "max_wait" where long waits lift studies."""
        return "probability" if self.options.max_wait is None else "max_wait"
