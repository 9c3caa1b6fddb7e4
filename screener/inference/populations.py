"""The populations of a model: whose radiographs it reads on which scale, as manifest.json describes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screener.ages import Ages
from screener.errors import UsageError
from screener.inference.validation import doubt_of_model, doubted, judged
from screener.operating_points import Calibration, Doubt, OperatingPoint
from screener.scale import ALL, Scale

POPULATIONS = "populations"
DEFAULT_POPULATION = "default_population"


@dataclass(frozen=True, slots=True)
class Population:
    """Patients whose radiographs a model reads alike, and what its numbers mean for them.

    name: "children", "adults"; ALL in a model that tells none apart. calibration: strictly increasing.
    operating_points: by name; thresholds at the calibration's own prevalence; one that is not validated has
    no figures. prevalence: the default, 0..1, with its source in words. validated_on: in words. ages: those
    that its figures were validated for; None where unknown.
    """

    name: str
    calibration: Calibration
    operating_points: Mapping[str, OperatingPoint]
    default_operating_point: str
    prevalence: float
    prevalence_source: str
    validated_on: str
    ages: Ages | None

    @property
    def printed_points(self) -> tuple[OperatingPoint, ...]:
        """The operating points with their thresholds as reports print them: at the default prevalence."""
        return tuple(each.moved(self.calibration, self.prevalence) for each in self.operating_points.values())

    def operating_point(self, name: str | None) -> OperatingPoint:
        """Return an operating point by name, or the default one.

        Raises:
            UsageError: The population has none of that name.
        """
        chosen = name or self.default_operating_point
        if chosen not in self.operating_points:
            known = ", ".join(self.operating_points)
            if self.name == ALL:
                raise UsageError("inference.no_such_point", name=chosen, known=known)
            raise UsageError("inference.no_such_point_for", name=chosen, population=self.name, known=known)
        return self.operating_points[chosen]

    def scale(
        self,
        operating_point: str | None = None,
        threshold: float | None = None,
        prevalence: float | None = None,
    ) -> Scale:
        """Return how a run prints: the chosen operating point moved to a prevalence.

        Point and prevalence are by default those of the model. threshold: a user's own, taken as printed; it
        has no sensitivity or specificity.
        """
        at = self.prevalence if prevalence is None else prevalence
        if threshold is None:
            chosen = self.operating_point(operating_point).moved(self.calibration, at)
        else:
            chosen = OperatingPoint("custom", threshold)
        points = tuple(each.moved(self.calibration, at) for each in self.operating_points.values())
        return Scale(self.calibration, chosen, at, points, self.name, self.ages, self.validated_on)


def populations_of(manifest: Mapping[str, Any]) -> tuple[Population, ...]:
    """Return the populations that manifest.json describes, in its order; one where it tells none apart.

    Raises:
        AttributeError, KeyError, TypeError, ValueError, UsageError: It is incomplete or of the wrong form.
    """
    described = manifest.get(POPULATIONS)
    if described is None:
        return (_described_whole(manifest),)
    if not described:
        raise ValueError("no population in it")
    whole = doubt_of_model(manifest)  # a network that may be chance where it was trained is trusted nowhere
    return tuple(_described(name, values, whole) for name, values in described.items())


def manifest_of(manifest: Mapping[str, Any], population: str) -> dict[str, Any]:
    """Return a manifest as it would be if it told no populations apart, and were of this one."""
    described = manifest.get(POPULATIONS, {}).get(population, {})
    whole = {key: value for key, value in manifest.items() if key not in (POPULATIONS, DEFAULT_POPULATION)}
    if not described:
        return whole
    own = {key: value for key, value in described.items() if key not in ("ages", "validated_on")}
    validated = {
        **whole["validated_population"],
        "description": described["validated_on"],
        "age_years": described["ages"],
    }
    return {**whole, **own, "validated_population": validated}


def default_population_of(manifest: Mapping[str, Any]) -> str:
    """Return the population that a patient of unknown age is read as; raises ValueError if there is none."""
    described = manifest.get(POPULATIONS)
    if described is None:
        return ALL
    default: str = manifest.get(DEFAULT_POPULATION, next(iter(described)))
    if default not in described:
        raise ValueError(f"{DEFAULT_POPULATION} is {default}, which it does not describe")
    return default


def _described_whole(manifest: Mapping[str, Any]) -> Population:
    """Return the one population of a manifest that tells none apart: its older form."""
    population = manifest["validated_population"]
    whole = {**manifest, "ages": population.get("age_years"), "validated_on": population["description"]}
    return _described(ALL, whole)


def _described(name: str, values: Mapping[str, Any], doubt: Doubt | None = None) -> Population:
    """Return a population; validated on nobody, where it could be chance on those it was measured on.

    doubt: of the whole model.
    """
    doubt = doubt or doubt_of_model(values)
    measured_on = str(values["validated_on"])
    found = Population(
        name=name,
        calibration=Calibration(**values["calibration"]),
        operating_points=dict(_points(values, doubt)),
        default_operating_point=values["default_operating_point"],
        prevalence=float(values["prevalence"]["default"]),
        prevalence_source=values["prevalence"]["source"],
        validated_on=f"nobody: {doubt.words}. Measured on: {measured_on}" if doubt else measured_on,
        ages=None if doubt else _ages(values.get("ages")),
    )
    found.operating_point(None)
    return found


def _points(values: Mapping[str, Any], doubt: Doubt | None) -> Iterator[tuple[str, OperatingPoint]]:
    for name, figures in values["operating_points"].items():
        with_tuples: dict[str, Any] = {
            key: tuple(each) if isinstance(each, list) else each for key, each in figures.items()
        }
        point = OperatingPoint(name, **with_tuples)
        yield name, judged(point, values) if doubt is None else doubted(point, doubt)


def _ages(written: Any) -> Ages | None:
    if written is None:
        return None
    youngest, oldest = (int(each) for each in written)
    return youngest, oldest
