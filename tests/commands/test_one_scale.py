"""An image has one probability and a point one threshold, whichever command prints them."""

import json
from pathlib import Path

import pytest

from screener.inference.model_folder import load_model_folder
from screener.operating_points import printed
from screener.resources import shipped_model
from tests.commands.conftest import invoke, read_csv, write_jpeg

pytestmark = pytest.mark.slow  # an evaluation and a scan


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """Images, their evaluation, and what it printed."""
    folder = tmp_path_factory.mktemp("images")
    for number in range(4):
        write_jpeg(folder / ("NORMAL", "PNEUMONIA")[number % 2] / f"{number}.jpg", number)
    out = tmp_path_factory.mktemp("out")
    result = invoke("evaluate", folder, "--out", out, "--workers", 1)
    assert result.exit_code == 0, result.output
    return folder, out, " ".join(result.output.split())


def test_evaluate_and_scan_agree_on_every_image_and_threshold(
    evaluated: tuple[Path, Path, str], tmp_path: Path
) -> None:
    radiographs, figures, _ = evaluated
    report = tmp_path / "r.pdf"
    result = invoke("scan", radiographs, "--out", report, "--no-pdf", "--workers", 1)
    assert result.exit_code == 0, result.output
    scanned = {row["file"]: row["probability"] for row in read_csv(report.with_suffix(".csv"))}
    rows = read_csv(figures / "predictions.csv")
    assert {row["file"]: row["probability"] for row in rows} == scanned
    metrics = json.loads((figures / "metrics.json").read_text(encoding="utf-8"))
    point = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))["operating_point"]
    thresholds = {each["name"]: each["threshold"] for each in metrics["operating_points"]}
    assert thresholds[point["name"]] == point["threshold"]


def test_the_other_scale_stands_beside_it(evaluated: tuple[Path, Path, str]) -> None:
    _, figures, said = evaluated
    read_as = load_model_folder(shipped_model()).population("adults")  # as images without an age
    for row in read_csv(figures / "predictions.csv"):
        own = read_as.calibration.probability(float(row["logit"]))
        assert float(row["probability_at_calibration"]) == pytest.approx(own, abs=2e-6)
    metrics = json.loads((figures / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["prevalences"] == {
        "printed": read_as.prevalence, "calibration": read_as.calibration.prevalence, "figures": 0.5,
    }  # fmt: skip
    for point in metrics["operating_points"]:
        assert point["threshold_at_calibration"] == read_as.operating_points[point["name"]].threshold
    assert f"at a prevalence of {read_as.prevalence:.3f}" in said
    assert "Brier score and calibration error hold probabilities against the share that is ill" in said


def test_explain_names_both(evaluated: tuple[Path, Path, str], tmp_path: Path) -> None:
    radiographs, figures, _ = evaluated
    said = " ".join(invoke("explain", radiographs / "NORMAL" / "0.jpg", "--out", tmp_path).output.split())
    (row,) = (row for row in read_csv(figures / "predictions.csv") if row["file"] == "NORMAL/0.jpg")
    assert f"probability {row['probability']}" in said
    assert f"the probability is {row['probability_at_calibration']}" in said


def test_the_checklist_gives_thresholds_as_reports_do(evaluated: tuple[Path, Path, str]) -> None:
    read_as = load_model_folder(shipped_model()).population("adults")  # as images without an age
    checklist = (evaluated[1] / "checklist.md").read_text(encoding="utf-8")
    for point in read_as.printed_points:
        assert f"{point.name}: probability ≥ {printed(point.threshold):.4f}" in checklist
