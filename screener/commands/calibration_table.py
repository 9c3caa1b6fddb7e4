"""What 'calibrate' prints: each figure before and after, and where to find the rest."""

from typing import TYPE_CHECKING

from rich.table import Table

from screener.commands.console import results
from screener.commands.console_language import here, told
from screener.inference.model_folder import CARD
from screener.options import CalibrateOptions
from screener.said import say

if TYPE_CHECKING:
    from screener.evaluation.estimates import Estimate
    from screener.evaluation.recalibration import Recalibration
    from screener.training.gate_site import SiteGate
    from screener.training.site import Site


def print_calibration(
    options: CalibrateOptions, version: str, site: "Site", found: "Recalibration", gate: "SiteGate | None"
) -> None:
    """Print the figures before and after, and what became of probabilities and gate."""
    from screener.training.site_card import gate_words, paired_points, verdict

    if site.patients is None:
        patients = say("evaluation.patients_unknown")
    else:
        patients = say("evaluation.patients", count=site.patients)
    images = told("evaluation.images", count=len(site.images.labels), patients=patients)
    table = Table(title=f"{options.out.name}@{version}: {images}")
    for head in ("evaluation.figure", "calibrate.before", "calibrate.after"):
        table.add_column(told(head))
    old, new = found.before, found.after
    table.add_row(told("evaluation.figure_auc"), _cell(old.auc), told("calibrate.same"))
    table.add_row(told("calibrate.brier"), _cell(old.brier), _cell(new.brier))
    errors = (old.expected_calibration_error, new.expected_calibration_error)
    table.add_row(told("calibrate.calibration_error"), *map(_cell, errors))
    for name, one, other in paired_points(found):
        for figure in ("sensitivity", "specificity"):
            cells = (_cell(getattr(each, figure)) if each else "" for each in (one, other))
            table.add_row(f"{name}: {told(f'evaluation.figure_{figure}')}", *cells)
    out = results()
    out.print(table)
    out.print(f"{here(verdict(found))}\n{here(gate_words(site, gate))}", markup=False)
    end = say(
        "calibrate.end",
        prevalence=site.images.prevalence,
        method=found.interval_method,
        model=options.model.name,
        card=options.out / CARD,
        out=options.out,
    )
    out.print(here(end), markup=False)


def _cell(figure: "Estimate") -> str:
    if figure.value is None:
        return told("evaluation.undefined")
    if figure.interval is None:
        return told("evaluation.decimals_4", value=figure.value)
    low, high = figure.interval
    return told("evaluation.value_between", value=figure.value, low=low, high=high)
