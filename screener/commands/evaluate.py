"""screener evaluate: a model on labelled images, through the very path that 'scan' takes."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from screener.commands.console import log, make_progress, progress_console, results, shown
from screener.commands.train import missing_train_extra
from screener.domain import Cause, Finding, ImageFile, NotScreened
from screener.errors import DatasetError, ExitCode
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.options import EvaluateOptions
from screener.screening.local import LocalEngine
from screener.screening.unit import ScreenerSetup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screener.evaluation.estimates import Estimate
    from screener.evaluation.metrics import Evaluation
    from screener.training.dataset import LabelledImage

BATCH = 16


def evaluate(options: EvaluateOptions) -> ExitCode:
    """Measure a model on labelled images; write figures, predictions and plots; print a table."""
    try:
        import numpy as np

        from screener.evaluation.figures import write_evaluation
        from screener.evaluation.metrics import Predictions, evaluate_predictions
        from screener.training.dataset import read_dataset
    except ImportError as error:
        raise missing_train_extra("Evaluation", error) from error
    model = load_model_folder(options.model)
    dataset = read_dataset(options.data)
    outcomes = _screen([image.file for image in dataset.images], model, options.workers)
    missed = [*dataset.refused, *(each for each in outcomes if isinstance(each, NotScreened))]
    for each in missed:
        log(f"not evaluated {each.file}: {each.reason}")
    found = {each.file: each.prediction.logit for each in outcomes if isinstance(each, Finding)}
    images = [image for image in dataset.images if image.file.file in found]
    if not images:
        raise DatasetError(f"{options.data}: not one of its images can be screened.")
    logits = np.array([found[image.file.file] for image in images])
    predictions = Predictions(
        labels=np.array([image.label for image in images]),
        logits=logits,
        probabilities=np.array([model.calibration.probability(float(logit)) for logit in logits]),
        files=tuple(image.file.file for image in images),
        patients=tuple(image.patient for image in images) if dataset.patients_from else None,
    )
    evaluation = evaluate_predictions(predictions, tuple(model.operating_points.values()))
    write_evaluation(options.out, predictions, evaluation)
    _print(results(), evaluation, model, options.out)
    if missed:
        results().print(_lost(dataset.images, missed))
    return ExitCode.SOME_FAILED if any(each.cause is Cause.FAILED for each in missed) else ExitCode.DONE


def _lost(images: "Sequence[LabelledImage]", missed: list[NotScreened]) -> str:
    """Return how many images of each class have no probability: figures are of the others alone."""
    without = {each.file for each in missed}
    counts = []
    for label, name in enumerate(("normal", "pneumonia")):
        of_class = [image.file.file for image in images if image.label == label]
        counts.append(f"{sum(file in without for file in of_class)} of {len(of_class)} {name}")
    return (
        f"{len(missed)} images have no probability and are not in these figures ({', '.join(counts)}); "
        "their reasons are above."
    )


def _screen(files: list[ImageFile], model: ModelFolder, workers: int) -> list[Finding | NotScreened]:
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    task = progress.add_task("Evaluating", total=len(files), note="") if progress else None
    outcomes: list[Finding | NotScreened] = []
    with shown(progress), LocalEngine(ScreenerSetup.of(model), workers) as engine:
        for batch in engine.screen(files[i : i + BATCH] for i in range(0, len(files), BATCH)):
            outcomes.extend(batch)
            if progress is not None and task is not None:
                progress.advance(task, len(batch))
    return outcomes


def _print(console: Console, evaluation: "Evaluation", model: ModelFolder, out: Path) -> None:
    patients = "patients unknown" if evaluation.patients is None else f"{evaluation.patients} patients"
    overall = Table("figure", "value", "95 % interval", title=f"{evaluation.images} images, {patients}")
    for name in ("prevalence", "auc", "average_precision", "brier", "expected_calibration_error"):
        overall.add_row(name.replace("_", " "), *_cells(getattr(evaluation, name)))
    figures = ("sensitivity", "specificity", "precision", "npv", "f1", "accuracy")
    points = Table("figure", *(f"{p.name}\n≥ {p.threshold:.6f}" for p in evaluation.operating_points))
    for figure in figures:
        cells = [" ".join(_cells(getattr(point, figure))) for point in evaluation.operating_points]
        points.add_row(figure, *cells)
    console.print(overall)
    console.print(points)
    console.print(
        f"Intervals: {evaluation.interval_method}. Probabilities at the calibration's prevalence, "
        f"{model.calibration.prevalence:.3f}.\n"
        f"Model {model.identity}. Figures, predictions and plots are in {out}",
        markup=False,
    )


def _cells(estimate: "Estimate") -> tuple[str, str]:
    if estimate.value is None:
        return "undefined", ""
    if estimate.interval is None:
        return f"{estimate.value:.4f}", "none"
    low, high = estimate.interval
    return f"{estimate.value:.4f}", f"{low:.4f}–{high:.4f}"
