"""How the files and the studies of one run ended, counted; the studies by population, too. Pure."""

from dataclasses import dataclass
from typing import Self

from screener.population import FlaggedCount, PopulationCheck, check_population
from screener.scale import ALL, Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationTotals:
    """Listed studies that were screened and read as one population's; the counts are those of Totals."""

    population: str = ALL
    flagged: int = 0
    not_flagged: int = 0
    first: int = 0
    next: int = 0
    later: int = 0
    ages_differ: int = 0
    ages_unknown: int = 0

    @classmethod
    def of(cls, population: str, totals: "Totals") -> Self:
        """Return the totals of a run in which all studies were read as one population's."""
        return cls(
            population=population,
            flagged=totals.flagged,
            not_flagged=totals.not_flagged,
            first=totals.first,
            next=totals.next,
            later=totals.later,
            ages_differ=totals.ages_differ,
            ages_unknown=totals.ages_unknown,
        )

    @property
    def studies(self) -> int:
        return self.flagged + self.not_flagged


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """Files that were not screened for one reason. outcome: 'ineligible' or 'failed'."""

    outcome: str
    reason_code: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Every file seen, counted once, and every study.

    files_unsettled: those of files_ignored that are left for the next run. failures_known: those of
    images_failed that an earlier complete report listed, and that are unchanged. folders_unreadable: those of
    images_failed that are whole folders. pictures_refused: those of images_ineligible whose picture the gate
    refused: reports show them; refusals_known: those that an earlier complete report listed. files_known: all
    that one listed. archives_ignored: those of files_ignored that may hold images. Studies: those listed.
    first, next, later: those of flagged, by band. ages_differ: screened studies of a patient outside the ages
    that the model was validated for, or of unknown age; ages_unknown: the latter alone. by_population: the
    screened studies once more, by the population that they were read as; by_reason: files ineligible and
    failed, by why; both are empty in records of older versions.
    """

    files_ignored: int = 0
    files_unsettled: int = 0
    images_screened: int = 0
    images_ineligible: int = 0
    images_failed: int = 0
    failures_known: int = 0
    pictures_refused: int = 0
    flagged: int = 0
    not_flagged: int = 0
    not_screened: int = 0
    first: int = 0
    next: int = 0
    later: int = 0
    ages_differ: int = 0
    ages_unknown: int = 0
    files_known: int = 0
    refusals_known: int = 0
    folders_unreadable: int = 0
    archives_ignored: int = 0
    by_population: tuple[PopulationTotals, ...] = ()
    by_reason: tuple[ReasonCount, ...] = ()

    @property
    def files_new(self) -> int:
        """Files that no earlier complete report listed as they are now, and that were not left for later."""
        return self.files_seen - self.files_known - self.files_unsettled

    @property
    def failures_new(self) -> int:
        return self.images_failed - self.failures_known

    @property
    def refusals_new(self) -> int:
        return self.pictures_refused - self.refusals_known

    @property
    def files_seen(self) -> int:
        return self.files_ignored + self.images_screened + self.images_ineligible + self.images_failed

    @property
    def studies_screened(self) -> int:
        return self.flagged + self.not_flagged

    @property
    def other_ages(self) -> bool:
        """Whether most studies are of patients outside the validated ages, or of unknown age."""
        return 2 * self.ages_differ > self.studies_screened


@dataclass(frozen=True, slots=True)
class PopulationRun:
    """One population in one run: the scale that its studies were read on, and how they ended."""

    scale: Scale
    totals: PopulationTotals

    @property
    def part(self) -> FlaggedCount:
        return FlaggedCount(self.totals.studies, self.totals.flagged, self.scale)

    @property
    def check(self) -> PopulationCheck:
        """What its operating point lets one expect of its studies, against what came."""
        return check_population(self.part)

    @property
    def predictive_values(self) -> tuple[float | None, float | None]:
        """Return (PPV, NPV), 0..1; None where they are unknown, or mean nothing for these patients."""
        if self.check.holds is False:
            return None, None
        return self.scale.operating_point.predictive_values(self.scale.prevalence)
