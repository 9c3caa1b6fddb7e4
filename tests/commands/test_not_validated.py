"""A model whose own figures could be chance is called validated nowhere."""

import json
import shutil
from pathlib import Path

import pytest

from screener.commands.train import warn_of_doubts
from screener.inference.model_folder import load_model_folder, seal_model_folder
from screener.resources import shipped_model
from tests.commands.conftest import invoke, write_jpeg

pytestmark = pytest.mark.slow  # whole scans, one after another

CHANCE = "no better than chance"


@pytest.fixture(scope="module")
def chance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model under a manifest whose validation patients it does not tell apart."""
    model = tmp_path_factory.mktemp("models") / "coin"
    shutil.copytree(shipped_model(), model)
    described = dict(load_model_folder(model).manifest)
    described["validation"] = {**described["validation"], "auc": {"value": 0.53, "interval": [0.44, 0.61]}}
    (model / "manifest.json").unlink()
    seal_model_folder(model, {key: described[key] for key in described if key not in ("format", "files")})
    return model


def words(text: str) -> str:
    return " ".join(text.split())


def test_no_output_of_scan_calls_it_validated(chance: Path, tmp_path: Path) -> None:
    for number in range(3):
        write_jpeg(tmp_path / "images" / f"{number}.jpg", number)
    out, mail = tmp_path / "report.pdf", tmp_path / "mail.txt"
    result = invoke("scan", tmp_path / "images", "--out", out, "--model", chance, "--html", "--summary", mail)
    assert result.exit_code == 0, result.output
    report = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert [report["operating_point"][key] for key in ("sensitivity", "specificity")] == [None, None]
    assert (report["ppv"], report["npv"]) == (None, None)
    page = out.with_suffix(".html").read_text(encoding="utf-8")
    assert "may be no better than chance" in page
    assert "98.2" not in page
    assert "high_sensitivity, not validated" in mail.read_text(encoding="utf-8")
    assert "is not validated: this model may be no better than chance." in words(result.output)
    assert "may be no better than chance" in mail.read_text(encoding="utf-8")
    assert "validated at" not in result.output
    assert "validated for" not in words(result.output) + mail.read_text(encoding="utf-8")
    assert "validated for" not in out.with_suffix(".csv").read_text(encoding="utf-8")
    assert "nobody: no better than chance" in page
    assert out.stat().st_size > 0


def test_train_warns_of_each_point(chance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_doubts(load_model_folder(chance))
    assert words(capsys.readouterr().out).count(f"is not validated: {CHANCE}") == 6


def test_explain_says_so_of_each_point(chance: Path, tmp_path: Path) -> None:
    write_jpeg(tmp_path / "image.jpg")
    result = invoke("explain", tmp_path / "image.jpg", "--out", tmp_path / "out", "--model", chance)
    assert result.exit_code == 0, result.output
    assert "not validated: no" in words(result.output)
    assert "sensitivity 9" not in result.output


def test_models_list_says_so(chance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.commands.models.resource_folder", lambda _: chance.parent)
    said = words(invoke("models", "list").output)
    assert f"not validated: {CHANCE}" in said
    assert "98.2" not in said
