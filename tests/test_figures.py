"""The figures that people are told before they install are those of the model that ships."""

import json
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parents[1]
MODEL = TOP / "models" / "pneumonia-mobilenetv2"
PAGES = ("README.md", "docs/trust.md")


def _read(name: str) -> Any:
    return json.loads((MODEL / name).read_text(encoding="utf-8"))


def _said(value: float, interval: list[float], digits: int) -> str:
    """Return a share as tables have it: .988 (.978–.996)."""
    point, low, high = (f"{each:.{digits}f}".removeprefix("0") for each in (value, *interval))
    return f"{point} ({low}–{high})"


def _cells(point: dict[str, Any], digits: int) -> str:
    """Return sensitivity and specificity of an operating point as two cells of a table."""
    both = []
    for name in ("sensitivity", "specificity"):
        measured = point[name]
        if isinstance(measured, dict):
            both.append(_said(measured["value"], measured["interval"], digits))
        else:
            both.append(_said(measured, point[f"{name}_interval"], digits))
    return " | ".join(both)


@pytest.mark.parametrize("page", PAGES)
def test_the_table_of_figures_is_the_shipped_model_s(page: str) -> None:
    text = (TOP / page).read_text(encoding="utf-8")
    held_out, adults = (
        _read("evaluation/held_out/metrics.json"),
        _read("evaluation/calibration-adults/after.json"),
    )
    children = _read("manifest.json")["populations"]["children"]["operating_points"]["high_sensitivity"]
    for measured, digits in ((held_out, 3), (adults, 2)):
        auc = _said(measured["auc"]["value"], measured["auc"]["interval"], 3)
        assert f"| {auc} | {_cells(measured['operating_points'][0], digits)} |" in text
    assert f"| {_cells(children, 3)} |" in text


@pytest.mark.parametrize(
    ("page", "words"),
    [
        pytest.param("radiologist.md", ("specificity {0} %", "{0} were below", "PPV {1} %"), id="en"),
        pytest.param("radiologist.de.md", ("Spezifität {0} %", "{0} darunter", "PPW {1} %"), id="de"),
        pytest.param(
            "radiologist.es.md", ("especificidad {0} %", "{0} quedaron por debajo", "VPP {1} %"), id="es"
        ),
    ],
)
def test_the_examples_of_the_page_for_radiologists_are_what_page_1_says(
    page: str, words: tuple[str, ...]
) -> None:
    children = _read("manifest.json")["populations"]["children"]
    point, ill = children["operating_points"]["high_sensitivity"], children["prevalence"]["default"]
    found, false = point["sensitivity"] * ill, (1 - point["specificity"]) * (1 - ill)
    figures = [f"{100 * each:.0f}" for each in (point["specificity"], found / (found + false))]
    text = (TOP / "docs" / page).read_text(encoding="utf-8")
    assert [each for each in words if each.format(*figures) not in text] == []
