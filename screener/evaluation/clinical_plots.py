"""Subgroups, decision curves, prior shift and comparison as pictures: PNG."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from sklearn.metrics import roc_curve

from screener.evaluation.comparison import Comparison, PointComparison
from screener.evaluation.decision_curve import DecisionCurve
from screener.evaluation.drawing import BLUE, GREY, ORANGE, drawn, in_words
from screener.evaluation.estimates import Estimate
from screener.evaluation.predictions import Predictions
from screener.evaluation.prior_shift import ShiftedCalibration
from screener.evaluation.subgroups import Subgroup, SubgroupPoint

_LONGEST_NAME = 28  # characters; a longer name of a group would leave no room for its figures
_THRESHOLDS_SHOWN = 4  # up to so many times the prevalence; beyond it nobody would still treat all
_CORNER_AUC = 0.85  # above it both curves crowd into the corner, which is then magnified


def plot_subgroups(subgroups: Sequence[Subgroup], point: str, path: Path) -> None:
    """Write AUC, sensitivity and specificity of each group with 95 % intervals, one group a row.

    point: the operating point's name.
    """
    headings = [i for i, each in enumerate(subgroups) if i == 0 or subgroups[i - 1].grouping != each.grouping]
    rows = [i + sum(i >= start for start in headings) for i in range(len(subgroups))]
    points = [next(at for at in each.operating_points if at.name == point) for each in subgroups]
    with drawn(path, 9.5, 1.4 + 0.27 * (rows[-1] + 2)) as figure:
        panels = figure.subplots(1, 3, sharey=True)
        for axes, (title, estimates) in zip(panels, _columns(subgroups, points), strict=True):
            for row, estimate, group in zip(rows, estimates, subgroups, strict=True):
                _draw_estimate(axes, row, estimate, small=group.small)
            low = _lowest(estimates)
            axes.set(xlim=(low - 0.03 * (1 - low), 1 + 0.03 * (1 - low)), title=title)
            axes.locator_params(axis="x", nbins=4)
            axes.grid(visible=False, axis="y")
            axes.spines["left"].set_visible(False)
            axes.tick_params(axis="y", length=0)
        panels[0].set_yticks(
            [*rows, *(rows[start] - 1 for start in headings)],
            [*map(_named, subgroups), *(subgroups[start].grouping.upper() for start in headings)],
            fontsize=9,
        )
        panels[0].set_ylim(rows[-1] + 0.7, -0.7)
        figure.supxlabel(
            f"Sensitivity and specificity at {point.replace('_', ' ')}; in brackets: normal + pneumonia "
            "images; bars: 95 % intervals.\nHollow grey: fewer than 10 images of a class. "
            "Nothing drawn: undefined. A subtype stands against all normal images.",
            fontsize=8,
        )


def plot_decision_curves(curves: Sequence[DecisionCurve], path: Path) -> None:
    """Write the net benefit of the model, of flagging all and of flagging none, one panel a prevalence."""
    with drawn(path, 0.8 + 4.6 * len(curves), 4.6) as figure:
        for axes, curve in zip(figure.subplots(1, len(curves), squeeze=False)[0], curves, strict=True):
            axes.plot(curve.thresholds, curve.model, color=BLUE, linewidth=2, label="flagged by the model")
            axes.plot(curve.thresholds, curve.treat_all, "--", color=ORANGE, label="all flagged")
            axes.axhline(0, color=GREY, linestyle=":", linewidth=1.5, label="none flagged")
            kind = "stated" if curve.stated else "of these images"
            axes.set(
                xlabel="Threshold probability",
                ylabel="Net benefit (true positives per patient)",
                xlim=(0, min(1.0, _THRESHOLDS_SHOWN * curve.prevalence)),
                ylim=(-0.15 * curve.prevalence, 1.08 * curve.prevalence),
                title=f"Prevalence {curve.prevalence:.3f} ({kind})",
            )
            axes.legend(loc="lower left" if curve.prevalence > 0.5 else "upper right")


def plot_prior_shift(checks: Sequence[ShiftedCalibration], path: Path) -> None:
    """Write observed share against shifted probability, one panel a prevalence."""
    with drawn(path, 4.2 * len(checks), 4.6) as figure:
        for axes, check in zip(figure.subplots(1, len(checks), squeeze=False)[0], checks, strict=True):
            _draw_bins(axes, check)
            axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, zorder=1)
            error = in_words(check.expected_calibration_error)
            axes.text(0.02, 0.97, f"ECE {error}", transform=axes.transAxes, va="top", fontsize=9)
            axes.set(
                xlabel="Probability, shifted",
                ylabel="Observed share of pneumonia",
                xlim=(-0.02, 1.02),
                ylim=(-0.02, 1.02),
                title=f"At {100 * check.prevalence:g} % pneumonia",
            )
        figure.supxlabel("Bins of equal mass; bars: 95 % intervals of the bootstrap.", fontsize=8)


def plot_comparison(first: Predictions, second: Predictions, comparison: Comparison, path: Path) -> None:
    """Write the ROC curves of both models, each with its operating points."""
    auc = comparison.auc
    with drawn(path, 5.8, 6.0) as figure:
        axes = figure.subplots()
        areas = [axes]
        if min(auc.first, auc.second) > _CORNER_AUC:
            areas.append(axes.inset_axes((0.44, 0.36, 0.5, 0.5), xlim=(-0.01, 0.3), ylim=(0.7, 1.01)))
            axes.indicate_inset_zoom(areas[1], edgecolor=GREY)
        for area in areas:
            for predictions, name, value, colour, style, marker in (
                (first, comparison.first, auc.first, BLUE, "-", "o"),
                (second, comparison.second, auc.second, ORANGE, "--", "s"),
            ):
                x, y, _ = roc_curve(predictions.labels, predictions.logits, drop_intermediate=False)
                area.plot(x, y, style, color=colour, linewidth=2, label=f"{_short(name)}: AUC {value:.3f}")
                at = [_place(each, first=predictions is first) for each in comparison.operating_points]
                area.plot(
                    *zip(*at, strict=True), marker, color=colour, mec="white", ms=7, ls=""
                ) if at else None
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="chance", zorder=1)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axes.set(xlabel="1 - specificity", ylabel="Sensitivity", title="ROC curves on the same images")
        p_value = "" if auc.p_value is None else f"; DeLong p = {auc.p_value:.3g}"
        axes.legend(
            loc="lower right", title=f"difference {in_words(auc.difference)}{p_value}", title_fontsize=8
        )


def _columns(
    subgroups: Sequence[Subgroup], points: Sequence[SubgroupPoint]
) -> tuple[tuple[str, list[Estimate]], ...]:
    return (
        ("AUC", [each.auc for each in subgroups]),
        ("Sensitivity", [each.sensitivity for each in points]),
        ("Specificity", [each.specificity for each in points]),
    )


def _draw_estimate(axes: Axes, row: int, estimate: Estimate, *, small: bool) -> None:
    if estimate.value is None:
        return
    colour = GREY if small else BLUE
    if estimate.interval is not None:
        axes.plot(estimate.interval, [row, row], color=colour, linewidth=1.5)
    axes.plot(estimate.value, row, "s", color=colour, markersize=6, mfc="white" if small else colour)


def _lowest(estimates: Sequence[Estimate]) -> float:
    """Return where an axis begins that shows every interval: a tenth, at most 0.9."""
    ends = [(each.interval or (each.value,))[0] for each in estimates if each.value is not None]
    return min(0.9, math.floor(10 * min(ends, default=0.0)) / 10)


def _draw_bins(axes: Axes, check: ShiftedCalibration) -> None:
    for part in check.bins:
        if part.observed.value is None:
            continue
        if part.observed.interval is not None:
            axes.plot([part.mean_probability] * 2, part.observed.interval, color=BLUE, linewidth=1.2)
        axes.plot(part.mean_probability, part.observed.value, "o", color=BLUE, mec="white", markersize=7)


def _place(point: PointComparison, *, first: bool) -> tuple[float, float]:
    sensitivity = point.sensitivity.first if first else point.sensitivity.second
    specificity = point.specificity.first if first else point.specificity.second
    if sensitivity is None or specificity is None:
        return np.nan, np.nan
    return 1 - specificity, sensitivity


def _named(group: Subgroup) -> str:
    return f"{_short(group.group)}  ({group.normal:,} + {group.pneumonia:,})"


def _short(name: str) -> str:
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    return short.replace("$", r"\$")  # matplotlib would read mathematics between two of them
