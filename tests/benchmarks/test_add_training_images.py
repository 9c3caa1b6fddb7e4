"""Digests are added to a model only where its very images lie there."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")

from benchmarks.add_training_images import divided_again
from screener.errors import DatasetError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.resources import shipped_model
from screener.training.dataset import read_sites, with_digest
from screener.training.splits import split_sites
from tests.training.conftest import write_kaggle_set

SEED = 5


@pytest.fixture
def model(tmp_path: Path) -> ModelFolder:
    """The shipped model, said to be trained on a small set."""
    write_kaggle_set(tmp_path / "images", 20)
    dataset = read_sites([tmp_path / "images"])
    split = split_sites([with_digest(image) for image in dataset.images], True, SEED)
    counts = {
        name: {
            "images": len(part),
            "pneumonia": sum(image.label for image in part),
            "patients": len({image.patient for image in part}),
        }
        for name, part in (
            ("training", split.training), ("validation", split.validation), ("held_out", split.held_out),
        )
    }  # fmt: skip
    counts["training"]["seed"] = SEED
    shipped = load_model_folder(shipped_model())
    return replace(shipped, manifest={**shipped.manifest, **counts})


def test_the_same_images_are_divided_as_they_were(model: ModelFolder, tmp_path: Path) -> None:
    assert len(divided_again(model, [tmp_path / "images"]).training) == model.manifest["training"]["images"]


def test_other_images_are_refused(model: ModelFolder, tmp_path: Path) -> None:
    next((tmp_path / "images").rglob("IM-*.jpeg")).unlink()
    with pytest.raises(DatasetError, match="had"):
        divided_again(model, [tmp_path / "images"])
