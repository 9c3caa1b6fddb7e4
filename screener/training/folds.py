"""Predictions on sources that a training held out, for thresholds that hold on sources not yet seen."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from screener.errors import UsageError, why
from screener.evaluation.intervals import FloatArray, IntArray
from screener.inference.model_folder import MANIFEST
from screener.operating_points import shift_prevalence
from screener.training.dataset import CLASS_NAMES

HELD_OUT = Path("evaluation") / "held_out"
PREDICTIONS = "predictions.csv"


def held_out_predictions(
    models: Sequence[Path], prevalence: float
) -> tuple[IntArray, FloatArray, tuple[str, ...] | None]:
    """Return labels, probabilities and patients of all images that these models held out, pooled.

    Each model counts the same: an image that two of them held out is there twice, and the bootstrap by
    patient knows it. prevalence: 0..1; the probabilities are shifted to it from the model's own.

    Raises:
        UsageError: A folder is not the model of a training with --hold-out-source.
    """
    labels: list[int] = []
    probabilities: list[float] = []
    patients: list[str] = []
    for model in models:
        try:
            manifest = json.loads((model / MANIFEST).read_text(encoding="utf-8"))
            own = float(manifest["calibration"]["prevalence"])
            with (model / HELD_OUT / PREDICTIONS).open(newline="", encoding="utf-8") as stream:
                for row in csv.DictReader(stream):
                    labels.append(CLASS_NAMES.index(row["label"]))
                    # "probability" is the reports' since there is a column for the calibration's own.
                    probability = row.get("probability_at_calibration") or row["probability"]
                    probabilities.append(shift_prevalence(float(probability), own, prevalence))
                    patients.append(row["patient"])
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise UsageError("training.held_nothing_out", model=model, error=why(error)) from error
    return np.array(labels), np.array(probabilities), tuple(patients) if all(patients) else None
