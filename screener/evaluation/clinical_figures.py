"""What a clinical paper adds to an evaluation's folder: subgroups, decision curves, a comparison."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from screener.errors import OutputError
from screener.evaluation.clinical_plots import (
    plot_comparison,
    plot_decision_curves,
    plot_prior_shift,
    plot_subgroups,
)
from screener.evaluation.comparison import Comparison
from screener.evaluation.decision_curve import DecisionCurve
from screener.evaluation.estimates import Estimate
from screener.evaluation.predictions import Predictions
from screener.evaluation.prior_shift import ShiftedCalibration
from screener.evaluation.subgroups import Subgroup
from screener.operating_points import PROBABILITY_DECIMALS

SUBGROUP_COLUMNS = ("grouping", "group", "normal", "pneumonia", "patients", "too_small", "operating_point")
SUBGROUP_FIGURES = ("auc", "sensitivity", "specificity")
CURVE_COLUMNS = ("prevalence", "stated", "threshold", "model", "all_flagged", "none_flagged")


def write_subgroups(directory: Path, subgroups: Sequence[Subgroup], point: str) -> None:
    """Write subgroups.csv, one row for each group and operating point, and subgroups.png at one of them.

    Raises:
        OutputError: A file cannot be written.
    """
    bounds = [f"{name}{suffix}" for name in SUBGROUP_FIGURES for suffix in ("", "_low", "_high")]
    with _written(directory), _table(directory / "subgroups.csv", (*SUBGROUP_COLUMNS, *bounds)) as write_row:
        for each in subgroups:
            for at in each.operating_points:
                who = (
                    each.grouping,
                    _no_formula(each.group),
                    each.normal,
                    each.pneumonia,
                    each.patients,
                    int(each.small),
                )
                figures = (each.auc, at.sensitivity, at.specificity)
                write_row((*who, at.name, *(cell for figure in figures for cell in _cells(figure))))
        plot_subgroups(subgroups, point, directory / "subgroups.png")


def write_prior_shift(directory: Path, checks: Sequence[ShiftedCalibration]) -> None:
    """Write prior_shift.png.

    Raises:
        OutputError: It cannot be written.
    """
    with _written(directory):
        plot_prior_shift(checks, directory / "prior_shift.png")


def write_decision_curves(directory: Path, curves: Sequence[DecisionCurve]) -> None:
    """Write decision_curve.csv, one row for each prevalence and threshold, and decision_curve.png.

    Raises:
        OutputError: A file cannot be written.
    """
    with _written(directory), _table(directory / "decision_curve.csv", CURVE_COLUMNS) as write_row:
        for curve in curves:
            columns = zip(curve.thresholds, curve.model, curve.treat_all, strict=True)
            for threshold, model, treat_all in columns:
                benefits = (f"{each:.{PROBABILITY_DECIMALS}f}" for each in (model, treat_all, 0.0))
                write_row((f"{curve.prevalence:.6f}", int(curve.stated), f"{threshold:.2f}", *benefits))
        plot_decision_curves(curves, directory / "decision_curve.png")


def write_comparison(
    directory: Path, first: Predictions, second: Predictions, comparison: Comparison
) -> None:
    """Write comparison.json and comparison.png.

    Raises:
        OutputError: A file cannot be written.
    """
    with _written(directory):
        text = json.dumps(comparison.to_json(), indent=2, allow_nan=False, ensure_ascii=False)
        (directory / "comparison.json").write_text(text + "\n", encoding="utf-8")
        plot_comparison(first, second, comparison, directory / "comparison.png")


@contextmanager
def _written(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError.cannot_write(Path(error.filename or directory), error) from error


@contextmanager
def _table(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Sequence[object]], object]]:
    """Give what writes one row of a new CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(columns)
        yield rows.writerow


def _no_formula(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _cells(estimate: Estimate) -> tuple[str, str, str]:
    """Return a figure and the ends of its interval, six decimals, empty where undefined."""
    low, high = estimate.interval or (None, None)
    value, lower, upper = (
        "" if each is None else f"{each:.{PROBABILITY_DECIMALS}f}" for each in (estimate.value, low, high)
    )
    return value, lower, upper
