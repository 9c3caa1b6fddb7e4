"""The check that composites do not give their class away."""

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import bench_composites
from benchmarks.bench_composites import LOOKS, described, separability, sheet
from screener.training.composer import Composer, Drawn
from screener.training.composites import Composite
from screener.training.lung_radiographs import read_lung_radiographs
from tests.training.lung_pictures import write_table


def test_neither_frame_nor_seams_show_the_inside_of_a_lung() -> None:
    fields = np.zeros((256, 256), np.bool_)
    fields[60:200, 40:120] = True
    grey = np.full((256, 256), 100, np.uint8)
    radiograph = Composite(grey, fields, fields, fields)
    assert (LOOKS["frame"](radiograph) == 0).sum() == fields.sum()
    shown = LOOKS["seams"](radiograph)
    assert shown[130, 80] == 0  # inside
    assert shown[61, 80] == 100  # at the edge
    assert shown[10, 10] == 100  # outside


def test_a_class_that_can_be_seen_is_found_and_one_that_cannot_is_not(monkeypatch) -> None:
    monkeypatch.setattr(bench_composites, "RESAMPLES", 200)
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    blind = rng.normal(0, 1, (400, 6)).astype(np.float32)
    seeing = blind + labels[:, np.newaxis].astype(np.float32)
    with threadpool_limits(1):  # threads that wait for one another cost more than such small trees
        assert separability(seeing, labels)[1] > 0.8
        _, low, high = separability(blind, labels)
    assert low < 0.5 < high


def test_a_sheet_has_a_row_for_each_kind(tmp_path) -> None:
    composer = Composer(read_lung_radiographs(write_table(tmp_path)))
    drawn: list[Drawn] = [composer.draw(np.random.default_rng(i)) for i in range(40)]
    assert sheet(drawn, columns=2).shape == (4 * 256, 2 * 256, 3)
    assert described(drawn[0].radiograph.pixels).shape == (2 * 16 * 16,)
