"""What a model calibrated at a site says of itself: figures, manifest.json and card."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from screener.domain import printed, shift_prevalence
from screener.evaluation.calibration import BINS
from screener.evaluation.recalibration import FOLDS, Recalibration, SiteImages, SitePoint
from screener.evaluation.site_plots import plot_reliability_pair, plot_roc_pair
from screener.inference.gate import GATE, write_gate
from screener.inference.model_folder import CARD, ModelFolder, as_json
from screener.training.card import render, with_section
from screener.training.gate_fit import FittedGate, GateFigure
from screener.training.gate_run import add_gate
from screener.training.gate_site import MORE_PASSED, SiteGate
from screener.training.gate_thresholds import LOST

FIGURES = Path("evaluation") / "calibration"

_OLD_FIGURES = (
    "**Of the original calibration and operating points; this model's own are under “Calibrated at a site”.**"
)
_OLD_GATE = "**At the original threshold; at this model's own, see “Calibrated at a site”.**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a calibration comes from.

    data: what the labelled images are called. date: ISO 8601. not_used: images that cannot be screened.
    refused_before, refused_after: images that the gate refused on the very path of 'scan'; None: no gate.
    prevalence: the share of pneumonia that reports are to assume, None for that of the model until now.
    refit: whether the gate was fitted anew, rather than its threshold moved. ages: in years, of those images
    whose patient's age is known.
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


def write_site_model(
    folder: Path, model: ModelFolder, site: Site, found: Recalibration, gate: SiteGate | None, version: str
) -> dict[str, Any]:
    """Write figures, gate and card into an unsealed copy of a model folder; return its manifest."""
    reports = _prevalence(model.manifest, site)["default"]
    _write_figures(folder / FIGURES, site, found, reports)
    described = _description(folder.name, version, model, site, found)
    if gate is not None and site.refit:
        described = add_gate(folder, FittedGate(gate.gate, gate.after), described)
    elif gate is not None:
        write_gate(gate.gate, folder / GATE)
        described["gate"] = {**described["gate"], "lower_threshold": gate.gate.refused_below}
    described["calibrated"]["gate"] = _gate_description(model, site, gate)
    _write_card(folder / CARD, described, site, found, gate)
    return described


def verdict(found: Recalibration) -> str:
    """Return in words whether the new calibration is better, by the interval of the change in Brier score."""
    change, interval = found.brier_change.value, found.brier_change.interval
    low, high = interval or (change, change)
    if change is None or low is None or high is None:
        return "Whether calibrating changed the probabilities for the better cannot be told."
    by = f"the Brier score changed by {change:+.4f} (95 % {low:+.4f} to {high:+.4f})"
    if high < 0:
        return f"The probabilities are better than before: {by}."
    if low > 0:
        return f"The probabilities are worse than before: {by}. Keep the model as it came."
    return f"The probabilities are no better than before, as far as these images can tell: {by}."


def gate_words(site: Site, gate: SiteGate | None) -> str:
    """Return in words what became of the picture gate; None: it stays, or there is none."""
    if site.refused_after is None:
        return "This model has no picture gate: it refuses no picture."
    total = len(site.images.labels) + site.refused_after
    before = "no gate before" if site.refused_before is None else f"before: {site.refused_before}"
    refused = f"Of {total} films of the site it refuses {site.refused_after} ({before})."
    if site.refit:
        return f"The picture gate was fitted anew on the site's films and other pictures. {refused}"
    if gate is None:
        return f"The picture gate stays as it came, as it refuses at most {_percent(LOST)}. {refused}"
    words = (
        f"The picture gate's lower threshold was lowered, to refuse at most {_percent(LOST)} of these films; "
        f"of no other kind of picture may it let pass over {_percent(MORE_PASSED)} more. {refused}"
    )
    if gate.held_back:
        words += (
            " It would have to be lower yet, but would then let too much pass: these films differ too much "
            "from those it was fitted on. Fit it anew with --not-chest."
        )
    return words


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _write_figures(folder: Path, site: Site, found: Recalibration, prevalence: float) -> None:
    """Write before.json, after.json and the pictures; prevalence: that reports assume."""
    folder.mkdir(parents=True, exist_ok=True)
    in_reports = partial(_in_reports, site, prevalence)
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
    old = {key: value for key, value in model.manifest.items() if key not in ("format", "files")}
    points = {point.name: as_json(point) for point in found.operating_points}
    default = model.main.default_operating_point
    origin = {"name": model.identity.name, "version": model.identity.version}
    return {
        **old,
        "name": name,
        "version": version,
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
    if site.prevalence is None:
        return dict(old["prevalence"])
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


def _write_card(
    path: Path, described: Mapping[str, Any], site: Site, found: Recalibration, gate: SiteGate | None
) -> None:
    """Put the section into the card, before the figures, which get a line that says whose they are."""
    origin = described["calibrated"]["from"]
    section = render(
        "site_card.md.j2",
        site=site.counts(),
        origin=f"{origin['name']}@{origin['version']}",
        figures=found,
        points=paired_points(found),
        prevalence=described["prevalence"],
        in_reports=partial(_in_reports, site, described["prevalence"]["default"]),
        verdict=verdict(found),
        gate=_paired_figures(gate),
        gate_words=gate_words(site, gate),
        gate_changed=gate is not None,
        folds=FOLDS,
        bins=BINS,
    )
    _, _, body = path.read_text(encoding="utf-8").partition("\n")
    card = with_section(f"# {described['name']} {described['version']}\n{body}", section, before="## Figures")
    card = _marked(card, "## Figures\n", _OLD_FIGURES)
    if gate is not None and not site.refit:
        card = _marked(card, "## Picture gate\n", _OLD_GATE)
    path.write_text(card, encoding="utf-8")


def _in_reports(site: Site, prevalence: float, threshold: float) -> float:
    """Return a threshold of the scale of the site's images as reports print it."""
    return printed(shift_prevalence(threshold, site.images.prevalence, prevalence))


def _marked(card: str, heading: str, line: str) -> str:
    return card if line in card else card.replace(heading, f"{heading}\n{line}\n", 1)


def paired_points(found: Recalibration) -> list[tuple[str, SitePoint | None, SitePoint | None]]:
    """Return each operating point's name with its figures before and after, None where there was none."""
    old, new = ({each.name: each for each in of.operating_points} for of in (found.before, found.after))
    return [(name, old.get(name), new.get(name)) for name in {**new, **old}]


def _paired_figures(gate: SiteGate | None) -> list[tuple[GateFigure | None, GateFigure]]:
    if gate is None:
        return []
    old = {each.kind: each for each in gate.before}
    return [(old.get(each.kind), each) for each in gate.after]
