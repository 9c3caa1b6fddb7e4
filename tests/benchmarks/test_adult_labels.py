"""The adults' CSV: radiologists' labels only, patients set aside by hash."""

import csv
import hashlib
import sys
from pathlib import Path

import pytest

from benchmarks import adult_labels

LABELS = """file,nih_labels_v2020,patient_id,age,sex,view,rsna_class
a.jpg,No Finding,1,36,F,PA,
b.jpg,Pneumonia,2,40,M,AP,Lung Opacity
c.jpg,Pneumonia,3,41,M,PA,Normal
d.jpg,Mass,4,42,F,PA,No Lung Opacity / Not Normal
"""


def test_only_what_radiologists_read_is_taken_with_their_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "adults").mkdir()
    (tmp_path / "adults" / "labels.csv").write_text(LABELS)
    out = tmp_path / "lists" / "adults.csv"
    out.parent.mkdir()
    monkeypatch.setattr(sys, "argv", ["x", str(tmp_path / "adults" / "labels.csv"), str(out)])
    adult_labels.main()
    with out.open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["file"] for row in rows] == [f"../adults/images/{name}.jpg" for name in "bcd"]
    assert [row["label"] for row in rows] == ["PNEUMONIA", "NORMAL", "NORMAL"]
    assert [row["subtype"] for row in rows] == ["Lung Opacity", "Normal", "No Lung Opacity / Not Normal"]


def test_set_aside_writes_only_patients_no_weights_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients = range(200)
    lines = [f"{each}.jpg,Pneumonia,{each},40,M,AP,Lung Opacity" for each in patients]
    (tmp_path / "labels.csv").write_text("\n".join([LABELS.splitlines()[0], *lines]))
    out = tmp_path / "adults.csv"
    monkeypatch.setattr(sys, "argv", ["x", str(tmp_path / "labels.csv"), str(out), "--set-aside"])
    adult_labels.main()
    with out.open() as stream:
        found = {row["patient"] for row in csv.DictReader(stream)}
    assert found == {f"adult {each}" for each in patients if adult_labels.set_aside(f"adult {each}")}
    assert 30 < len(found) < 70


def test_for_training_reports_without_a_finding_are_healthy_and_nobody_set_aside_is_trained_on() -> None:
    rows = list(adult_labels.for_training(csv.DictReader(LABELS.splitlines()), Path("images")))
    assert [row["label"] for row in rows] == ["NORMAL", "PNEUMONIA", "NORMAL", "NORMAL"]
    assert [row["source"] for row in rows] == [
        "report: no finding",
        "radiologists",
        "radiologists: Normal",
        "radiologists: No Lung Opacity / Not Normal",
    ]
    for row in rows:
        assert row["part"] == ("test" if adult_labels.set_aside(row["patient"]) else "train")


def test_about_a_quarter_of_patients_is_set_aside_always_the_same() -> None:
    aside = [number for number in range(2000) if adult_labels.set_aside(f"adult {number}")]
    assert 430 < len(aside) < 570
    digests = (int(hashlib.sha256(f"adult {number}".encode()).hexdigest(), 16) for number in range(2000))
    assert aside == [number for number, digest in enumerate(digests) if digest % 4 == 0]
