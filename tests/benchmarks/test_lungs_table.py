"""The table of lungs: boxes in shares, twins found, patients divided as everywhere."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks.adult_labels import part_of, set_aside
from benchmarks.lungs_table import table_rows

LABELS = """file,uuid,rsna_class,patient_id,age,sex,view
full/a.jpg,a,Normal,1,50,F,PA
lungs/a.jpg,a,Normal,1,50,F,PA
lungs/b.jpg,b,Lung Opacity,2,51,M,AP
lungs/c.jpg,c,No Lung Opacity / Not Normal,3,52,M,AP
"""
BOXES = "uuid,x,y,width,height\nb,256,512,128,64\nb,0,0,512,1024\n"


def table(folder: Path, labels: str, read: Iterable[int] = ()) -> list[dict[str, str]]:
    """Return the table of labels; read: patients of whom radiologists read another whole image."""
    (folder / "labels.csv").write_text(labels)
    (folder / "boxes.csv").write_text(BOXES)
    (folder / "adults").mkdir()
    patients = "".join(f"{each},Normal\n" for each in read)
    (folder / "adults" / "labels.csv").write_text(f"patient_id,rsna_class\n700,\n{patients}")
    return list(table_rows(folder / "adults", folder, Path("../rsna")))


@pytest.fixture
def rows(tmp_path: Path) -> list[dict[str, str]]:
    return table(tmp_path, LABELS)


def test_every_image_of_lungs_has_a_row_and_a_normal_one_its_whole_twin(rows: list[dict[str, str]]) -> None:
    assert [row["file"] for row in rows] == [f"../rsna/lungs/{name}.jpg" for name in "abc"]
    assert [row["class"] for row in rows] == ["normal", "opacity", "other"]
    assert [row["whole"] for row in rows] == ["../rsna/full/a.jpg", "", ""]


def test_boxes_are_in_shares_of_the_picture(rows: list[dict[str, str]]) -> None:
    assert rows[1]["boxes"] == "0.2500 0.5000 0.1250 0.0625;0.0000 0.0000 0.5000 1.0000"
    assert rows[0]["boxes"] == ""


def test_no_composite_shows_a_patient_whose_whole_image_is_measured(tmp_path: Path) -> None:
    lines = [f"lungs/{i}.jpg,{i},Normal,{i},50,F,PA" for i in range(600)]
    lines += [f"full/{i}.jpg,{i},Normal,{i},50,F,PA" for i in range(300)]
    rows = table(tmp_path, "\n".join([LABELS.splitlines()[0], *lines]), read=range(400, 500))
    there = (*range(300), *range(400, 500))
    measured = {f"adult {i}" for i in there if set_aside(f"adult {i}")}
    assert {row["patient"] for row in rows if row["part"] == "test"} == measured
    assert measured


def test_a_tenth_of_the_others_serves_for_choosing() -> None:
    patients = [f"adult {number}" for number in range(4000)]
    assert {part_of(patient, True) for patient in patients} == {"test"}
    chosen = sum(part_of(patient, False) == "val" for patient in patients)
    assert chosen / len(patients) == pytest.approx(0.1, abs=0.02)
