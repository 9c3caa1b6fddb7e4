"""What an evaluation leaves in a folder: metrics.json, predictions.csv and the pictures."""

import csv
import json
import os
from pathlib import Path

from screener.errors import OutputError
from screener.evaluation.clinical_figures import write_prior_shift, write_subgroups
from screener.evaluation.labels import CLASS_NAMES
from screener.evaluation.metrics import Evaluation, Predictions
from screener.evaluation.plots import (
    plot_confusion_matrix,
    plot_precision_recall,
    plot_reliability,
    plot_roc,
)
from screener.operating_points import PROBABILITY_DECIMALS

COLUMNS = (
    "file",
    "label",
    "patient",
    "logit",
    "probability",
    "probability_at_calibration",
    "probability_at_set_prevalence",
)


def write_evaluation(
    directory: Path, predictions: Predictions, evaluation: Evaluation, default_point: str | None = None
) -> None:
    """Write metrics.json, predictions.csv and one PNG for each plot, making the directory if need be.

    Its probabilities are those of reports, at the calibration's own prevalence, and at that of these images,
    which Brier score, calibration error and reliability curve rest on; see metrics.Prevalences.
    predictions.csv names patients: it is for the owner of the data, and readable by its owner alone.

    Raises:
        OutputError: The directory or a file in it cannot be written.
    """
    write_figures(directory, predictions, evaluation, default_point)
    try:
        _write_predictions(directory / "predictions.csv", predictions)
    except OSError as error:
        raise OutputError.cannot_write(Path(error.filename or directory), error) from error


def write_figures(
    directory: Path, predictions: Predictions, evaluation: Evaluation, default_point: str | None = None
) -> None:
    """Write what may leave the house: metrics.json, subgroups.csv and the plots, without files or patients.

    default_point: the operating point that subgroups are drawn at; without one the first.

    Raises:
        OutputError: The directory or a file in it cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        text = json.dumps(evaluation.to_json(), indent=2, allow_nan=False, ensure_ascii=False)
        (directory / "metrics.json").write_text(text + "\n", encoding="utf-8")
        for point in evaluation.operating_points:
            plot_confusion_matrix(point, directory / f"confusion_matrix_{point.name}.png")
        plot_roc(predictions, evaluation, directory / "roc.png")
        plot_precision_recall(predictions, evaluation, directory / "precision_recall.png")
        plot_reliability(predictions, evaluation, directory / "reliability.png")
        if evaluation.subgroups and evaluation.operating_points:
            name = default_point or evaluation.operating_points[0].name
            write_subgroups(directory, evaluation.subgroups, name)
        if evaluation.prior_shift:
            write_prior_shift(directory, evaluation.prior_shift)
    except OSError as error:
        raise OutputError.cannot_write(Path(error.filename or directory), error) from error


def _write_predictions(path: Path, predictions: Predictions) -> None:
    """Write one row for each image, in the order given; patient is empty where unknown."""
    patients = predictions.patients or ("",) * len(predictions.files)
    scales = (None, predictions.calibration_prevalence, predictions.set_prevalence)
    columns = (
        predictions.files,
        predictions.labels,
        patients,
        predictions.logits,
        *(predictions.moved(each).probabilities for each in scales),
    )
    path.unlink(missing_ok=True)
    with open(path, "x", encoding="utf-8", newline="", opener=_private) as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        for file, label, patient, *values in zip(*columns, strict=True):
            numbers = (f"{value:.{PROBABILITY_DECIMALS}f}" for value in values)
            rows.writerow((file, CLASS_NAMES[label], patient, *numbers))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
