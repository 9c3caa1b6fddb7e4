"""The table of lungs: boxes in shares, twins found, patients divided as everywhere."""

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


@pytest.fixture
def rows(tmp_path: Path) -> list[dict[str, str]]:
    (tmp_path / "labels.csv").write_text(LABELS)
    (tmp_path / "boxes.csv").write_text(BOXES)
    return list(table_rows(tmp_path, Path("../rsna")))


def test_every_image_of_lungs_has_a_row_and_a_normal_one_its_whole_twin(rows: list[dict[str, str]]) -> None:
    assert [row["file"] for row in rows] == [f"../rsna/lungs/{name}.jpg" for name in "abc"]
    assert [row["class"] for row in rows] == ["normal", "opacity", "other"]
    assert [row["whole"] for row in rows] == ["../rsna/full/a.jpg", "", ""]


def test_boxes_are_in_shares_of_the_picture(rows: list[dict[str, str]]) -> None:
    assert rows[1]["boxes"] == "0.2500 0.5000 0.1250 0.0625;0.0000 0.0000 0.5000 1.0000"
    assert rows[0]["boxes"] == ""


def test_a_tenth_of_the_patients_is_set_aside_within_the_quarter_no_model_was_trained_on() -> None:
    patients = [f"adult {number}" for number in range(4000)]
    aside = [patient for patient in patients if part_of(patient) == "test"]
    assert len(aside) / len(patients) == pytest.approx(0.1, abs=0.02)
    assert all(set_aside(patient) for patient in aside)
    assert sum(part_of(patient) == "val" for patient in patients) / 4000 == pytest.approx(0.25, abs=0.02)
