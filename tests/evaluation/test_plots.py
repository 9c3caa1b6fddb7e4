import csv
import json

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from screener.errors import OutputError
from screener.evaluation.history import EpochRecord
from screener.evaluation.metrics import Predictions, evaluate_predictions
from screener.evaluation.model_figures import write_evaluation
from screener.evaluation.operating_point import choose_operating_points
from screener.evaluation.plots import plot_history
from screener.operating_points import OperatingPoint

PICTURES = {"roc.png", "precision_recall.png", "reliability.png"}


def is_drawn(path):
    """A picture of some size with something on it."""
    pixels = imread(path)
    return min(pixels.shape[:2]) > 300 and np.ptp(pixels[..., :3]) > 0.5


@pytest.fixture(scope="module")
def folder(make_predictions, tmp_path_factory):
    made = make_predictions(images=120, patients=80)
    points = choose_operating_points(made.labels, made.probabilities, made.patients)
    directory = tmp_path_factory.mktemp("models") / "new" / "evaluation"
    write_evaluation(directory, made, evaluate_predictions(made, points))
    return directory


def test_an_evaluation_leaves_figures_predictions_and_pictures(folder):
    matrices = {
        f"confusion_matrix_{name}.png" for name in ("high_sensitivity", "balanced", "high_specificity")
    }
    names = {path.name for path in folder.iterdir()}
    assert names == PICTURES | matrices | {"metrics.json", "predictions.csv"}
    assert all(is_drawn(path) for path in folder.glob("*.png"))
    assert json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["images"] == 120


def test_predictions_have_one_row_each_with_six_decimals(folder):
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header[:5] == ["file", "label", "patient", "logit", "probability"]
    assert header[5:] == ["probability_at_calibration", "probability_at_set_prevalence"]
    assert len(rows) == 120
    assert {row[1] for row in rows} == {"NORMAL", "PNEUMONIA"}
    assert all(len(number.split(".")[1]) == 6 for row in rows for number in row[3:])
    assert "\r" not in (folder / "predictions.csv").read_bytes().decode()


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_of_unknown_patients_still_leaves_everything(label, tmp_path):
    logits = np.array([-1.0, 0.0, 2.0])
    made = Predictions(np.full(3, label), logits, 1 / (1 + np.exp(-logits)), ("a", "b", "c"))
    write_evaluation(tmp_path, made, evaluate_predictions(made, [OperatingPoint("custom", 0.5)]))
    expected = PICTURES | {"confusion_matrix_custom.png"}
    assert {path.name for path in tmp_path.glob("*.png") if is_drawn(path)} == expected
    with (tmp_path / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["patient"] for row in csv.DictReader(stream)] == ["", "", ""]


def test_a_folder_that_cannot_be_made_is_an_output_error(make_predictions, tmp_path):
    (tmp_path / "taken").write_text("a file")
    made = make_predictions(images=20)
    with pytest.raises(OutputError, match="cannot be written"):
        write_evaluation(tmp_path / "taken", made, evaluate_predictions(made, []))


def epochs(phases):
    return [
        EpochRecord(number, phase, 0.5 / number, 0.9, 0.6 / number, 0.88, 0.95, 1e-3, 30.0)
        for number, phase in enumerate(phases, start=1)
    ]


@pytest.mark.parametrize(
    "phases",
    [
        pytest.param([1, 1, 2, 2], id="both phases"),
        pytest.param([1, 1], id="head alone"),
        pytest.param([1], id="one epoch"),
    ],
)
def test_history_is_drawn(phases, tmp_path):
    plot_history(epochs(phases), tmp_path / "history.png")
    assert is_drawn(tmp_path / "history.png")


def test_drawing_leaves_matplotlibs_settings_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    plot_history(epochs([1, 2]), tmp_path / "history.png")
    assert dict(matplotlib.rcParams) == before
