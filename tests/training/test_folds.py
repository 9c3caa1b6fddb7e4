"""Thresholds from sources that other trainings held out."""

import json
from pathlib import Path

import numpy as np
import pytest

from screener.errors import UsageError
from screener.operating_points import shift_prevalence
from screener.training.folds import HELD_OUT, held_out_predictions


def model(folder: Path, prevalence: float, rows: list[tuple[str, str, float]]) -> Path:
    (folder / HELD_OUT).mkdir(parents=True)
    calibration = {"slope": 1.0, "intercept": 0.0, "prevalence": prevalence}
    (folder / "manifest.json").write_text(json.dumps({"calibration": calibration}))
    lines = [f"x.jpg,{label},{patient},0.0,{probability:.6f}" for label, patient, probability in rows]
    table = "\n".join(["file,label,patient,logit,probability", *lines])
    (folder / HELD_OUT / "predictions.csv").write_text(table + "\n")
    return folder


def test_predictions_are_pooled_on_one_scale(tmp_path: Path) -> None:
    first = model(tmp_path / "a", 0.5, [("NORMAL", "p1", 0.2), ("PNEUMONIA", "p2", 0.9)])
    second = model(tmp_path / "b", 0.8, [("NORMAL", "p3", 0.2)])
    labels, probabilities, patients = held_out_predictions([first, second], 0.5)
    np.testing.assert_array_equal(labels, [0, 1, 0])
    np.testing.assert_allclose(probabilities, [0.2, 0.9, shift_prevalence(0.2, 0.8, 0.5)])
    assert probabilities[2] < 0.2
    assert patients == ("p1", "p2", "p3")


def test_the_calibrations_own_scale_is_read_where_reports_have_another(tmp_path: Path) -> None:
    fold = model(tmp_path / "a", 0.5, [("NORMAL", "p1", 0.2)])
    table = "file,label,patient,logit,probability,probability_at_calibration\nx.jpg,NORMAL,p1,0.0,0.05,0.2\n"
    (fold / HELD_OUT / "predictions.csv").write_text(table)
    np.testing.assert_allclose(held_out_predictions([fold], 0.5)[1], [0.2])


def test_one_unknown_patient_leaves_all_unknown(tmp_path: Path) -> None:
    fold = model(tmp_path / "a", 0.5, [("NORMAL", "p1", 0.2), ("PNEUMONIA", "", 0.9)])
    assert held_out_predictions([fold], 0.5)[2] is None


def test_a_model_without_a_source_held_out_is_a_usage_error_that_names_it(tmp_path: Path) -> None:
    fold = model(tmp_path / "a", 0.5, [])
    (fold / HELD_OUT / "predictions.csv").unlink()
    with pytest.raises(UsageError, match="--hold-out-source"):
        held_out_predictions([fold], 0.5)
