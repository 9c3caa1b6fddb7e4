"""evaluate asks about swapped labels, refuses one picture under two, and names shared images."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from screener.commands.remarks import SharedImages, swapped_labels
from screener.evaluation.estimates import Estimate
from screener.fingerprint import fingerprint
from screener.inference.model_folder import load_model_folder, seal_model_folder
from screener.inference.training_images import (
    TRAINED,
    TrainingImages,
    image_set,
    write_training_images,
)
from screener.resources import shipped_model
from tests.commands.conftest import invoke, radiograph

EXPORTS = Path(__file__).parents[2] / "sample_data" / "studies" / "exports"
QUESTION = "Are the labels swapped?"


def write_set(folder: Path, healthy: str, ill: str, count: int = 8) -> Path:
    """Write images of the samples, each with a haze of its own, into folders of these classes."""
    for label, source in ((healthy, "film-01.jpg"), (ill, "film-02.jpg")):
        sample = cv2.resize(cv2.imread(str(EXPORTS / source), cv2.IMREAD_GRAYSCALE), (220, 256))
        for number in range(count):
            (folder / label).mkdir(parents=True, exist_ok=True)
            rng = np.random.default_rng((number, healthy == label))
            haze = cv2.resize(rng.normal(0, 8, (6, 6)), (220, 256), interpolation=cv2.INTER_CUBIC)
            hazy = np.clip(sample + haze, 0, 255).astype(np.uint8)
            cv2.imwrite(str(folder / label / f"{number}.png"), hazy)
    return folder


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
def test_swapped_folders_are_asked_about(tmp_path: Path) -> None:
    right = write_set(tmp_path / "right", "NORMAL", "PNEUMONIA")
    swapped = write_set(tmp_path / "swapped", "PNEUMONIA", "NORMAL")
    told = [
        words(invoke("evaluate", each, "--out", tmp_path / f"{each.name}-out", "--workers", 1).output)
        for each in (right, swapped)
    ]
    assert QUESTION not in told[0]
    assert f"{QUESTION} They come from the folders NORMAL and PNEUMONIA of swapped" in told[1]
    metrics = json.loads((tmp_path / "swapped-out" / "metrics.json").read_text(encoding="utf-8"))
    assert any(QUESTION in remark for remark in metrics["remarks"])


def test_an_auc_below_chance_asks_and_says_where_it_may_be_chance() -> None:
    surely = str(swapped_labels(Estimate(0.2, (0.1, 0.4)), "column 'label' of a.csv"))
    perhaps = str(swapped_labels(Estimate(0.4, (0.2, 0.6)), "column 'label' of a.csv"))
    assert QUESTION in surely
    assert "may be chance" not in surely
    assert QUESTION in perhaps
    assert perhaps.endswith("The interval contains 0.5: it may be chance.")
    assert not swapped_labels(Estimate(0.9, (0.8, 0.95)), "")
    assert not swapped_labels(Estimate(None), "")


def test_one_picture_in_two_containers_under_two_labels_is_an_error(tmp_path: Path) -> None:
    for label in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "data" / label).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "data" / "NORMAL" / "a.png"), radiograph(1))
    cv2.imwrite(
        str(tmp_path / "data" / "PNEUMONIA" / "b.png"), radiograph(1), [cv2.IMWRITE_PNG_COMPRESSION, 0]
    )
    cv2.imwrite(str(tmp_path / "data" / "PNEUMONIA" / "c.png"), radiograph(2))
    result = invoke("evaluate", tmp_path / "data", "--out", tmp_path / "out", "--workers", 1)
    assert result.exit_code == 2
    assert "One picture under two labels" in result.output
    assert "a.png (NORMAL) and" in words(result.output)
    assert "b.png (PNEUMONIA)" in words(result.output)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_set_that_the_model_was_trained_on_is_told_so(tmp_path: Path) -> None:
    data = write_set(tmp_path / "data", "NORMAL", "PNEUMONIA")
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(data.rglob("*.png"))]
    model = tmp_path / "model"
    shutil.copytree(shipped_model(), model)
    described = dict(load_model_folder(model).manifest)
    radiographs = image_set(TRAINED, [fingerprint(each) for each in pictures])
    write_training_images(model, TrainingImages((radiographs,)))
    seal_model_folder(model, {key: described[key] for key in described if key not in ("format", "files")})
    out = tmp_path / "out"
    result = invoke("evaluate", data, "--model", model, "--compare", model, "--out", out, "--workers", 1)
    assert result.exit_code == 0, result.output
    assert words(result.output).count("were trained on by pneumonia-mobilenetv2@") == 2
    assert json.loads((out / "metrics.json").read_text())["training_overlap"][0]["evident"]


def test_a_model_that_does_not_say_leaves_it_unknown() -> None:
    (said,) = SharedImages("net@1.0.0", (), known=False, complete=False).in_words()
    assert str(said).startswith("Whether this set shares images with the training of net@1.0.0 is unknown")
