"""What a model calibrated at a site says of itself: figures, manifest.json and card."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from screener.evaluation.recalibration import Recalibration
from screener.evaluation.site_plots import plot_reliability_pair, plot_roc_pair
from screener.inference.gate import GATE, write_gate
from screener.inference.model_folder import CARD, ModelFolder, as_json
from screener.inference.populations import DEFAULT_POPULATION, POPULATIONS
from screener.training.gate_fit import FittedGate
from screener.training.gate_run import add_gate
from screener.training.gate_site import SiteGate
from screener.training.population_model import population_keys
from screener.training.site import Site
from screener.training.site_card import of_site, write_card


def write_site_model(
    folder: Path, model: ModelFolder, site: Site, found: Recalibration, gate: SiteGate | None, version: str
) -> dict[str, Any]:
    """Write figures, gate and card into an unsealed copy of a model folder; return its manifest."""
    reports = _prevalence(model.manifest, site)["default"]
    _write_figures(folder / site.figures, site, found, reports)
    described = _description(folder.name, version, model, site, found)
    if gate is not None and site.refit:
        described = add_gate(folder, FittedGate(gate.gate, gate.after), described)
    elif gate is not None:
        write_gate(gate.gate, folder / GATE)
        described["gate"] = {**described["gate"], "lower_threshold": gate.gate.refused_below}
    of_site(described, site)["calibrated"]["gate"] = _gate_description(model, site, gate)
    write_card(folder / CARD, described, site, found, gate)
    return described


def _write_figures(folder: Path, site: Site, found: Recalibration, prevalence: float) -> None:
    """Write before.json, after.json and the pictures; prevalence: that reports assume."""
    folder.mkdir(parents=True, exist_ok=True)
    in_reports = partial(site.in_reports, prevalence)
    for name, figures in (("before", found.before), ("after", found.after)):
        content = figures.to_json() | {
            "prevalence": site.images.prevalence,
            "prevalence_in_reports": prevalence,
        }
        for point in content["operating_points"]:
            point["threshold_in_reports"] = in_reports(point["threshold"])
        text = json.dumps(content, indent=2, allow_nan=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    plot_reliability_pair(site.images, found, folder / "reliability.png")
    plot_roc_pair(site.images, found, in_reports, folder / "roc.png")


def _description(
    name: str, version: str, model: ModelFolder, site: Site, found: Recalibration
) -> dict[str, Any]:
    """Return manifest.json, but for the gate and the checksums."""
    anew = ("format", "files", POPULATIONS, DEFAULT_POPULATION)
    old = {key: value for key, value in model.manifest.items() if key not in anew}
    origin = {"name": model.identity.name, "version": model.identity.version}
    named = {**old, "name": name, "version": version}
    if site.population is not None:
        prevalence = _prevalence(model.manifest, site)
        keys = population_keys(model, site.population, found, site.counts(), prevalence)
        keys[POPULATIONS][site.population.name]["calibrated"]["from"] = {
            **origin,
            "manifest_sha256": old["manifest_sha256"],
        }
        return {**named, **keys}
    points = {point.name: as_json(point) for point in found.operating_points}
    default = model.main.default_operating_point
    return {
        **named,
        "calibration": asdict(found.calibration),
        "operating_points": points,
        "default_operating_point": default if default in points else next(iter(points)),
        "prevalence": _prevalence(old, site),
        "validated_population": _population(old["validated_population"], site),
        "calibrated": {
            **site.counts(),
            "auc": asdict(found.after.auc),
            "from": {**origin, "manifest_sha256": old["manifest_sha256"]},
        },
    }


def _prevalence(old: Mapping[str, Any], site: Site) -> dict[str, Any]:
    about = None if site.population is None else site.population.about
    if about and about.prevalence is not None and site.prevalence is None:
        return {"default": about.prevalence, "source": about.prevalence_source}
    if site.prevalence is None:
        own = old.get(POPULATIONS, {}).get(site.population.name) if site.population else None
        return dict((own or old)["prevalence"])
    return {"default": site.prevalence, "source": f"stated when calibrating on {site.data}, {site.date}"}


def _population(old: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """Return the validated population: reports name it beside the figures of their threshold.

    Its ages are those of the site's patients, never those of the model until now.
    """
    network = old.get("network", old["description"])
    patients = "" if site.patients is None else f" of {site.patients} patients"
    words = f"{len(site.images.labels)} labelled images{patients} ({site.data}, {site.date})"
    return {
        **old,
        "network": network,
        "description": f"thresholds: {words}; network: {network}",
        "age_years": None if site.age_years is None else list(site.age_years),
    }


def _gate_description(model: ModelFolder, site: Site, gate: SiteGate | None) -> dict[str, Any] | None:
    if site.refused_after is None:
        return None
    old = model.manifest.get("gate") or {}
    return {
        "threshold_before": old.get("lower_threshold", old.get("threshold")),
        "films_refused_before": site.refused_before,
        "films_refused_after": site.refused_after,
        "figures_before": [asdict(each) for each in gate.before] if gate else [],
        "figures_after": [asdict(each) for each in gate.after] if gate else [],
    }
