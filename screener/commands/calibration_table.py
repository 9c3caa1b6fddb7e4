"""What 'calibrate' prints: each figure before and after, and where to find the rest."""

from typing import TYPE_CHECKING

from rich.table import Table

from screener.commands.console import results
from screener.options import CalibrateOptions

if TYPE_CHECKING:
    from screener.evaluation.recalibration import Recalibration
    from screener.training.gate_site import SiteGate
    from screener.training.site import Site


def print_calibration(
    options: CalibrateOptions, version: str, site: "Site", found: "Recalibration", gate: "SiteGate | None"
) -> None:
    """Print the figures before and after, and in words what became of probabilities and gate."""
    from screener.training.site_card import gate_words, paired_points, verdict

    patients = "patients unknown" if site.patients is None else f"{site.patients} patients"
    title = f"{options.out.name}@{version}: {len(site.images.labels)} images, {patients}"
    table = Table("figure", "before", "after, on patients left out of the fit", title=title)
    old, new = found.before, found.after
    table.add_row("auc", old.auc.in_words(4), "the same")
    table.add_row("brier", old.brier.in_words(4), new.brier.in_words(4))
    table.add_row(
        "expected calibration error",
        old.expected_calibration_error.in_words(4),
        new.expected_calibration_error.in_words(4),
    )
    for name, one, other in paired_points(found):
        for figure in ("sensitivity", "specificity"):
            cells = (getattr(each, figure).in_words(4) if each else "" for each in (one, other))
            table.add_row(f"{name}: {figure}", *cells)
    out = results()
    out.print(table)
    out.print(f"{verdict(found)}\n{gate_words(site, gate)}", markup=False)
    out.print(
        f"Brier score and calibration error are of probabilities at the prevalence among these images, "
        f"{site.images.prevalence:.3f}; the card gives the thresholds as 'scan' prints them.\n"
        f"Intervals: {found.interval_method}. Weights are those of {options.model.name}, unchanged.\n"
        f"The card is {options.out / 'MODEL_CARD.md'}\n"
        f"Screen with it: screener scan … --model {options.out}",
        markup=False,
    )
