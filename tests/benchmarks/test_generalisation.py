"""The bench on drawn images with the shipped model, and the arithmetic of its rows."""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks import bench_generalisation
from benchmarks.generalisation import changes, data, folds, rows
from benchmarks.generalisation.data import Case
from benchmarks.generalisation.output import spelt
from benchmarks.generalisation.scoring import Scored
from screener.domain import FileKind, ImageFile
from screener.errors import UsageError
from screener.evaluation.estimates import Estimate
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.training.splits import split_dataset
from tests.benchmarks.chests import drawn_chest

MODEL = Path(__file__).parents[2] / "models" / "pneumonia-mobilenetv2"


@pytest.fixture(scope="module")
def model() -> ModelFolder:
    return load_model_folder(MODEL)


@pytest.fixture
def children(tmp_path: Path) -> Path:
    """Forty drawn images with file names as in the Kaggle set, and a manifest."""
    folder = tmp_path / "chest_xray"
    listed = []
    for number in range(20):
        source = "NORMAL2-IM" if number % 2 else "IM"
        kind = "virus" if number % 2 else "bacteria"
        for label, name in (
            ("NORMAL", f"{source}-{number:04d}-0001"),
            ("PNEUMONIA", f"person{number}_{kind}_{number}"),
        ):
            path = folder / "train" / label / f"{name}.jpeg"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), drawn_chest(number + 100 * (label == "NORMAL"), 160, 200))
            listed.append(
                [path.relative_to(folder).as_posix(), label, name.rpartition("_")[0] or name, number % 3 == 0]
            )
    with (folder / "manifest.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "label", "patient", "from_original"])
        writer.writerows([file, label, patient, int(original)] for file, label, patient, original in listed)
    return folder


@pytest.fixture
def adults(tmp_path: Path) -> Path:
    """Eight drawn adults, one of them set aside, one trained on."""
    classes = ("Lung Opacity", "Normal", "No Lung Opacity / Not Normal", "Lung Opacity")
    table = tmp_path / "adults.csv"
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "label", "patient", "view", "sex", "age", "subtype", "source", "part"])
        for number in range(8):
            cv2.imwrite(str(tmp_path / f"adult{number}.jpg"), drawn_chest(500 + number, 160, 200))
            kind = classes[number % 4]
            label = "PNEUMONIA" if kind == "Lung Opacity" else "NORMAL"
            part = {0: "test", 3: "train"}.get(number, "")
            view = "AP" if number > 3 else "PA"
            writer.writerow(
                [f"adult{number}.jpg", label, f"adult {number}", view, "F", 40, kind, "elsewhere", part]
            )
    return table


@pytest.mark.slow
def test_the_bench_prints_and_writes_every_table(
    children: Path,
    adults: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    arguments = ["x", str(MODEL), "--children", str(children), "--adults", str(adults), "--limit", "2"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--out", str(out), "--fold", f"adults={MODEL}"])
    bench_generalisation.main()
    printed = capsys.readouterr().out
    written = json.loads((out / "generalisation.json").read_text())
    titles = [section["title"] for section in written["sections"]]
    assert titles == [
        *("By group", "Children, changed", "Adults, changed"),
        *("Painted twins", "Sample images", "Sources held out"),
    ]
    text = (out / "generalisation.md").read_text()
    for title in titles:
        assert title in printed
        assert f"### {title}" in text
    assert "flatter" in printed  # the shipped model was trained on other images than these
    assert (out / "generalisation.png").stat().st_size > 10_000
    names = [row["name"] for row in written["sections"][1]["rows"]]
    assert names[0] == changes.UNCHANGED
    assert {changes.OTHER_FRAME, changes.LUNGS, "JPEG quality 15"} < set(names)
    assert changes.PAINTED not in names
    twins = {row["name"]: row["words"]["pairs"] for row in written["sections"][3]["rows"]}
    assert twins["children: painted consolidation"] == 2
    assert twins["adults: painted consolidation"] == 2


def test_adults_set_aside_or_trained_on_stay_out(adults: Path) -> None:
    assert [radiograph.patient for radiograph in data.read_adults(adults, final=False)] == [
        f"adult {n}" for n in (1, 2, 4, 5, 6, 7)
    ]
    final = [radiograph.patient for radiograph in data.read_adults(adults, final=True)]
    assert final == [f"adult {n}" for n in (0, 1, 2, 4, 5, 6, 7)]


def test_the_models_own_split_is_found_again_and_a_held_out_source_left_out_of_it(
    children: Path, model: ModelFolder
) -> None:
    dataset = data.read_children(children)
    without = [image for image in dataset.images if "NORMAL2-" not in image.file.name]
    split = split_dataset(without, True, 7)
    counts = {
        name: {"patients": len({image.patient for image in part})}
        for name, part in (("validation", split.validation), ("held_out", split.held_out))
    }
    manifest = {**counts, "training": {"seed": 7, "held_out_source": "NORMAL2-IM"}}
    trained = replace(model, manifest=manifest)
    unseen = dataset.unseen(trained)
    assert unseen.warning == ""
    assert {radiograph.file.name for radiograph in unseen.held_out} == {
        image.file.name for image in split.held_out
    }
    assert not unseen.trained_on & {radiograph.patient for radiograph in unseen.radiographs}
    radiographs, _ = folds.fold_radiographs("NORMAL2-IM", trained, dataset, [])
    assert sum(radiograph.label == 0 for radiograph in radiographs) == 10
    assert {radiograph.file.name for radiograph in radiographs if radiograph.label == 1} == {
        image.file.name for image in split.held_out if image.label == 1
    }
    with pytest.raises(UsageError, match="held out NORMAL2-IM"):
        folds.fold_radiographs("virus", trained, dataset, [])


def test_a_split_that_cannot_be_made_again_is_said(children: Path, model: ModelFolder) -> None:
    unseen = data.read_children(children).unseen(model)
    assert len(unseen.held_out) == 40
    assert "flatter" in unseen.warning


def some_radiographs(labels: list[int]) -> tuple[Case, ...]:
    return tuple(
        Case(ImageFile(Path(f"{i}.png"), f"{i}.png", FileKind.PNG), label, f"p{i}", "children")
        for i, label in enumerate(labels)
    )


def test_rows_count_who_changes_side_and_in_which_direction(model: ModelFolder) -> None:
    labels = [0, 0, 0, 0, 1, 1, 1, 1]
    threshold = (
        np.log(0.439681 / 0.560319) - model.main.calibration.intercept
    ) / model.main.calibration.slope
    before = threshold + np.array([-2, -2, -2, 2, 2, 2, 2, -2.0])
    after = threshold + np.array([2, -2, -1, 3, 2, -3, 2, -2.0])
    scored = Scored(some_radiographs(labels), {changes.UNCHANGED: before, changes.OTHER_FRAME: after})
    _, row = rows.change_rows(scored, model.main)
    figures = {name: estimate.value for name, estimate in row.figures.items()}
    assert figures["auc"] == pytest.approx(roc_auc_score(labels, after))
    assert figures["changed side"] == pytest.approx(2 / 8)
    assert figures["normal turned ill"] == pytest.approx(1 / 3)
    assert figures["ill turned normal"] == pytest.approx(1 / 3)
    moved = np.abs(rows.probabilities(after, model.main) - rows.probabilities(before, model.main)).mean()
    assert figures["mean change"] == pytest.approx(moved)


def test_twins_are_compared_pair_by_pair(model: ModelFolder) -> None:
    nan = np.nan
    scored = Scored(
        some_radiographs([0, 0, 0, 1]),
        {changes.UNCHANGED: np.array([0, 5, -3, 9.0]), changes.PAINTED: np.array([1, 4.5, 0, nan])},
    )
    row = rows.twin_rows(scored, "children")[0]
    assert row.figures["twin higher"].value == pytest.approx(2 / 3)
    assert row.figures["rise in logit"].value == pytest.approx((1 - 0.5 + 3) / 3)


def test_sample_images_are_ranked_against_the_healthy_ones(model: ModelFolder) -> None:
    samples = [
        {"file": "a", "shows": "clear lungs", "opacities": ""},
        {"file": "b", "shows": "consolidation", "opacities": "0 0 1 1"},
        {"file": "c", "shows": "clear lungs; cropped", "opacities": ""},
    ]
    ranked = rows.sample_rows(samples, np.array([1.0, 0.5, -2.0]), model)
    assert [row.name[0] for row in ranked] == ["c", "b", "a"]
    assert ranked[1].words["above healthy"] == -0.5


def test_the_class_of_a_limit_comes_from_held_out_patients_first() -> None:
    radiographs = some_radiographs([0, 0, 1, 1, 1, 0, 1])
    taken = data.chosen(radiographs[:5], radiographs[5:], 3)
    assert {radiograph.file.name for radiograph in taken} == {f"{i}.png" for i in range(6)}


def test_figures_are_spelt_with_their_interval() -> None:
    assert spelt(Estimate(0.5, (0.25, 0.75))) == "0.500 (0.250–0.750)"
    assert spelt(Estimate(0.5, (0.25, 0.75)), share=True) == "50 % (25 %–75 %)"
    assert spelt(Estimate(None)) == "undefined"


def test_a_fold_needs_a_name_and_a_folder() -> None:
    assert folds.parse_fold("a=b/c") == ("a", Path("b/c"))
    with pytest.raises(UsageError, match="NAME=MODEL_DIR"):
        folds.parse_fold("models/x")
