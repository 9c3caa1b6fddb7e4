"""From a site's labelled images to a model folder that scan accepts."""

import csv
import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")

from screener.engines.worker import Screener, ScreenerSetup
from screener.inference.gate import GATE, read_gate, write_gate
from screener.inference.gate_judges import judge_json
from screener.inference.model_folder import (
    CARD,
    MANIFEST,
    NETWORK,
    WEIGHTS,
    load_model_folder,
    seal_model_folder,
    sha256,
)
from screener.inference.training_images import read_training_images
from screener.preprocessing.clahe import preprocess
from screener.resources import shipped_model
from tests.commands.conftest import invoke

EXPORTS = Path(__file__).parents[2] / "sample_data" / "studies" / "exports"
HEALTHY, ILL = EXPORTS / "film-01.jpg", EXPORTS / "film-03.png"


def write_site(folder: Path, normal: int, pneumonia: int) -> Path:
    """Write images under exposures of their own, one of each patient, and the CSV that names them."""
    rows = []
    for label, source, patients in (("NORMAL", HEALTHY, normal), ("PNEUMONIA", ILL, pneumonia)):
        radiograph = cv2.resize(read_grey(source), (224, 256)) / 255
        for i in range(patients):
            rng = np.random.default_rng((len(rows), i))
            shown = radiograph ** rng.uniform(0.75, 1.35) + rng.normal(0, 0.02, radiograph.shape)
            name = f"{label.lower()}-{i}.jpg"
            folder.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / name), np.clip(255 * shown, 0, 255).astype(np.uint8))
            rows.append((name, label, f"SECRET-{label}-{i}", 20 + i % 50 if i % 4 else ""))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("file", "label", "patient", "age"), *rows])
    return folder / "labels.csv"


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 104 patients of each class: a gate may refuse some."""
    return write_site(tmp_path_factory.mktemp("site"), 104, 104)


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    """A site of 30 patients of each class, which is enough with --fewest."""
    return write_site(tmp_path / "site", 30, 30)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory, labelled: Path) -> tuple[Path, str]:
    """The shipped model calibrated to that site, and what the command printed."""
    out = tmp_path_factory.mktemp("models") / "st mary"
    result = invoke("calibrate", labelled, "--out", out, "--prevalence", "0.1", "--workers", 2)
    assert result.exit_code == 0, result.output
    return out, result.output


def test_too_few_patients_are_refused_with_what_is_missing(tmp_path: Path) -> None:
    data = write_site(tmp_path / "site", 12, 3)
    result = invoke("calibrate", data, "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert "12 NORMAL and 3 PNEUMONIA patients" in result.output
    assert "Missing: 88 NORMAL and 97 PNEUMONIA" in result.output
    assert not (tmp_path / "model").exists()


def test_images_set_aside_for_measuring_are_not_fitted_on(tmp_path: Path) -> None:
    write_site(tmp_path / "test", 3, 2)
    rows = ["file,label", "test/normal-0.jpg,NORMAL", "test/pneumonia-0.jpg,PNEUMONIA"]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    result = invoke("calibrate", tmp_path / "labels.csv", "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert "0 NORMAL and 0 PNEUMONIA" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--model-version", "1.1.0"], "has it already", id="the model's own version"),
        pytest.param(["--prevalence", "1"], "--prevalence must lie", id="everybody is ill"),
        pytest.param(["--not-chest", "nowhere"], "no such folder", id="no other pictures"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(tmp_path: Path, options: list[str], message: str) -> None:
    version = load_model_folder(shipped_model()).identity.version
    words = [version if each == "1.1.0" else each for each in options]
    result = invoke("calibrate", tmp_path / "none.csv", "--out", tmp_path / "model", *words)
    assert result.exit_code == 2
    assert message in result.output


def test_a_folder_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    result = invoke("calibrate", tmp_path / "none.csv", "--out", tmp_path)
    assert result.exit_code == 2
    assert "it is there already" in result.output


def test_a_new_model_is_not_written_into_the_old_one(tmp_path: Path) -> None:
    result = invoke("calibrate", tmp_path / "none.csv", "--out", shipped_model() / "evaluation" / "new")
    assert result.exit_code == 2
    assert "in the model's own folder" in result.output


@pytest.mark.slow
def test_the_weights_are_the_same_and_the_version_is_new(calibrated: tuple[Path, str]) -> None:
    model, old = load_model_folder(calibrated[0]), load_model_folder(shipped_model())
    assert str(model.identity) == f"st mary@{old.identity.version}+st-mary"
    for name in (NETWORK, WEIGHTS):
        assert (model.path / name).read_bytes() == (old.path / name).read_bytes()
    assert model.main.calibration != old.main.calibration
    assert model.main.calibration.prevalence == 0.5


@pytest.mark.slow
def test_the_manifest_says_where_the_calibration_comes_from(calibrated: tuple[Path, str]) -> None:
    model, old = load_model_folder(calibrated[0]), load_model_folder(shipped_model())
    said = model.manifest["calibrated"]
    assert (said["data"], said["images"], said["patients"], said["pneumonia"]) == (
        "labels.csv",
        208,
        208,
        104,
    )
    assert said["from"] == {
        "name": old.identity.name,
        "version": old.identity.version,
        "manifest_sha256": old.manifest["manifest_sha256"],
    }
    assert model.main.prevalence == 0.1
    assert model.main.validated_on.startswith("thresholds: 208 labelled images of 208 patients")
    assert old.population("adults").validated_on in model.main.validated_on
    assert model.main.ages == (20, 69)


@pytest.mark.slow
def test_operating_points_carry_the_figures_after(calibrated: tuple[Path, str]) -> None:
    model = load_model_folder(calibrated[0])
    after = json.loads((model.path / "evaluation" / "calibration" / "after.json").read_text())
    for point in after["operating_points"]:
        written = model.main.operating_points[point["name"]]
        assert written.threshold == point["threshold"]
        assert written.sensitivity == point["sensitivity"]["value"]
        assert written.specificity_interval == tuple(point["specificity"]["interval"])


@pytest.mark.slow
def test_the_card_shows_before_and_after_and_whose_the_other_figures_are(
    calibrated: tuple[Path, str],
) -> None:
    card = (calibrated[0] / CARD).read_text(encoding="utf-8")
    assert card.startswith("# st mary ")
    section = card.partition("## Calibrated at a site\n")[2].partition("\n## ")[0]
    assert "| Brier score | 0." in section
    assert "208 (104 normal, 104 pneumonia); patients: 208" in section
    assert "- Ages: 20 to 69 years, known of 156 of 208 images." in section
    assert "## Figures\n\n**Of the original calibration" in card
    for heading in ("## Intended use", "## Picture gate", "## Cautions", "## How it was made"):
        assert card.count(heading) == 1


@pytest.mark.slow
def test_a_set_calibrated_on_is_known_again(
    calibrated: tuple[Path, str], labelled: Path, tmp_path: Path
) -> None:
    radiographs = read_training_images(calibrated[0])
    assert [(each.role, each.images) for each in radiographs.sets][-1] == ("calibration", 208)
    out = tmp_path / "out"
    result = invoke("evaluate", labelled, "--model", calibrated[0], "--out", out, "--workers", 2)
    said = " ".join(result.output.split())
    assert "of 208 images" in said
    assert "figures on this set flatter the model" in said
    (overlap,) = (
        each for each in json.loads((out / "metrics.json").read_text())["training_overlap"]
        if each["role"] == "calibration"
    )  # fmt: skip
    assert overlap["evident"]
    assert overlap["shared"] == 208


@pytest.mark.slow
def test_nobody_is_named_in_the_folder(calibrated: tuple[Path, str]) -> None:
    for path in calibrated[0].rglob("*"):
        if path.suffix in (".json", ".md", ".csv"):
            text = path.read_text(encoding="utf-8")
            assert "SECRET" not in text
            assert "normal-1" not in text


@pytest.mark.slow
def test_scan_prints_the_new_figures(calibrated: tuple[Path, str], tmp_path: Path) -> None:
    result = invoke(
        "scan",
        HEALTHY,
        ILL,
        "--out",
        tmp_path / "r.pdf",
        "--no-pdf",
        "--model",
        calibrated[0],
        "--workers",
        1,
    )
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "r.json").read_text())
    point = load_model_folder(calibrated[0]).main.operating_points["high_sensitivity"]
    assert report["model"]["version"].endswith("+st-mary")
    assert report["operating_point"]["sensitivity"] == point.sensitivity
    assert report["prevalence"] == 0.1
    assert report["studies"]["flagged"] == 1


@pytest.mark.slow
def test_a_model_without_a_gate_stays_without_one_and_can_be_calibrated_again(
    small_site: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for model, out in ((_without_gate(tmp_path / "bare"), first), (first, second)):
        result = invoke("calibrate", small_site, "--model", model, "--out", out, "--fewest", 30)
        assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "the Brier score changed by" in said
    assert "The probabilities are better" not in said  # the same images a second time
    model = load_model_folder(second)
    assert model.gate is None
    assert model.manifest["calibrated"]["gate"] is None
    assert model.manifest["calibrated"]["from"]["name"] == "first"
    assert model.main.validated_on.count("thresholds:") == 1
    assert model.identity.version.endswith("+first.second")
    card = (second / CARD).read_text(encoding="utf-8")
    assert "has no picture gate" in card
    assert card.count("## Calibrated at a site") == card.count("**Of the original calibration") == 1


@pytest.mark.slow
def test_swapped_labels_are_asked_about_and_not_calibrated_on(labelled: Path, tmp_path: Path) -> None:
    swapped = tmp_path / "swapped.csv"
    swap = {"NORMAL": "PNEUMONIA", "PNEUMONIA": "NORMAL"}
    with labelled.open(encoding="utf-8") as stream:
        rows = [
            (labelled.parent / row["file"], swap[row["label"]], row["patient"])
            for row in csv.DictReader(stream)
        ]
    with swapped.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("file", "label", "patient"), *rows])
    result = invoke(
        "calibrate", swapped, "--model", _without_gate(tmp_path / "bare"), "--out", tmp_path / "model"
    )
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert "Are the labels swapped? They come from column 'label' of swapped.csv" in said
    assert not (tmp_path / "model").exists()


@pytest.mark.slow
def test_a_gate_that_refuses_the_sites_images_gets_a_lower_threshold(
    small_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.training import gate_pictures

    few = partial(gate_pictures.GateSampling, made_wrong=20, changed=2, varied=False, drawings=2)
    monkeypatch.setattr(gate_pictures, "GateSampling", few)
    made = gate_pictures.MADE_OF_RADIOGRAPHS
    monkeypatch.setattr(gate_pictures, "MADE_OF_RADIOGRAPHS", {"upside down": made["upside down"]})
    strict = _with_strict_gate(tmp_path / "strict", small_site.parent)
    result = invoke("calibrate", small_site, "--model", strict, "--out", tmp_path / "model", "--fewest", 20)
    assert result.exit_code == 0, result.output
    model = load_model_folder(tmp_path / "model")
    said = model.manifest["calibrated"]["gate"]
    assert said["films_refused_before"] > 10 > said["films_refused_after"]
    assert model.gate is not None
    lowered = read_gate(model.gate)
    assert lowered.refused_below < said["threshold_before"] == read_gate(strict / GATE).refused_below
    assert model.manifest["gate"]["lower_threshold"] == lowered.refused_below
    assert judge_json(lowered.judge) == judge_json(read_gate(strict / GATE).judge)
    card = (model.path / CARD).read_text(encoding="utf-8")
    assert "threshold was lowered" in card
    assert "| not chest: upside down | 20 |" in card
    assert "## Picture gate\n\n**At the original threshold" in card


def _with_strict_gate(folder: Path, radiographs: Path) -> Path:
    """Write the shipped model with a gate that refuses about a fifth of these images."""
    old = load_model_folder(shipped_model())
    screener = Screener.of(ScreenerSetup.of(old))
    assert screener.gate is not None
    squares = [preprocess(read_grey(each), old.preprocessing) for each in sorted(radiographs.glob("*.jpg"))]
    scores = [screener.gate.score(screener.classifier.answer(each).embedding, each) for each in squares]
    threshold = float(np.quantile(scores, 0.2))
    shutil.copytree(old.path, folder, ignore=shutil.ignore_patterns(MANIFEST))
    strict = replace(
        screener.gate,
        threshold=threshold,
        lower_threshold=threshold,
        correction_threshold=max(threshold, screener.gate.correction_threshold),
    )
    write_gate(strict, folder / GATE)
    kept = {key: value for key, value in old.manifest.items() if key not in ("format", "files")}
    kept["gate"] = {**kept["gate"], "threshold": threshold, "lower_threshold": threshold}
    seal_model_folder(folder, kept)
    return folder


def read_grey(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)


def _without_gate(folder: Path) -> Path:
    """Write the shipped model without its gate."""
    old = load_model_folder(shipped_model())
    folder.mkdir()
    for name in (NETWORK, WEIGHTS, CARD):
        (folder / name).write_bytes((old.path / name).read_bytes())
    kept = {key: value for key, value in old.manifest.items() if key not in ("format", "files", "gate")}
    seal_model_folder(folder, kept)
    assert sha256(folder / NETWORK) == old.identity.sha256
    assert (folder / MANIFEST).is_file()
    return folder
