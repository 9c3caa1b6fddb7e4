"""screener evaluate with the shipped model, on images that it has never seen."""

import json
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from screener.cli import app
from screener.resources import shipped_model
from tests.commands.conftest import radiograph

WRITTEN = {
    "metrics.json", "predictions.csv", "subgroups.csv", "subgroups.png", "prior_shift.png", "checklist.md",
    "decision_curve.csv", "decision_curve.png", "comparison.json", "comparison.png", "roc.png",
}  # fmt: skip


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ward")
    lines = ["file,label,patient,source,view,age"]
    for number in range(6):
        cv2.imwrite(str(folder / f"{number}.png"), radiograph(number))
        label = ("NORMAL", "PNEUMONIA")[number % 2]
        lines.append(f"{number}.png,{label},p{number // 2},[bold]ward[/bold],{('PA', 'AP')[number % 2]},034Y")
    (folder / "ward.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "ward.csv"


@pytest.mark.slow
def test_evaluate_leaves_what_a_paper_needs(labelled: Path, tmp_path: Path) -> None:
    words = ["evaluate", str(labelled), "--out", str(tmp_path), "--prevalence", "0.1"]
    result = CliRunner().invoke(app, [*words, "--compare", str(shipped_model()), "--workers", "1"])
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.iterdir()} >= WRITTEN
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    found = [(each["grouping"], each["group"], each["normal"]) for each in metrics["subgroups"]]
    assert found == [
        ("view", "AP", 0), ("view", "PA", 3), ("age", "18 to 39", 3), ("source", "[bold]ward[/bold]", 3),
    ]  # fmt: skip
    assert [each["prevalence"] for each in metrics["prior_shift"]] == [0.05, 0.1, 0.3]
    assert "[bold]ward[/bold] *" in result.output  # as it stands in the file, not as markup
    assert "DeLong and McNemar take images for independent" in result.output
    comparison = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert comparison["auc"]["difference"]["value"] == 0
    assert comparison["first"].endswith(" (--model)")
    assert comparison["second"].endswith(" (--compare)")
    assert str(tmp_path) not in (tmp_path / "comparison.json").read_text(encoding="utf-8")
    assert "3 normal, 3 pneumonia, 3 patients, 0 left out" in (tmp_path / "checklist.md").read_text("utf-8")


def test_a_prevalence_that_is_none_is_a_usage_error(labelled: Path, tmp_path: Path) -> None:
    words = ["evaluate", str(labelled), "--out", str(tmp_path), "--prevalence", "16"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "--prevalence must lie between 0 and 1" in result.output


def test_a_second_model_that_is_none_is_refused_before_anything_is_measured(
    labelled: Path, tmp_path: Path
) -> None:
    words = ["evaluate", str(labelled), "--out", str(tmp_path / "out"), "--compare", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 4
    assert not (tmp_path / "out").exists()
