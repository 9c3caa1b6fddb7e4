"""What the card of a model calibrated at a site, or for a population, says of it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from screener.evaluation.calibration import BINS, calibration_error_by_chance
from screener.evaluation.recalibration import FOLDS, Recalibration, SitePoint
from screener.inference.populations import POPULATIONS
from screener.said import Said, Spoken, Together, say
from screener.training.card import render, with_section
from screener.training.gate_fit import GateFigure
from screener.training.gate_site import MORE_PASSED, SiteGate
from screener.training.gate_thresholds import LOST
from screener.training.population_card import with_populations, without_populations
from screener.training.site import Site

_OLD_FIGURES = (
    "**Of the original calibration and operating points; this model's own are under “Calibrated at a site”.**"
)
_OLD_GATE = "**At the original threshold; at this model's own, see “Calibrated at a site”.**"


def of_site(described: Mapping[str, Any], site: Site) -> Mapping[str, Any]:
    """Return the part of a manifest that a calibration is in: that of its population, or the whole."""
    found: Mapping[str, Any] = described
    return found if site.population is None else found[POPULATIONS][site.population.name]


def write_card(
    path: Path, described: Mapping[str, Any], site: Site, found: Recalibration, gate: SiteGate | None
) -> None:
    """Put the section into the card, before the figures, which get a line that says whose they are."""
    own = of_site(described, site)
    origin, prevalence = own["calibrated"]["from"], own["prevalence"]
    section = render(
        "site_card.md.j2",
        heading="Calibrated at a site"
        if site.population is None
        else f"Calibrated for {site.population.name}",
        site=site.counts(),
        about=site.population.about if site.population else None,
        ages=own["ages"] if site.population else site.age_years,
        folder=site.figures.as_posix(),
        few=site.wanted.few,
        wanted=site.wanted.sensitivity,
        origin=f"{origin['name']}@{origin['version']}",
        figures=found,
        points=paired_points(found),
        prevalence=prevalence,
        in_reports=partial(site.in_reports, prevalence["default"]),
        verdict=str(verdict(found)),
        gate=_paired_figures(gate),
        gate_words=str(gate_words(site, gate)),
        gate_changed=gate is not None,
        folds=FOLDS,
        bins=BINS,
        chance=calibration_error_by_chance(found.probabilities_after),
    )
    _, _, body = path.read_text(encoding="utf-8").partition("\n")
    card = with_section(f"# {described['name']} {described['version']}\n{body}", section, before="## Figures")
    if site.population is None:
        card = without_populations(_marked(card, "## Figures\n", _OLD_FIGURES))
    else:
        card = with_populations(card, described)
    if gate is not None and not site.refit:
        card = _marked(card, "## Picture gate\n", _OLD_GATE)
    path.write_text(card, encoding="utf-8")


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


def verdict(found: Recalibration) -> Said:
    """Return whether the new calibration is better, by the interval of the change in Brier score."""
    change, interval = found.brier_change.value, found.brier_change.interval
    low, high = interval or (change, change)
    if change is None or low is None or high is None:
        return say("calibrate.cannot_be_told")
    by = say("calibrate.brier_change", change=change, low=low, high=high)
    if high < 0:
        return say("calibrate.better", by=by)
    return say("calibrate.worse", by=by) if low > 0 else say("calibrate.no_better", by=by)


def gate_words(site: Site, gate: SiteGate | None) -> Spoken:
    """Return what became of the picture gate; None: it stays, or there is none."""
    if site.refused_after is None:
        return say("calibrate.no_gate")
    total = len(site.images.labels) + site.refused_after
    after, before = site.refused_after, site.refused_before
    if before is None:
        refused = say("calibrate.refused", total=total, after=after)
    else:
        refused = say("calibrate.refused_before", total=total, after=after, before=before)
    if site.refit:
        words = [say("calibrate.gate_refitted"), refused]
    elif gate is None:
        words = [say("calibrate.gate_stays", lost=100 * LOST), refused]
    else:
        words = [say("calibrate.gate_lowered", lost=100 * LOST, more=100 * MORE_PASSED), refused]
        if gate.held_back:
            words.append(say("calibrate.gate_held_back"))
    return Together(tuple(words), " ")
