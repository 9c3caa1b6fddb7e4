"""The figures by which recipes are compared."""

from pathlib import Path

import numpy as np

from benchmarks.bench_recipes import adult_figures, by_way_difference, pointing, same_side, specificity_at
from benchmarks.generalisation.data import Case
from screener.domain import FileKind, ImageFile


def radiograph(label: int, view: str, subtype: str) -> Case:
    file = ImageFile(Path("a.png"), "a.png", FileKind.PNG)
    return Case(file, label, "p", "adults", view=view, subtype=subtype)


def peak(row: int, column: int) -> np.ndarray:
    cells = np.zeros((7, 7), np.float32)
    cells[row, column] = 1
    return cells


def test_adults_are_ranked_against_normal_and_other_by_view() -> None:
    radiographs = [
        radiograph(1, "PA", "Lung Opacity"),
        radiograph(1, "AP", "Lung Opacity"),
        radiograph(0, "PA", "Normal"),
        radiograph(0, "AP", "No Lung Opacity / Not Normal"),
    ]
    figures = adult_figures(radiographs, np.array([3.0, 1.0, 0.0, 2.0]))
    assert figures == {"normal": "1.000", "other": "0.500", "all else": "0.750", "PA": "1.000", "AP": "0.000"}


def test_specificity_is_taken_where_the_sensitivity_is_reached() -> None:
    logits = np.array([*np.arange(100), *np.arange(-50, 50)], float)
    labels = np.array([1] * 100 + [0] * 100)
    assert specificity_at(logits, labels, 0.98) == 0.52


def test_a_peak_in_a_box_counts_and_images_without_a_box_do_not() -> None:
    box = np.zeros((224, 224), np.bool_)
    box[32:64, 64:96] = True  # the cell in row 1, column 2
    nothing = np.zeros_like(box)
    told = pointing([peak(1, 2), peak(5, 5), peak(0, 0)], [box, box, nothing])
    assert told == {"in box": "50%", "by chance": "2%"}


def test_a_map_keeps_its_side_if_the_mirrored_image_peaks_on_the_other() -> None:
    kept, jumped, middle = (peak(1, 1), peak(1, 5)), (peak(1, 1), peak(1, 1)), (peak(1, 3), peak(1, 0))
    maps, mirrored = zip(kept, jumped, middle, strict=True)
    assert same_side(maps, mirrored) == "50%"


def test_ways_are_compared_with_the_first() -> None:
    assert by_way_difference([0.5, 0.5, 0.45, 0.52]) == np.float64(0.5 - 0.45)
