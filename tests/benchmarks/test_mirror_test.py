"""The mirror test, and its section in a model's card."""

import shutil
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from benchmarks.card_section import MIRROR, READING, put_section, with_section
from benchmarks.mirror_test import mirror_rows, mirrored, side
from screener.domain import Prediction, PreprocessingSpec
from screener.inference.model_folder import CARD, load_model_folder
from screener.resources import shipped_model

MODEL = SimpleNamespace(
    main=SimpleNamespace(calibration=SimpleNamespace(slope=1.0)), preprocessing=PreprocessingSpec()
)


class LooksAt:
    """Stands for a network whose map peaks in one column whatever the image shows, or in the brightest."""

    def __init__(self, column=None):
        self._column = column

    def predict(self, square):
        brightest = int(square.mean(axis=0).reshape(7, 32).mean(axis=1).argmax())
        cells = np.zeros((7, 7), np.float32)
        cells[3, brightest if self._column is None else self._column] = 10
        return Prediction(float(cells.mean()), cells)


def radiograph():
    """Return a dark image, bright on its left."""
    pixels = np.full((224, 224), 20, np.uint8)
    pixels[:, 32:64] = 220
    return pixels


@pytest.mark.parametrize(("column", "expected"), [(0, -1), (2, -1), (3, 0), (4, 1), (6, 1)])
def test_the_middle_column_is_on_neither_side(column, expected):
    cells = np.zeros((7, 7), np.float32)
    cells[2, column] = 1
    assert side(cells) == expected


def test_a_map_that_follows_the_image_does_not_jump_and_is_stable():
    found = mirrored(radiograph(), MODEL, LooksAt())
    assert (found.jumps_single, found.jumps_mean, found.stable) == (False, False, True)


def test_a_map_that_stays_on_its_side_whatever_the_image_jumps_and_the_mean_does_not():
    found = mirrored(radiograph(), MODEL, LooksAt(1))
    assert (found.jumps_single, found.jumps_mean, found.stable) == (True, False, False)


def test_the_images_of_a_folder_are_counted_and_others_passed_over(tmp_path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), radiograph())
    (tmp_path / "labels.csv").write_text("file,label\n")
    [row] = mirror_rows([tmp_path], MODEL, LooksAt(1), most=2)
    assert row["n"] == "2"
    assert row["peak changes side, before"].startswith("2 (")
    assert row["after"].startswith("0 (")


def test_the_section_stands_before_the_checklist_and_is_replaced_and_nothing_else_is_touched():
    card = "# Model\n\n## Picture gate\n\ntable\n\n## Reporting checklist\n\nitems\n"
    once = with_section(card, MIRROR, "| a |")
    assert once.index("## Picture gate") < once.index(MIRROR.heading) < once.index("## Reporting checklist")
    twice = with_section(once, MIRROR, "| b |")
    assert twice == once.replace("| a |", "| b |")


def test_a_model_with_the_section_is_whole(tmp_path):
    folder = shutil.copytree(shipped_model(), tmp_path / "model")
    before = load_model_folder(folder)
    put_section(folder, MIRROR, "| images | n |")
    after = load_model_folder(folder)
    assert after.identity == before.identity
    assert "| images | n |" in (folder / CARD).read_text(encoding="utf-8")


def test_with_the_section_on_reading_a_model_reads_so(tmp_path):
    folder = shutil.copytree(shipped_model(), tmp_path / "model")
    put_section(folder, READING, "| way | moved |", read_size=448)
    assert load_model_folder(folder).preprocessing.read_size == 448
    assert READING.heading in (folder / CARD).read_text(encoding="utf-8")
