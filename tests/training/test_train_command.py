"""From the command line to a model folder that scan accepts; it trains, so it is marked slow."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from screener.cli import app
from screener.inference.model_folder import load_model_folder
from screener.inference.training_images import read_training_images
from screener.options import TrainOptions
from screener.resources import shipped_model
from tests.training.conftest import MakeDataset, write_kaggle_set

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="needs the extra 'train'")

Train = Callable[..., Result]


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Return a function that runs 'screener train' for seconds, starting from the shipped backbone."""
    from screener.training.network import BACKBONE, build_network

    network = build_network(224, 0.3)
    network.load_weights(shipped_model() / "model.weights.h5")
    backbone = tmp_path_factory.mktemp("backbone") / "backbone.weights.h5"
    network.get_layer(BACKBONE).save_weights(backbone)
    return partial(run_train, str(backbone))


def run_train(backbone: str, data: Path, out: Path, *more: str) -> Result:
    """Run 'screener train' for three short epochs."""
    quick = ["--head-epochs", "2", "--epochs", "1", "--unfreeze", "1", "--batch-size", "8"]
    rates = ["--head-learning-rate", "0.02", "--backbone", backbone]
    return CliRunner().invoke(app, ["train", str(data), "--out", str(out), *quick, *rates, *more])


@pytest.fixture(scope="module")
def trained(train: Train, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a model folder made by 'screener train' from made-up images, and what the command printed."""
    folder = tmp_path_factory.mktemp("training")
    write_kaggle_set(folder / "data", 28)
    model = folder / "models" / "tiny"
    result = train(folder / "data", model)
    assert result.exit_code == 0, result.output
    return model, result.output


def test_the_model_folder_is_whole(trained: tuple[Path, str]) -> None:
    model, printed = trained
    loaded = load_model_folder(model)
    assert str(loaded.identity) == "tiny@1.0.0"
    assert set(loaded.main.operating_points) == {"high_sensitivity", "balanced", "high_specificity"}
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


def test_the_images_of_training_and_validation_are_told_apart(trained: tuple[Path, str]) -> None:
    radiographs = read_training_images(trained[0])
    assert [(each.role, each.images) for each in radiographs.sets] == [("training", 36), ("validation", 10)]
    assert radiographs.complete
    assert "training_films.json" in load_model_folder(trained[0]).manifest["files"]


def test_one_picture_under_two_labels_ends_a_training_before_it_begins(train: Train, tmp_path: Path) -> None:
    write_kaggle_set(tmp_path / "data", 12)
    radiograph = cv2.imread(str(tmp_path / "data" / "train" / "NORMAL" / "IM-0003-0001.jpeg"))
    cv2.imwrite(str(tmp_path / "data" / "train" / "PNEUMONIA" / "person99_virus_1.png"), radiograph)
    result = train(tmp_path / "data", tmp_path / "model")
    assert result.exit_code == 2
    assert "One picture under two labels" in result.output
    assert "IM-0003-0001.jpeg (NORMAL)" in result.output


def test_a_second_run_does_not_overwrite_a_model(
    train: Train, trained: tuple[Path, str], tmp_path: Path
) -> None:
    model, _ = trained
    result = train(tmp_path, model)
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
    assert lines[0].startswith("file,label,patient,logit,probability,")
    assert len(lines) == 13
    assert json.loads((out / "metrics.json").read_text())["images"] == 12
    assert {path.name for path in out.glob("*.png")} >= {"roc.png", "precision_recall.png", "reliability.png"}
    assert "high_sensitivity" in result.output


def test_a_killed_run_goes_on_where_it_stood_and_ends_the_same(
    small_network: None, tmp_path: Path, make_kaggle_set: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.training import publish
    from screener.training.trainer import Trainer

    monkeypatch.setattr(publish, "write_figures", publish.write_evaluation)  # no pictures: see `trained`
    train = partial(run_train, "random")
    data = make_kaggle_set(12)
    whole = train(data, tmp_path / "whole")
    assert whole.exit_code == 0, whole.output
    whole_epoch = Trainer._epoch

    def killed_in_the_second(self: Trainer, phase: int, epoch: int) -> object:
        if epoch == 2:
            raise KeyboardInterrupt
        return whole_epoch(self, phase, epoch)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_epoch", killed_in_the_second)
        assert train(data, tmp_path / "killed").exit_code == 130
    resumed = train(data, tmp_path / "killed", "--resume")
    assert resumed.exit_code == 0, resumed.output
    assert "epoch 1 " not in resumed.output
    histories = [
        json.loads((tmp_path / name / "evaluation" / "history.json").read_text())
        for name in ("whole", "killed")
    ]
    for first, second in zip(*histories, strict=True):
        assert first["loss"] == pytest.approx(second["loss"], rel=1e-3)
        assert first["val_loss"] == pytest.approx(second["val_loss"], rel=1e-3)


def test_resuming_without_a_checkpoint_is_refused(
    train: Train, tmp_path: Path, make_kaggle_set: MakeDataset
) -> None:
    result = train(make_kaggle_set(4), tmp_path / "model", "--resume")
    assert result.exit_code == 2
    assert "no checkpoint" in result.output


def test_runs_of_several_seeds_can_be_averaged() -> None:
    from screener.training.network import average, build_network

    one, other = build_network(224, 0.3), build_network(224, 0.3)
    expected = [(a + b) / 2 for a, b in zip(one.get_weights(), other.get_weights(), strict=True)]
    average(one, [other])
    for found, wanted in zip(one.get_weights(), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_only_the_split_seed_decides_who_is_set_aside(tmp_path: Path) -> None:
    write_kaggle_set(tmp_path / "data", 12)

    def held_out(**seeds: int) -> list[str]:
        from screener.training.run import prepare_data

        options = TrainOptions(data=(tmp_path / "data",), out=tmp_path / "model", backbone="random", **seeds)
        return [each.image.file.name for each in prepare_data(options, Mock()).held_out]

    assert held_out(seed=1) == held_out(seed=2)
    assert held_out(split_seed=1) != held_out(split_seed=2)


def test_going_on_with_other_patients_set_aside_is_warned_of(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    from screener.training.run import prepare_data

    write_kaggle_set(tmp_path / "data", 12)
    given = {"data": (tmp_path / "data",), "out": tmp_path / "model", "backbone": str(trained[0])}
    reporter = Mock()
    prepare_data(TrainOptions(**given), reporter)
    assert not any("--split-seed" in str(said) for (said,), _ in reporter.say.call_args_list)
    prepare_data(TrainOptions(**given, split_seed=5), reporter)
    told = [str(said) for (said,), _ in reporter.say.call_args_list]
    assert any("set patients aside with --split-seed 20261122" in each for each in told)
