"""The small commands, seen from outside."""

import re
import shutil
import sqlite3
from pathlib import Path

import cv2
import pytest

from screener.domain import Status
from screener.resources import shipped_model
from tests.commands.conftest import invoke, write_dicom, write_jpeg


def test_explain_writes_each_step_as_a_picture_and_says_what_was_read(tmp_path: Path) -> None:
    write_dicom(tmp_path / "image.dcm", 2, PatientAge="004Y")
    result = invoke("explain", tmp_path / "image.dcm", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    pictures = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in pictures] == [
        "1-display.jpg", "2-resized.jpg", "3-clahe.jpg", "4-activation-map.jpg",
    ]  # fmt: skip
    assert cv2.imread(str(pictures[0]), cv2.IMREAD_GRAYSCALE).shape == (256, 220)
    assert cv2.imread(str(pictures[2]), cv2.IMREAD_GRAYSCALE).shape == (224, 224)
    for words in ("ViewPosition", "MONOCHROME2", "probability", "high_sensitivity"):
        assert words in result.output
    assert "SECRET" not in result.output
    assert "activation map: the strongest cell multiplies the odds of pneumonia by " in result.output


def test_no_picture_stays_of_an_image_that_was_explained_before(tmp_path: Path) -> None:
    write_dicom(tmp_path / "image.dcm", 2)
    write_dicom(tmp_path / "lateral.dcm", 2, ViewPosition="LL")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.jpg").touch()
    for image in ("image.dcm", "lateral.dcm"):
        assert invoke("explain", tmp_path / image, "--out", tmp_path / "out").exit_code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.jpg"]


def test_an_image_that_is_not_flagged_has_no_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.scale.Scale.status", lambda *_: Status.NOT_FLAGGED)
    write_dicom(tmp_path / "image.dcm", 2)
    result = invoke("explain", tmp_path / "image.dcm", "--out", tmp_path / "out")
    assert "no map: the image is not flagged" in result.output
    assert "activation map" not in result.output
    assert not (tmp_path / "out" / "4-activation-map.jpg").exists()


@pytest.mark.parametrize(
    ("age", "options", "words"),
    [
        pytest.param("046Y", [], "read with the scale of adults", id="an adult"),
        pytest.param("003Y", [], "read with the scale of children", id="a child"),
        pytest.param("", [], "age unknown: read as an adult's", id="unknown"),
        pytest.param("046Y", ["--population", "children"], "read as a child's", id="as asked"),
    ],
)
def test_explain_says_as_whose_an_image_is_read(
    tmp_path: Path, age: str, options: list[str], words: str
) -> None:
    write_dicom(tmp_path / "image.dcm", 2, PatientAge=age, PatientBirthDate="")
    result = invoke("explain", tmp_path / "image.dcm", "--out", tmp_path / "out", *options)
    assert words in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("elements", "code", "words"),
    [
        pytest.param({"ViewPosition": "LATERAL"}, 0, "only frontal views", id="ineligible"),
        pytest.param({"PixelData": b"\0" * 100}, 3, "failed", id="failed"),
    ],
)
def test_explain_says_why_a_file_is_refused(
    tmp_path: Path, elements: dict[str, object], code: int, words: str
) -> None:
    write_dicom(tmp_path / "image.dcm", 2, **elements)
    result = invoke("explain", tmp_path / "image.dcm", "--out", tmp_path / "out")
    assert result.exit_code == code
    assert words in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()


def test_explain_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = invoke("explain", tmp_path / "gone.dcm", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "no such file" in result.output


def test_doctor_lists_decoders_and_finds_the_model_well(tmp_path: Path) -> None:
    result = invoke("doctor", "--out", tmp_path / "report.pdf")
    assert result.exit_code == 0, result.output
    for words in ("pydicom", "JPEG 2000", "checksums right", "can be written"):
        assert words in " ".join(result.output.split())


def test_doctor_ends_with_the_code_that_a_scan_would_meet(tmp_path: Path) -> None:
    assert invoke("doctor", "--out", tmp_path / "absent" / "report.pdf").exit_code == 6
    assert invoke("doctor", "--model", tmp_path / "absent").exit_code == 4


def test_models_are_listed_with_their_operating_points() -> None:
    result = invoke("models", "list")
    assert result.exit_code == 0
    for words in ("high_sensitivity", "balanced", "high_specificity", "default"):
        assert words in result.output


def test_models_verify_names_the_altered_file(tmp_path: Path) -> None:
    assert invoke("models", "verify").exit_code == 0
    model = tmp_path / "model"
    shutil.copytree(shipped_model(), model)
    (model / "MODEL_CARD.md").write_text("a better card")
    result = invoke("models", "verify", model)
    assert result.exit_code == 4
    assert "MODEL_CARD.md" in result.output


def test_an_ignored_file_is_explained_too(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text")
    result = invoke("explain", tmp_path / "notes.txt", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "ignored" in result.output


def test_a_png_is_explained_without_tags(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "image.jpg")
    result = invoke("explain", tmp_path / "image.jpg", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "carries no tags" in result.output


def test_doctor_looks_at_the_ledger_and_leaves_none_behind(tmp_path: Path) -> None:
    result = invoke("doctor", "--ledger", tmp_path / "ledger.sqlite")
    assert result.exit_code == 0, result.output
    assert "can be begun" in re.sub(r"[\s│]+", " ", result.output)  # a long path wraps its cell
    assert not (tmp_path / "ledger.sqlite").exists()


def test_doctor_finds_a_ledger_of_something_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    assert invoke("doctor", "--ledger", tmp_path / "other").exit_code == 2
