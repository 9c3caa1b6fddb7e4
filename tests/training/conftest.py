"""Small labelled datasets, made up on the spot."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.training.small_network import small_backbone

MakeDataset = Callable[..., Path]


def write_radiograph(path: Path, label: int, seed: int, size: int = 160) -> None:
    """Write a JPEG that no radiologist would read, but a network can: pneumonia is coarse, normal smooth."""
    rng = np.random.default_rng(seed)
    across = np.linspace(40, 200, size)
    radiograph = np.tile(across, (size, 1)) + rng.normal(0, 2, (size, size))
    if label:
        radiograph += cv2.resize(rng.normal(0, 70, (size // 5, size // 5)), (size, size))
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.clip(radiograph, 0, 255).astype(np.uint8))


def write_kaggle_set(data: Path, count: int, parts: tuple[str, ...] = ("train",)) -> None:
    """Write a folder in the Kaggle layout: so many images of each class in each part."""
    for offset, part in enumerate(parts):
        for i in range(count):
            number = 1000 * offset + i
            write_radiograph(data / part / "NORMAL" / f"IM-{number:04d}-0001.jpeg", 0, number)
            write_radiograph(data / part / "PNEUMONIA" / f"person{number}_virus_{i}.jpeg", 1, 9000 + number)


@pytest.fixture
def small_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every network be built on a backbone of three layers: a hundredth of the work."""
    import keras

    monkeypatch.setattr(keras.applications, "MobileNetV2", small_backbone)


@pytest.fixture
def make_kaggle_set(tmp_path: Path) -> MakeDataset:
    """Return a function that writes such a folder and returns it."""

    def make(count: int, parts: tuple[str, ...] = ("train",)) -> Path:
        write_kaggle_set(tmp_path / "chest_xray", count, parts)
        return tmp_path / "chest_xray"

    return make
