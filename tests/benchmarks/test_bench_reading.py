"""The measure of a model's reading: which films it takes, and what its table counts."""

from types import SimpleNamespace

import cv2
import pytest

from benchmarks.bench_reading import ANY, ANY_OWN, Read, Reader, drawn, table
from screener.inference.model_folder import load_model_folder
from screener.operating_points import OperatingPoint
from screener.preprocessing.ways import RULE, WAYS
from screener.resources import shipped_model
from tests.commands.conftest import film

OTHER, WAVELET = "whole, bilinear", "5/3 wavelet level, area"
MODEL = SimpleNamespace(main=SimpleNamespace(operating_points={"balanced": OperatingPoint("balanced", 0.5)}))


def _read(rule, wavelet, other):
    return Read(1, {RULE.name: rule, WAVELET: wavelet, OTHER: other})


def test_the_last_rows_take_the_largest_difference_of_each_film():
    rows = table([_read(0.40, 0.41, 0.40), _read(0.40, 0.40, 0.46), _read(0.40, 0.40, 0.40)], MODEL)
    most = {row[0]: row[3] for row in rows[1:]}
    assert most == {WAVELET: "0.0100", OTHER: "0.0600", ANY_OWN: "0.0100", ANY: "0.0600"}
    assert rows[-1][1] == "0.0100"  # the median of 0.01, 0.06 and 0


def test_a_film_changes_side_where_any_way_crosses_the_threshold():
    rows = table([_read(0.49, 0.49, 0.51), _read(0.51, 0.49, 0.51), *[_read(0.9, 0.9, 0.9)] * 2], MODEL)
    assert {row[0]: row[4] for row in rows[1:]} == {
        WAVELET: "25.0 %", OTHER: "25.0 %", ANY_OWN: "25.0 %", ANY: "50.0 %",
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for number in range(3):
        large = cv2.resize(film(number), (960, 1000), interpolation=cv2.INTER_CUBIC)
        assert cv2.imwrite(str(tmp_path / f"{number}.jpg"), large)
    (tmp_path / "notes.txt").write_text("no film")
    return tmp_path


def test_a_film_is_read_in_every_way(folder):
    files = list(drawn([folder]))
    assert {file.name for file in files} == {"0.jpg", "1.jpg", "2.jpg"}
    read = Reader(load_model_folder(shipped_model()), 448).read(files[0])
    assert read.halved == 1
    assert set(read.probabilities) > {way.name for way in WAYS}


def test_a_film_as_small_as_the_network_sees_it_tells_nothing(tmp_path):
    assert cv2.imwrite(str(tmp_path / "small.jpg"), cv2.resize(film(1), (224, 224)))
    [file] = drawn([tmp_path])
    assert Reader(load_model_folder(shipped_model()), 448).read(file) is None


def test_the_same_films_come_each_time(folder):
    assert list(drawn([folder])) == list(drawn([folder]))
