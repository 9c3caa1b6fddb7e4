"""Small labelled datasets, made up on the spot."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

MakeDataset = Callable[..., Path]


def write_film(path: Path, label: int, seed: int, size: int = 160) -> None:
    """Write a JPEG that no radiologist would read, but a network can: pneumonia is bright below."""
    rng = np.random.default_rng(seed)
    film = rng.normal(70, 12, (size, size))
    if label:
        film[size // 2 :] += 90
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.clip(film, 0, 255).astype(np.uint8))


@pytest.fixture
def make_kaggle_set(tmp_path: Path) -> MakeDataset:
    """Return a function that writes a folder in the Kaggle layout: so many films of each class."""

    def make(count: int, parts: tuple[str, ...] = ("train",)) -> Path:
        data = tmp_path / "chest_xray"
        for offset, part in enumerate(parts):
            for i in range(count):
                number = 1000 * offset + i
                write_film(data / part / "NORMAL" / f"IM-{number:04d}-0001.jpeg", 0, number)
                write_film(data / part / "PNEUMONIA" / f"person{number}_virus_{i}.jpeg", 1, 9000 + number)
        return data

    return make
