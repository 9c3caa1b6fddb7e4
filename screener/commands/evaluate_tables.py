"""What 'evaluate' prints: tables of figures with their intervals."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from screener.commands.console_language import here, told
from screener.evaluation.comparison import Comparison, ShareComparison
from screener.evaluation.estimates import Estimate
from screener.evaluation.metrics import Evaluation
from screener.evaluation.subgroups import SMALL, UNKNOWN, Subgroup
from screener.inference.model_folder import ModelFolder
from screener.inference.populations import Population
from screener.said import Said, Together, say
from screener.scale import ALL

_OVERALL = ("prevalence", "auc", "average_precision", "brier", "expected_calibration_error")
_AT_A_POINT = ("sensitivity", "specificity", "precision", "npv", "f1", "accuracy")
_AGES = {
    "under 1": say("evaluation.ages_under", years=1),
    "1 to 5": say("evaluation.ages_from_to", youngest=1, oldest=5),
    "6 to 17": say("evaluation.ages_from_to", youngest=6, oldest=17),
    "18 to 39": say("evaluation.ages_from_to", youngest=18, oldest=39),
    "40 to 64": say("evaluation.ages_from_to", youngest=40, oldest=64),
    "65 and over": say("evaluation.ages_from", years=65),
}
"""The bands of subgroups.age_band."""


def print_evaluation(
    console: Console, evaluation: Evaluation, model: ModelFolder, population: Population, out: Path
) -> None:
    """Print figures, operating points, subgroups and prior shift, and where the rest is."""
    heads = (told("evaluation.figure"), told("evaluation.value"), told("evaluation.interval"))
    overall = Table(*heads, title=_title(evaluation, population))
    for name in _OVERALL:
        overall.add_row(told(f"evaluation.figure_{name}"), *_cells(getattr(evaluation, name)))
    thresholds = (f"{each.name}\n≥ {decimals(6, each.threshold)}" for each in evaluation.operating_points)
    points = Table(told("evaluation.figure"), *thresholds)
    for name in _AT_A_POINT:
        figures = (_figure(getattr(point, name)) for point in evaluation.operating_points)
        points.add_row(told(f"evaluation.figure_{name}"), *figures)
    console.print(overall)
    console.print(points)
    _print_subgroups(console, evaluation, population.default_operating_point)
    _print_prior_shift(console, evaluation)
    end = say(
        "evaluation.end",
        method=evaluation.interval_method,
        scales=scales_in_words(evaluation),
        model=model.identity,
        out=out,
    )
    console.print(here(end), markup=False)


def _title(evaluation: Evaluation, population: Population) -> str:
    if evaluation.patients is None:
        patients = say("evaluation.patients_unknown")
    else:
        patients = say("evaluation.patients", count=evaluation.patients)
    if population.name == ALL:
        return told("evaluation.images", count=evaluation.images, patients=patients)
    return told("evaluation.images_of", count=evaluation.images, of=population.name, patients=patients)


def scales_in_words(evaluation: Evaluation) -> Said:
    """Return which prevalence each number assumes."""
    at = evaluation.prevalences
    own = tuple(
        say("evaluation.point_at", name=each.name, threshold=each.threshold_at_calibration)
        for each in evaluation.operating_points
        if each.threshold_at_calibration is not None
    )
    return say(
        "evaluation.scales",
        printed=_share(at.printed),
        calibration=_share(at.calibration),
        thresholds=Together(own),
        figures=_share(at.figures),
    )


def _share(prevalence: float | None) -> Said:
    if prevalence is None:
        return say("evaluation.unknown")
    return say("evaluation.decimals_3", value=prevalence)


def print_comparison(console: Console, comparison: Comparison, point: str) -> None:
    """Print the difference of AUCs, and of sensitivity and specificity at one operating point."""
    auc = comparison.auc
    method = comparison.bootstrap_method
    names = (escape(comparison.first), escape(comparison.second))  # a manifest is text from files: no markup
    heads = (told(f"evaluation.head_{each}") for each in ("difference", "test", "bootstrap"))
    table = Table(told("evaluation.figure"), *names, *heads)
    table.title = told("evaluation.compared", count=comparison.images, left_out=comparison.left_out)
    no_test = auc.p_value is None
    test = told("evaluation.no_variance") if no_test else told("evaluation.delong", p=auc.p_value)
    bootstrap = _figure(Estimate(auc.difference.value, auc.bootstrap_interval))
    row = told("evaluation.figure_auc")
    table.add_row(
        row, decimals(4, auc.first), decimals(4, auc.second), _figure(auc.difference), test, bootstrap
    )
    for each in comparison.operating_points:
        if each.name == point:
            _add_share(table, f"{told('evaluation.figure_sensitivity')}\n{point}", each.sensitivity)
            _add_share(table, f"{told('evaluation.figure_specificity')}\n{point}", each.specificity)
    console.print(table)
    console.print(told("evaluation.assumed", method=method, assumption=comparison.assumption), markup=False)


def _print_subgroups(console: Console, evaluation: Evaluation, point: str) -> None:
    if not evaluation.subgroups:
        return
    figures = ("auc", "sensitivity", "specificity")
    heads = (told("evaluation.group"), told("evaluation.normal"), told("evaluation.pneumonia"))
    table = Table(*heads, *(told(f"evaluation.figure_{each}") for each in figures))
    table.title = told("evaluation.subgroups", point=point, fewest=SMALL)
    grouping = ""
    for each in evaluation.subgroups:
        if each.grouping != grouping:
            table.add_section()
            grouping = each.grouping
        at = next(found for found in each.operating_points if found.name == point)
        values = (_figure(each.auc), _figure(at.sensitivity), _figure(at.specificity))
        table.add_row(_group(each), str(each.normal), str(each.pneumonia), *values)
    console.print(table)


def _group(group: Subgroup) -> Text:
    """Return what a group is called, with a star where it is small; as text: names are from files."""
    if group.group == UNKNOWN:
        name = told("evaluation.unknown")
    else:
        name = here(_AGES.get(group.group, group.group)) if group.grouping == "age" else group.group
    grouping = told(f"evaluation.by_{group.grouping}")
    return Text(f"{grouping} {name}{' *' if group.small else ''}")


def _print_prior_shift(console: Console, evaluation: Evaluation) -> None:
    if not evaluation.prior_shift:
        return
    heads = ("prevalence", "shifted_error", "unshifted_error", "mean_probability")
    table = Table(*(told(f"evaluation.head_{each}") for each in heads), title=told("evaluation.prior_shift"))
    for each in evaluation.prior_shift:
        error = _figure(each.expected_calibration_error)
        unshifted, mean = decimals(4, each.unshifted_error), decimals(4, each.mean_probability)
        table.add_row(told("evaluation.share", percent=100 * each.prevalence), error, unshifted, mean)
    console.print(table)


def _add_share(table: Table, name: str, share: ShareComparison) -> None:
    if share.first is None or share.second is None:
        table.add_row(name, told("evaluation.undefined"))
        return
    only = {"first": share.only_first, "second": share.only_second}
    test = told("evaluation.mcnemar", p=share.p_value, **only)
    difference = told("evaluation.change", value=share.difference.value)
    shares = (decimals(4, share.first), decimals(4, share.second))
    table.add_row(name, *shares, difference, test, _figure(share.difference))


def decimals(number: int, value: float) -> str:
    """Return a value with 3, 4 or 6 decimals, as the console's language writes it."""
    return told(f"evaluation.decimals_{number}", value=value)


def _figure(estimate: Estimate) -> str:
    return " ".join(_cells(estimate)).strip()


def _cells(estimate: Estimate) -> tuple[str, str]:
    if estimate.value is None:
        return told("evaluation.undefined"), ""
    if estimate.interval is None:
        return decimals(4, estimate.value), told("evaluation.no_interval")
    low, high = estimate.interval
    key = "evaluation.from_to" if low < 0 else "evaluation.between"
    return decimals(4, estimate.value), told(key, low=low, high=high)
