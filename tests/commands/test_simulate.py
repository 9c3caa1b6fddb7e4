"""'screener simulate' as it is typed."""

import csv
import json
from pathlib import Path

import pytest

from tests.commands.conftest import invoke

SMALL = ("--arrivals", "60", "--days", "3", "--repeats", "5", "--max-wait", "12")


def test_every_form_of_the_figures_says_the_same(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"w.{name}" for name in ("csv", "json", "svg")}
    done = invoke(
        "simulate", *SMALL, "--csv", paths["csv"], "--json", paths["json"], "--plot", paths["svg"]
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "60 images a day, around the clock; 1 reader" in done.output
    assert "adults, 100% of the images: 16.0% with pneumonia (the model's default)" in done.output
    with paths["csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = json.loads(paths["json"].read_text())
    assert [(each["order"], each["group"]) for each in told["minutes"]] == [
        (each["order"], each["group"]) for each in rows
    ]
    assert list(dict.fromkeys(each["order"] for each in rows)) == [
        "fifo", "probability", "bands", "probability, cap 12 h", "bands, cap 12 h",
    ]  # fmt: skip
    for row, figures in zip(rows, told["minutes"], strict=True):
        assert float(row["mean"]) == pytest.approx(figures["mean"]["value"], abs=0.001)
        assert float(row["longest_high"]) == pytest.approx(figures["longest"]["interval"][1], abs=0.001)
        shown = f"{figures['longest']['value']:.0f} ("
        assert row["order"] == "fifo" or shown in done.output or float(row["longest"]) < 100
    assert told["patients"][0]["points"][0]["name"] == "high_sensitivity"
    assert told["department"]["utilisation"] == pytest.approx(60 * 4 / 1440)
    assert paths["svg"].read_text().startswith("<?xml")


def test_figures_of_ones_own_stand_for_the_models() -> None:
    own = ("--sensitivity", "0.9", "--specificity", "0.8", "--prevalence", "0.1")
    done = invoke("simulate", *SMALL, *own)
    assert "all, 100% of the images: 10.0% with pneumonia (given)" in done.output
    assert "given: sensitivity 90.0%, specificity 80.0%" in done.output


def test_tables_and_sentences_are_in_the_console_s_language_and_files_are_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    done = invoke("simulate", *SMALL, "--json", tmp_path / "w.json", "--csv", tmp_path / "w.csv")
    assert done.exit_code == 0, done.output
    assert "adults, 100 % der Bilder: 16,0 % mit Pneumonie (Vorgabe des Modells)" in done.output
    assert "Ankunft (fifo)" in done.output
    assert "höchstens 12 h" in done.output
    told = json.loads((tmp_path / "w.json").read_text())
    assert told["patients"][0]["source"] == "the model's default"
    assert "probability, cap 12 h" in (tmp_path / "w.csv").read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "Give --arrivals N, images a day, or --ledger PATH"),
        (("--arrivals", "60", "--sensitivity", "0.9"), "--sensitivity and --specificity go together"),
        (("--arrivals", "60", "--sensitivity", "0.9", "--specificity", "0.8"), "need --prevalence"),
        (("--arrivals", "60", "--plot", "w.pdf"), "must end in .png or .svg"),
        (("--arrivals", "60", "--share", "adults"), "--share adults: a population and its share"),
        (("--arrivals", "60", "--share", "adults=0.5"), "add up to 0.5, not to 1"),
        (("--arrivals", "60", "--overdue", "last"), "--overdue is below-flagged or first, got 'last'"),
        (("--arrivals", "900"), "The queue would grow for ever"),
        (("--ledger", "nowhere.sqlite"), "no such file"),
    ],
)
def test_what_cannot_be_simulated_ends_with_usage(options: tuple[str, ...], words: str) -> None:
    done = invoke("simulate", *options)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_a_folder_that_is_not_there_is_found_out_before_anything_is_simulated(tmp_path: Path) -> None:
    done = invoke("simulate", *SMALL, "--csv", tmp_path / "nowhere" / "w.csv")
    assert done.exit_code == 6
    assert "fifo" not in done.output
