"""What 'evaluate' prints: tables of figures with their intervals."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from screener.evaluation.comparison import Comparison, ShareComparison
from screener.evaluation.estimates import Estimate
from screener.evaluation.metrics import Evaluation
from screener.inference.model_folder import ModelFolder
from screener.inference.populations import Population
from screener.scale import ALL

_ROWS = {
    "brier": "brier, at this prevalence",
    "expected_calibration_error": "expected calibration error, at this prevalence",
}


def print_evaluation(
    console: Console, evaluation: Evaluation, model: ModelFolder, population: Population, out: Path
) -> None:
    """Print figures, operating points, subgroups and prior shift, and where the rest is."""
    patients = "patients unknown" if evaluation.patients is None else f"{evaluation.patients} patients"
    of = "" if population.name == ALL else f" read as those of {population.name}"
    overall = Table("figure", "value", "95 % interval", title=f"{evaluation.images} images{of}, {patients}")
    for name in ("prevalence", "auc", "average_precision", "brier", "expected_calibration_error"):
        overall.add_row(_ROWS.get(name, name.replace("_", " ")), *_cells(getattr(evaluation, name)))
    figures = ("sensitivity", "specificity", "precision", "npv", "f1", "accuracy")
    points = Table("figure", *(f"{p.name}\n≥ {p.threshold:.6f}" for p in evaluation.operating_points))
    for figure in figures:
        points.add_row(figure, *(_figure(getattr(point, figure)) for point in evaluation.operating_points))
    console.print(overall)
    console.print(points)
    _print_subgroups(console, evaluation, population.default_operating_point)
    _print_prior_shift(console, evaluation)
    console.print(
        f"Intervals: {evaluation.interval_method}.\n{scales_in_words(evaluation)}\n"
        f"Model {model.identity}. Figures, predictions, plots and checklist.md are in {out}",
        markup=False,
    )


def scales_in_words(evaluation: Evaluation) -> str:
    """Return which prevalence each number assumes."""
    at = evaluation.prevalences
    own = ", ".join(
        f"{each.name} {each.threshold_at_calibration:.6f}"
        for each in evaluation.operating_points
        if each.threshold_at_calibration is not None
    )
    return (
        f"Probabilities and thresholds are those of 'scan', at a prevalence of {_share(at.printed)}; "
        f"at that of the patients calibrated on, {_share(at.calibration)}, the thresholds are: {own}.\n"
        "Brier score and calibration error hold probabilities against the share that is ill among these "
        f"images, so they are of probabilities at that share, {_share(at.figures)}."
    )


def _share(prevalence: float | None) -> str:
    return "unknown" if prevalence is None else f"{prevalence:.3f}"


def print_comparison(console: Console, comparison: Comparison, point: str) -> None:
    """Print the difference of AUCs, and of sensitivity and specificity at one operating point."""
    auc = comparison.auc
    method = comparison.bootstrap_method
    names = (escape(comparison.first), escape(comparison.second))  # a manifest is text from files: no markup
    table = Table("figure", *names, "difference", "test", "bootstrap")
    table.title = (
        f"{comparison.images} images that both models can screen ({comparison.left_out} by one alone)"
    )
    test = "undefined: no variance" if auc.p_value is None else f"DeLong p = {auc.p_value:.4g}"
    bootstrap = _figure(Estimate(auc.difference.value, auc.bootstrap_interval))
    table.add_row("auc", f"{auc.first:.4f}", f"{auc.second:.4f}", _figure(auc.difference), test, bootstrap)
    for each in comparison.operating_points:
        if each.name == point:
            _add_share(table, f"sensitivity\n{point}", each.sensitivity)
            _add_share(table, f"specificity\n{point}", each.specificity)
    console.print(table)
    console.print(f"Bootstrap {method}. {comparison.assumption}", markup=False)


def _print_subgroups(console: Console, evaluation: Evaluation, point: str) -> None:
    if not evaluation.subgroups:
        return
    columns = ("group", "normal", "pneumonia", "auc", "sensitivity", "specificity")
    table = Table(*columns, title=f"Subgroups at {point}; * fewer than 10 images of a class")
    grouping = ""
    for each in evaluation.subgroups:
        if each.grouping != grouping:
            table.add_section()
            grouping = each.grouping
        at = next(found for found in each.operating_points if found.name == point)
        name = Text(f"{each.grouping} {each.group}{' *' if each.small else ''}")  # text from files: no markup
        figures = (_figure(each.auc), _figure(at.sensitivity), _figure(at.specificity))
        table.add_row(name, str(each.normal), str(each.pneumonia), *figures)
    console.print(table)


def _print_prior_shift(console: Console, evaluation: Evaluation) -> None:
    if not evaluation.prior_shift:
        return
    table = Table("prevalence", "calibration error, shifted", "unshifted", "mean probability, shifted")
    table.title = "These images resampled to other prevalences"
    for each in evaluation.prior_shift:
        error = _figure(each.expected_calibration_error)
        mean = f"{each.mean_probability:.4f}"
        table.add_row(f"{100 * each.prevalence:g} %", error, f"{each.unshifted_error:.4f}", mean)
    console.print(table)


def _add_share(table: Table, name: str, share: ShareComparison) -> None:
    if share.first is None or share.second is None:
        table.add_row(name, "undefined")
        return
    test = f"McNemar p = {share.p_value:.4g} ({share.only_first} : {share.only_second})"
    difference = f"{share.difference.value:+.4f}"
    table.add_row(
        name, f"{share.first:.4f}", f"{share.second:.4f}", difference, test, _figure(share.difference)
    )


def _figure(estimate: Estimate) -> str:
    return " ".join(_cells(estimate)).strip()


def _cells(estimate: Estimate) -> tuple[str, str]:
    if estimate.value is None:
        return "undefined", ""
    if estimate.interval is None:
        return f"{estimate.value:.4f}", "none"
    low, high = estimate.interval
    between = " to " if low < 0 else "–"
    return f"{estimate.value:.4f}", f"{low:.4f}{between}{high:.4f}"
