"""The labelled images of a site, or of one population, that a model is calibrated on."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screener.evaluation.operating_point import USUAL, Wanted
from screener.evaluation.site_images import SiteImages
from screener.operating_points import printed, shift_prevalence
from screener.training.population_model import ForPopulation

FIGURES = Path("evaluation") / "calibration"  # with the population's name, where it is for one


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a calibration comes from.

    data: what the labelled images are called. date: ISO 8601. not_used: images that cannot be screened.
    refused_before, refused_after: images that the gate refused on the very path of 'scan'; None: no gate.
    prevalence: the share of pneumonia that reports are to assume, None for that of the model until now.
    refit: whether the gate was fitted anew, rather than its threshold moved. ages: in years, of those images
    whose patient's age is known. population: whom the images are of, where the model keeps others; None where
    it is to read all patients alike.
    """

    data: str
    date: str
    images: SiteImages
    not_used: int
    refused_before: int | None
    refused_after: int | None
    prevalence: float | None = None
    refit: bool = False
    ages: tuple[float, ...] = ()
    population: ForPopulation | None = None
    wanted: Wanted = USUAL

    @property
    def patients(self) -> int | None:
        return len(set(self.images.groups.tolist())) if self.images.patients_known else None

    @property
    def age_years(self) -> tuple[int, int] | None:
        """Return the youngest and the oldest age in whole years, None unless those of most images are known.

        Both are rounded down: a range up to five years holds until the sixth birthday.
        """
        if 2 * len(self.ages) <= len(self.images.labels):
            return None
        return math.floor(min(self.ages)), math.floor(max(self.ages))

    @property
    def figures(self) -> Path:
        """Return where in the model folder figures and pictures go."""
        return (
            FIGURES if self.population is None else FIGURES.with_name(f"calibration-{self.population.name}")
        )

    def counts(self) -> dict[str, Any]:
        """Return the numbers that manifest and card begin with."""
        ill = int(self.images.labels.sum())
        return {
            "data": self.data,
            "date": self.date,
            "images": len(self.images.labels),
            "normal": len(self.images.labels) - ill,
            "pneumonia": ill,
            "patients": self.patients,
            "not_used": self.not_used,
            "ages_known": len(self.ages),
            "age_years": None if self.age_years is None else list(self.age_years),
            "prevalence": self.images.prevalence,
        }

    def in_reports(self, prevalence: float, threshold: float) -> float:
        """Return a threshold of the scale of these images as reports print it at a prevalence."""
        return printed(shift_prevalence(threshold, self.images.prevalence, prevalence))
