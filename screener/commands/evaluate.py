"""screener evaluate: a model on labelled images, through the very path that 'scan' takes."""

import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screener.commands.console import log, results
from screener.commands.console_language import here
from screener.commands.labelled import fingerprints, report_missed, screen_labelled, with_digests
from screener.commands.remarks import SharedImages, shared_images, swapped_labels
from screener.commands.train import missing_train_extra
from screener.domain import Cause, Finding, NotScreened
from screener.engines.worker import ScreenerSetup
from screener.errors import DatasetError, ExitCode, OutputError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.inference.populations import Population, manifest_of
from screener.options import EvaluateOptions
from screener.said import Said, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screener.evaluation.comparison import Comparison
    from screener.evaluation.decision_curve import DecisionCurve
    from screener.evaluation.metrics import Evaluation, Predictions
    from screener.training.dataset import LabelledDataset, LabelledImage


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """A model on a dataset: what it says of the images it can screen, and those that it cannot."""

    model: ModelFolder
    population: Population
    predictions: "Predictions"
    missed: list[NotScreened]
    shared: SharedImages


def evaluate(options: EvaluateOptions) -> ExitCode:
    """Measure a model on labelled images; write figures, predictions and plots; print tables."""
    try:
        import screener.evaluation.model_figures  # noqa: F401  # what the extra brings, before any image is read
        from screener.training.dataset import read_dataset
    except ImportError as error:
        raise missing_train_extra(say("evaluation.evaluation"), error) from error
    models = [load_model_folder(each) for each in (options.model, options.compare) if each is not None]
    dataset, copies = with_digests(read_dataset(options.data))
    if copies:
        log(say("evaluation.note", note=copies))
    parts = _by_population(dataset, models[0], options)
    codes = []
    for name, part in parts.items():
        out = options.out / name if len(parts) > 1 else options.out
        codes.append(_evaluate(part, name, models, replace(options, out=out)))
    return max(codes)


def _by_population(
    dataset: "LabelledDataset", model: ModelFolder, options: EvaluateOptions
) -> "dict[str, LabelledDataset]":
    """Return the images by the population that 'scan' reads them as; unreadable files go with the first."""
    scales = model.scales(options.population, options.default_population)
    images: dict[str, list[LabelledImage]] = {}
    for image in dataset.images:
        images.setdefault(scales.of_years(image.age_years).population, []).append(image)
    unknown = sum(image.age_years is None for image in dataset.images)
    if unknown and len(scales.each) > 1:
        images_in_all = len(dataset.images)
        log(say("evaluation.ages_unknown", count=unknown, all=images_in_all, default=scales.default))
    parts = {name: replace(dataset, images=tuple(found), refused=()) for name, found in images.items()}
    first = next(iter(parts))
    return {**parts, first: replace(parts[first], refused=dataset.refused)}


def _evaluate(
    dataset: "LabelledDataset", population: str, models: list[ModelFolder], options: EvaluateOptions
) -> ExitCode:
    """Measure one population; write figures, predictions and plots; print tables."""
    from screener.commands.evaluate_tables import print_comparison, print_evaluation
    from screener.evaluation.metrics import evaluate_predictions
    from screener.evaluation.model_figures import write_evaluation

    measured, *others = (_measure(model, population, dataset, options) for model in models)
    evaluation = evaluate_predictions(measured.predictions, measured.population.printed_points)
    default = measured.population.default_operating_point
    remarks = [
        *filter(None, [swapped_labels(evaluation.auc, dataset.labels_from)]),
        *(line for each in (measured, *others) for line in each.shared.in_words()),
    ]
    overlaps = tuple(each.to_json() for each in measured.shared.overlaps) if measured.shared.known else None
    evaluation = replace(evaluation, training_overlap=overlaps, remarks=tuple(remarks))
    write_evaluation(options.out, measured.predictions, evaluation, default)
    curves = _decision_curves(measured.predictions, options)
    _write_checklist(measured, evaluation, curves, options)
    print_evaluation(results(), evaluation, measured.model, measured.population, options.out)
    if measured.missed:
        results().print(here(_lost(dataset.images, measured.missed)))
    for other in others:
        print_comparison(results(), _compare(measured, other, options), default)
    for remark in remarks:
        results().print(here(remark), markup=False)
    failed = any(each.cause is Cause.FAILED for each in measured.missed)
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


def _measure(
    model: ModelFolder, population: str, dataset: "LabelledDataset", options: EvaluateOptions
) -> _Measured:
    """population: as which the first model reads these images; a second one may know no such population."""
    import numpy as np

    from screener.evaluation.metrics import Predictions
    from screener.evaluation.subgroups import groups_of

    outcomes = screen_labelled(
        dataset.images, ScreenerSetup.of(model), options.workers, say("evaluation.evaluating")
    )
    missed = [*dataset.refused, *(each for each in outcomes if isinstance(each, NotScreened))]
    report_missed("evaluation.not_evaluated", missed)
    found = {each.file: each.prediction.logit for each in outcomes if isinstance(each, Finding)}
    images = [image for image in dataset.images if image.file.name in found]
    if not images:
        raise DatasetError("evaluation.none_screened", data=options.data)
    logits = np.array([found[image.file.name] for image in images])
    read_as = _read_as(model, population, images)
    predictions = Predictions.calibrated(
        read_as.calibration,
        read_as.prevalence,
        np.array([image.label for image in images]),
        logits,
        files=tuple(image.file.name for image in images),
        patients=tuple(image.patient for image in images) if dataset.patients_from else None,
        groups=groups_of(images),
    )
    shared = shared_images(model, list(fingerprints(outcomes).values()))
    return _Measured(model, read_as, predictions, missed, shared)


def _read_as(model: ModelFolder, population: str, images: "Sequence[LabelledImage]") -> Population:
    """Return a model's population of this name; of a model without it, that of the images' ages."""
    ages = [image.age_years for image in images if image.age_years is not None]
    by_age = model.scales().of_years(statistics.median(ages) if ages else None).population
    names = [each.name for each in model.populations]
    return model.populations[names.index(population if population in names else by_age)]


def _decision_curves(predictions: "Predictions", options: EvaluateOptions) -> "list[DecisionCurve]":
    """Return the curve at these images' prevalence and at the one stated; none without both classes."""
    from screener.evaluation.clinical_figures import write_decision_curves
    from screener.evaluation.decision_curve import decision_curve

    if len(set(predictions.labels.tolist())) < 2:
        log(say("evaluation.no_decision_curve"))
        return []
    curves = [decision_curve(predictions)]
    if options.prevalence is not None:
        curves.append(decision_curve(predictions, options.prevalence))
    write_decision_curves(options.out, curves)
    return curves


def _write_checklist(
    measured: _Measured, evaluation: "Evaluation", curves: "list[DecisionCurve]", options: EvaluateOptions
) -> None:
    from screener.training.checklist import render_checklist

    text = render_checklist(
        manifest_of(measured.model.manifest, measured.population.name),
        evaluation,
        evaluated_on=options.data.name,
        left_out=len(measured.missed),
        curve=curves[0] if curves else None,
    )
    path = options.out / "checklist.md"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError.cannot_write(path, error) from error


def _compare(first: _Measured, second: _Measured, options: EvaluateOptions) -> "Comparison":
    """Test two models on the images that both can screen; write what comes of it."""
    import numpy as np

    from screener.evaluation.clinical_figures import write_comparison
    from screener.evaluation.comparison import Contender, compare_models

    common = set(first.predictions.files) & set(second.predictions.files)
    if not common:
        raise DatasetError("evaluation.none_by_both", data=options.data)
    one, other = (
        Contender(
            str(each.model.identity),
            each.predictions.part(np.array([file in common for file in each.predictions.files])),
            each.population.printed_points,
        )
        for each in (first, second)
    )
    if one.name == other.name:  # two trainings of one name
        one, other = (
            replace(one, name=f"{one.name} (--model)"),
            replace(other, name=f"{other.name} (--compare)"),
        )
    either = set(first.predictions.files) | set(second.predictions.files)
    comparison = compare_models(one, other, left_out=len(either - common))
    write_comparison(options.out, one.predictions, other.predictions, comparison)
    return comparison


def _lost(images: "Sequence[LabelledImage]", missed: list[NotScreened]) -> Said:
    """Return how many images of each class have no probability: figures are of the others alone."""
    without = {each.file for each in missed}
    normal, ill = ([image.file.name for image in images if image.label == label] for label in (0, 1))
    return say(
        "evaluation.lost",
        count=len(missed),
        normal=sum(file in without for file in normal),
        of_normal=len(normal),
        ill=sum(file in without for file in ill),
        of_ill=len(ill),
    )
