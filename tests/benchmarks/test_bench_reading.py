"""The measure of a model's reading: which images it takes, and what its table counts."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from benchmarks.bench_reading import LARGEST, SAVED, WAYS, Moved, Reader, radiographs, table
from screener.inference.model_folder import load_model_folder
from screener.operating_points import OperatingPoint
from screener.resources import shipped_model
from tests.commands.conftest import radiograph

MODEL = SimpleNamespace(main=SimpleNamespace(operating_points={"balanced": OperatingPoint("balanced", 0.5)}))
WAVELET, JPEG = "JPEG 2000, levels of 5/3", "JPEG, DCT scale"


def _moved(whole, **smaller):
    found = {name: Moved((0.5, 4.0), whole, whole) for name in (*WAYS, *SAVED)}
    return found | {name: Moved((0.5, 4.0), whole, value) for name, value in smaller.items()}


def test_the_last_row_takes_the_largest_difference_of_each_image():
    found = [_moved(0.40, **{WAVELET: 0.41}), _moved(0.40, **{JPEG: 0.46}), _moved(0.40)]
    rows = {row[0]: row for row in table(found, MODEL)[1:]}
    assert {name: row[5] for name, row in rows.items() if row[5] != "0.0000"} == {
        WAVELET: "0.0100", JPEG: "0.0600", LARGEST: "0.0600",
    }  # fmt: skip
    assert rows[LARGEST][3] == "0.0100"  # the median of 0.01, 0.06 and 0


def test_an_image_changes_side_where_any_way_crosses_the_threshold():
    found = [_moved(0.49, **{JPEG: 0.51}), _moved(0.51, **{WAVELET: 0.49}), _moved(0.9), _moved(0.9)]
    rows = {row[0]: row[6] for row in table(found, MODEL)[1:]}
    assert (rows[JPEG], rows[WAVELET], rows[LARGEST]) == ("25.0 %", "25.0 %", "50.0 %")


@pytest.fixture
def folder(tmp_path):
    for number in range(2):
        large = cv2.resize(radiograph(number), (1010, 1000), interpolation=cv2.INTER_CUBIC)
        assert cv2.imwrite(str(tmp_path / f"{number}.jpg"), large)
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def test_parts_of_images_and_images_of_a_detector_s_size_come_in_turn(folder):
    each = radiographs([folder], 448)
    part, enlarged = next(each), next(each)
    assert 896 <= min(part.shape) <= 1000
    assert min(enlarged.shape) >= 1792
    np.testing.assert_array_equal(next(radiographs([folder], 448)), part)


def test_an_image_is_read_in_every_way(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("written")
    reader = Reader(load_model_folder(shipped_model()), 448)
    found = reader.read(next(radiographs([folder], 448)), 0, empty)
    assert set(found) == {*WAYS, *SAVED}
    assert all(0 < each.cells[0] < 2 and each.by < 0.1 for each in found.values())
    assert not list(empty.iterdir())
