"""From the command line to a model folder that scan accepts; a minute of training, so marked slow."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from screener.cli import app
from screener.inference.model_folder import load_model_folder
from tests.training.conftest import MakeDataset

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="needs the extra 'train'")

QUICK = [
    "--backbone",
    "random",
    "--head-epochs",
    "2",
    "--epochs",
    "1",
    "--unfreeze",
    "1",
    "--batch-size",
    "8",
]
FAST = ["--head-learning-rate", "0.02"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a model folder made by 'screener train' from made-up films, and what the command printed."""
    folder = tmp_path_factory.mktemp("training")
    data = MakeDatasetIn(folder)(28)
    model = folder / "models" / "tiny"
    result = CliRunner().invoke(app, ["train", str(data), "--out", str(model), *QUICK, *FAST])
    assert result.exit_code == 0, result.output
    return model, result.output


def MakeDatasetIn(folder: Path) -> MakeDataset:  # noqa: N802 - a fixture's maker, called once
    from tests.training.conftest import write_film

    def make(count: int) -> Path:
        for i in range(count):
            write_film(folder / "data" / "train" / "NORMAL" / f"IM-{i:04d}-0001.jpeg", 0, i)
            write_film(folder / "data" / "train" / "PNEUMONIA" / f"person{i}_virus_{i}.jpeg", 1, 900 + i)
        return folder / "data"

    return make


def test_the_model_folder_is_whole(trained: tuple[Path, str]) -> None:
    model, printed = trained
    loaded = load_model_folder(model)
    assert str(loaded.identity) == "tiny@1.0.0"
    assert set(loaded.operating_points) == {"high_sensitivity", "balanced", "high_specificity"}
    assert "Held-out patients" in printed
    for name in ("MODEL_CARD.md", "evaluation/history.png", "evaluation/held_out/roc.png"):
        assert name in loaded.manifest["files"]


def test_no_patient_or_file_name_is_in_the_model_folder(trained: tuple[Path, str]) -> None:
    model, _ = trained
    for path in model.rglob("*"):
        if path.suffix in (".json", ".md", ".csv"):
            text = path.read_text(encoding="utf-8")
            assert "person1" not in text
            assert "IM-0001" not in text


def test_the_export_says_what_keras_says_of_any_picture(trained: tuple[Path, str]) -> None:
    from screener.inference.classifier import Classifier
    from screener.training.network import build_network
    from screener.training.trainer import predict_logits

    model, _ = trained
    network = build_network(224, 0.3)
    network.load_weights(model / "model.weights.h5")
    classifier = Classifier(model / "model.tflite")
    squares = np.random.default_rng(5).integers(0, 256, (4, 224, 224), dtype=np.uint8)
    predictions = [classifier.predict(square) for square in squares]
    logits = np.array([prediction.logit for prediction in predictions])
    np.testing.assert_allclose(logits, predict_logits(network, squares[..., np.newaxis]), atol=1e-3)
    for prediction in predictions:
        assert prediction.activation_map.shape == (7, 7)
        assert prediction.activation_map.mean() == pytest.approx(prediction.logit, abs=1e-3)


def test_the_parts_share_no_image_and_the_counts_add_up(trained: tuple[Path, str]) -> None:
    model, _ = trained
    manifest = json.loads((model / "manifest.json").read_text())
    assert sum(manifest[part]["images"] for part in ("training", "validation", "held_out")) == 56


def test_a_second_run_does_not_overwrite_a_model(trained: tuple[Path, str], tmp_path: Path) -> None:
    model, _ = trained
    result = CliRunner().invoke(app, ["train", str(tmp_path), "--out", str(model), *QUICK])
    assert result.exit_code == 2
    assert "a model is there already" in result.output


def test_the_model_card_says_what_was_measured(trained: tuple[Path, str]) -> None:
    model, _ = trained
    card = (model / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| held-out | 10 | 5 | 5 | 10 |" in card
    assert "not a medical device" in card


def test_evaluate_writes_figures_predictions_and_plots(
    trained: tuple[Path, str], tmp_path: Path, make_kaggle_set: MakeDataset
) -> None:
    model, _ = trained
    out = tmp_path / "evaluation"
    data = make_kaggle_set(6, parts=("test",)) / "test"
    result = CliRunner().invoke(app, ["evaluate", str(data), "--model", str(model), "--out", str(out)])
    assert result.exit_code == 0, result.output
    lines = (out / "predictions.csv").read_text().splitlines()
    assert lines[0] == "file,label,patient,logit,probability"
    assert len(lines) == 13
    assert json.loads((out / "metrics.json").read_text())["images"] == 12
    assert {path.name for path in out.glob("*.png")} >= {"roc.png", "precision_recall.png", "reliability.png"}
    assert "high_sensitivity" in result.output


def test_a_killed_run_goes_on_where_it_stood_and_ends_the_same(
    tmp_path: Path, make_kaggle_set: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.training.trainer import Trainer

    data = make_kaggle_set(12)

    def run(name: str, *more: str) -> tuple[int, str]:
        arguments = ["train", str(data), "--out", str(tmp_path / name), *QUICK, *FAST, *more]
        result = CliRunner().invoke(app, arguments)
        return result.exit_code, result.output

    assert run("whole")[0] == 0
    epochs = Trainer._epoch

    def killed_after_two(self: Trainer, phase: int, epoch: int) -> object:
        if epoch == 2:
            raise KeyboardInterrupt
        return epochs(self, phase, epoch)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_epoch", killed_after_two)
        assert run("killed")[0] == 130
    code, printed = run("killed", "--resume")
    assert code == 0, printed
    assert "epoch 1 " not in printed
    histories = [
        json.loads((tmp_path / name / "evaluation" / "history.json").read_text())
        for name in ("whole", "killed")
    ]
    for first, second in zip(*histories, strict=True):
        assert first["loss"] == pytest.approx(second["loss"], rel=1e-3)
        assert first["val_loss"] == pytest.approx(second["val_loss"], rel=1e-3)


def test_resuming_with_other_options_is_refused(tmp_path: Path, make_kaggle_set: MakeDataset) -> None:
    data = make_kaggle_set(4)
    arguments = ["train", str(data), "--out", str(tmp_path / "model"), *QUICK, "--resume"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "no checkpoint" in result.output
