"""Before and after a calibration at a site, as pictures."""

from collections.abc import Callable
from pathlib import Path

from sklearn.metrics import roc_curve

from screener.evaluation.drawing import GREY, Curve, PlottedPoint, complement, draw_curve, drawn, in_words
from screener.evaluation.plots import draw_bins
from screener.evaluation.recalibration import Recalibration
from screener.evaluation.site_images import SiteImages


def plot_reliability_pair(site: SiteImages, found: Recalibration, path: Path) -> None:
    """Write observed share against probability, before beside after, in bins of equal mass."""
    with drawn(path, 9.6, 5.2) as figure:
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes, title, probabilities, figures in (
            (panels[0], "Before", found.probabilities_before, found.before),
            (panels[1], "After, on patients left out of the fit", found.probabilities_after, found.after),
        ):
            draw_bins(axes, site.labels, probabilities)
            axes.set(
                title=title,
                xlabel=f"Probability at these images' prevalence, {site.prevalence:.3f}",
                xlim=(-0.02, 1.02),
                aspect="equal",
            )
            error, brier = in_words(figures.expected_calibration_error), in_words(figures.brier)
            text = f"ECE {error}\nBrier {brier}"
            axes.text(0.98, 0.03, text, transform=axes.transAxes, ha="right", va="bottom", fontsize=9)
        panels[1].set(ylabel="")
        panels[1].get_legend().remove()


def plot_roc_pair(
    site: SiteImages, found: Recalibration, in_reports: Callable[[float], float], path: Path
) -> None:
    """Write the ROC curve, which calibrating leaves as it is, with the operating points before and after.

    in_reports: gives a threshold of the site's own scale as reports print it.
    """
    x, y, _ = roc_curve(site.labels, site.logits, drop_intermediate=False)
    marks: dict[str, int] = {}
    points = tuple(
        PlottedPoint(
            label=f"{point.name.replace('_', ' ')} {when} (threshold {in_reports(point.threshold):.3g})",
            x=complement(point.specificity),
            y=point.sensitivity,
            hollow=when == "before",
            mark=marks.setdefault(point.name, len(marks)),
        )
        for when, figures in (("before", found.before), ("after", found.after))
        for point in figures.operating_points
    )
    with drawn(path, 6.4, 6.4) as figure:
        axes = figure.subplots()
        axes.set(xlabel="1 - specificity", ylabel="Sensitivity", title="ROC curve")
        draw_curve(axes, Curve(x, y, f"AUC {in_words(found.before.auc)}", 0, points))
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="chance", zorder=1)
        axes.legend(loc="lower right")
