"""A model calibrated for one population, keeping the others: what its manifest says of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from screener.errors import UsageError
from screener.evaluation.recalibration import Recalibration
from screener.inference.model_folder import ModelFolder, as_json
from screener.inference.populations import DEFAULT_POPULATION, POPULATIONS
from screener.operating_points import printed
from screener.training.about import NOTHING_KNOWN, AboutData

_OF_A_POPULATION = ("calibration", "operating_points", "default_operating_point", "prevalence")
_MEASURED = ("validation", "held_out", "calibrated", "operating_points_from")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForPopulation:
    """Which population a calibration is for, and what becomes of the others.

    name: of the population; keep_as: what the patients are called whom a model that tells none apart was
    validated on. default: as whose images without an age are read; None for that of the model, or else this
    one. about: what is known of the population besides its figures.
    """

    name: str
    keep_as: str | None = None
    default: str | None = None
    about: AboutData = NOTHING_KNOWN


def check_population(model: ModelFolder, wanted: ForPopulation) -> None:
    """Check, before anything is computed, that a model can get this population.

    Raises:
        UsageError: The model tells no populations apart and nobody says what to call its own, or names no
            ages for it; or the default is none of them.
    """
    kept = _kept(model.manifest, wanted)
    if wanted.default is not None and wanted.default not in (*kept, wanted.name):
        known = ", ".join(dict.fromkeys((*kept, wanted.name)))
        raise UsageError("calibrate.unknown_default", name=wanted.default, known=known)


def population_keys(
    model: ModelFolder,
    wanted: ForPopulation,
    found: Recalibration,
    site: Mapping[str, Any],
    prevalence: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what manifest.json gets: all populations, and at its top, as ever, the keys of the default one.

    So programs that know of no populations, and ask for nobody's age, read images as those without an age.

    site: counts of the labelled images, as Site.counts. prevalence: the default, with its source.
    """
    kept = _kept(model.manifest, wanted)
    others = {name: each for name, each in kept.items() if name != wanted.name}
    at = next((float(each["calibration"]["prevalence"]) for each in others.values()), None)
    populations = {**kept, wanted.name: _fitted(wanted, found, site, prevalence, at)}
    default = wanted.default or model.manifest.get(DEFAULT_POPULATION, wanted.name)
    ageless = populations[default]
    old = model.manifest["validated_population"]
    not_for = wanted.about.not_validated_for or old.get("not_validated_for", ())
    return {
        **{key: ageless[key] for key in _OF_A_POPULATION},
        "validated_population": {
            **old,
            "description": ageless["validated_on"],
            "age_years": ageless["ages"],
            "not_validated_for": list(not_for),
        },
        POPULATIONS: populations,
        DEFAULT_POPULATION: default,
    }


def _fitted(
    wanted: ForPopulation,
    found: Recalibration,
    site: Mapping[str, Any],
    prevalence: Mapping[str, Any],
    at: float | None,
) -> dict[str, Any]:
    """Return what a manifest says of the population fitted.

    at: the prevalence that the other populations are calibrated at, None without any. At one prevalence,
    probabilities of all of them order studies on one scale.
    """
    own = found.calibration
    calibration = own if at is None else own.at(at)
    moved = [each.moved(own, calibration.prevalence) for each in found.operating_points]
    points = {each.name: as_json(replace(each, threshold=printed(each.threshold))) for each in moved}
    return {
        "ages": list(wanted.about.age_years or site["age_years"]),
        "validated_on": _validated_on(wanted.about, site),
        "calibration": asdict(calibration),
        "operating_points": points,
        "default_operating_point": next(iter(points)),
        "prevalence": dict(prevalence),
        "calibrated": {**site, "auc": asdict(found.after.auc)},
    }


def _validated_on(about: AboutData, site: Mapping[str, Any]) -> str:
    patients = "" if site["patients"] is None else f" of {site['patients']} patients"
    measured = f"{site['images']} labelled images{patients} ({site['data']}, {site['date']})"
    return measured if about.population == NOTHING_KNOWN.population else f"{about.population}; {measured}"


def _kept(manifest: Mapping[str, Any], wanted: ForPopulation) -> dict[str, Any]:
    """Return the populations that a model has until now, in its order."""
    if POPULATIONS in manifest:
        return dict(manifest[POPULATIONS])
    if wanted.keep_as is None or wanted.keep_as == wanted.name:
        raise UsageError("calibrate.name_the_kept", name=wanted.name)
    population = manifest["validated_population"]
    if population.get("age_years") is None:
        raise UsageError("calibrate.model_without_ages")
    return {
        wanted.keep_as: {
            "ages": population["age_years"],
            "validated_on": wanted.about.kept_population or population["description"],
            **{key: manifest[key] for key in (*_OF_A_POPULATION, *_MEASURED) if manifest.get(key)},
        }
    }
