import os
from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.intake import scan_roots
from screener.intake.roots import _labels
from screener.locations import ObjectUrl


@pytest.fixture
def folders(tmp_path):
    def make(*names):
        paths = [tmp_path / name for name in names]
        for path in paths:
            path.mkdir(parents=True)
        return paths

    return make


def labels(paths):
    return [root.label for root in scan_roots(paths)]


def test_roots_that_differ_by_their_store_alone_are_told_apart():
    paths = [ObjectUrl("s3://b/x"), ObjectUrl("gs://b/x"), Path("/b/x"), ObjectUrl("s3://b/y")]
    assert _labels(paths) == ["s3/b/x", "gs/b/x", "b/x", "y"]


def test_one_folder_needs_no_label(folders):
    assert labels(folders("studies")) == [""]


def test_a_file_is_called_by_its_base_name(tmp_path):
    path = tmp_path / os.fsdecode(b"image\xff.dcm")
    path.touch()
    assert labels([path]) == [r"image\xff.dcm"]


def test_several_roots_are_told_apart_by_name(folders):
    assert labels(folders("ward", "annex")) == ["ward", "annex"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["a/x", "b/x"], ["a/x", "b/x"], id="parents differ"),
        pytest.param(["a/p/x", "b/p/x", "c/y"], ["a/p/x", "b/p/x", "y"], id="grandparents differ"),
        pytest.param(["r/x", "p/y", "x/y"], ["r/x", "p/y", "x/y"], id="one label would continue another"),
    ],
)
def test_roots_of_one_name_get_the_shortest_part_that_tells_them_apart(folders, names, expected, tmp_path):
    found = labels(folders(*names))
    assert [label.removeprefix(tmp_path.name + "/") for label in found] == expected


def test_a_relative_path_becomes_absolute(folders, monkeypatch, tmp_path):
    folders("ward")
    monkeypatch.chdir(tmp_path)
    [root] = scan_roots([tmp_path.__class__("ward/../ward")])
    assert root.path == tmp_path / "ward"


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["ward", "ward"], id="twice"),
        pytest.param(["ward", "ward/inner"], id="outer first"),
        pytest.param(["ward/inner", "ward"], id="inner first"),
        pytest.param(["link", "ward/inner"], id="through a link"),
    ],
)
def test_roots_that_overlap_are_a_usage_error(folders, tmp_path, names):
    folders("ward/inner")
    (tmp_path / "link").symlink_to(tmp_path / "ward")
    with pytest.raises(UsageError, match="counted twice"):
        scan_roots([tmp_path / name for name in names])


def test_a_name_that_only_begins_like_another_is_no_overlap(folders):
    assert labels(folders("ward", "ward2")) == ["ward", "ward2"]


@pytest.mark.parametrize("name", ["gone", pytest.param("x" * 300, id="name too long")])
def test_a_missing_root_is_a_usage_error(folders, tmp_path, name):
    with pytest.raises(UsageError, match="Is the share mounted"):
        scan_roots([*folders("ward"), tmp_path / name])


def test_a_path_that_cannot_be_reached_says_why(tmp_path):
    loop = tmp_path / "studies"
    loop.symlink_to(loop)
    with pytest.raises(UsageError, match=r"studies: cannot be reached: .*symbolic links"):
        scan_roots([loop])
