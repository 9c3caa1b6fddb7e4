"""screener gate: a new picture gate for a model, or a new lower threshold for the one it has."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from screener.inference.gate import read_gate
from screener.inference.model_folder import CARD, NETWORK, WEIGHTS, load_model_folder
from screener.resources import shipped_model
from tests.commands.conftest import invoke, radiograph

pytest.importorskip("sklearn", reason="needs the extra 'train'")


@pytest.fixture
def radiographs(tmp_path: Path) -> Path:
    """Write 16 images of 8 patients, PA and AP; return their CSV."""
    with (tmp_path / "ours.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(("file", "label", "patient", "view"))
        for seed in range(16):
            cv2.imwrite(str(tmp_path / f"{seed}.png"), radiograph(seed))
            table.writerow((f"{seed}.png", seed % 2, f"p{seed // 2}", ("PA", "AP")[seed % 2]))
    return tmp_path / "ours.csv"


@pytest.fixture
def few_pictures(monkeypatch):
    """Let 16 images do, of which 4 are made wrong and changed, and 2 drawings of each kind."""
    from screener.training import gate_pictures, gate_run

    monkeypatch.setattr(gate_run, "FEWEST_IMAGES", 16)
    monkeypatch.setattr(gate_pictures, "FEWEST_DRAWINGS", 2)

    def measuring(seed):
        return replace(gate_pictures.to_measure(seed), made_wrong=4, changed=4, drawings=2)

    monkeypatch.setattr(gate_run, "to_measure", measuring)


@pytest.mark.slow
def test_keeping_the_weights_writes_a_gate_with_another_lower_threshold_alone(
    radiographs, few_pictures, tmp_path
):
    out = tmp_path / "model"
    done = invoke(
        "gate", shipped_model(), radiographs, "--out", out, "--model-version", "9.9.9", "--keep-weights"
    )
    assert done.exit_code == 0, done.output
    old, new = load_model_folder(shipped_model()), load_model_folder(out)
    was, now = (json.loads((each.path / "gate.json").read_text(encoding="utf-8")) for each in (old, new))
    assert {**was, "lower_threshold": None} == {**now, "lower_threshold": None}
    for name in (NETWORK, WEIGHTS):
        assert new.manifest["files"][name] == old.manifest["files"][name]
    assert new.manifest["gate"]["lower_threshold"] == read_gate(out / "gate.json").refused_below
    figures = {each["kind"]: each for each in new.manifest["gate"]["figures"]}
    assert figures["normal, ours, PA"]["refused"] == 0
    assert "a radiograph askew by 10°" in figures
    card = (out / CARD).read_text(encoding="utf-8")
    assert card.count("## Picture gate") == 1
    assert 'screened, "unusual picture"' in card


def test_keeping_the_weights_of_no_gate_is_a_usage_error(radiographs, tmp_path, monkeypatch):
    monkeypatch.setattr("screener.inference.model_folder.ModelFolder.gate", property(lambda _: None))
    arguments = ("gate", shipped_model(), radiographs, "--out", tmp_path / "m", "--model-version", "9.9.9")
    done = invoke(*arguments, "--keep-weights")
    assert done.exit_code == 2
    assert "has no gate to keep" in " ".join(done.output.split())
