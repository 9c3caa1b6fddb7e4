"""The adults on whom a population is calibrated, and those kept for one report."""

from pathlib import Path

from benchmarks.adult_labels import set_aside
from benchmarks.adult_populations import (
    NORMAL,
    NORMAL_TO_OTHER,
    divided,
    is_reported,
    read_radiographs,
    thinned,
)

HEADER = "file,uuid,nih_labels_v2020,rsna_class,patient_id,age,sex,view"
CLASSES = ("Lung Opacity", "No Lung Opacity / Not Normal", NORMAL, "")


def write_tables(folder: Path) -> tuple[Path, Path]:
    """Write labels of 400 adults and 40 children read or not, and of 400 normal images and their lungs."""
    adults, rsna = folder / "adults", folder / "rsna"
    read = [f"{i}.jpg,,x,{CLASSES[i % 4]},{i},{15 if i >= 400 else 40},F,PA" for i in range(440)]
    normal = [
        f"{part}/{i}.jpg,u{i},,{NORMAL},{i},50,M,AP" for i in range(300, 700) for part in ("full", "lungs")
    ]
    for place, rows in ((adults, read), (rsna, normal)):
        place.mkdir()
        (place / "labels.csv").write_text("\n".join([HEADER, *rows]))
    return adults, rsna


def test_only_grown_ups_set_aside_whose_whole_image_radiologists_read_are_taken(tmp_path: Path) -> None:
    radiographs = read_radiographs(*write_tables(tmp_path), tmp_path / "lists")
    assert radiographs
    assert all(
        set_aside(radiograph["patient"]) and int(radiograph["age"]) >= 18 and radiograph["subtype"]
        for radiograph in radiographs
    )
    assert not any("lungs" in radiograph["file"] for radiograph in radiographs)
    assert {radiograph["file"].split("/")[1] for radiograph in radiographs} == {"adults", "rsna"}


def test_nobody_of_the_report_is_chosen_on(tmp_path: Path) -> None:
    parts = divided(read_radiographs(*write_tables(tmp_path), tmp_path))
    patients = {
        name: {radiograph["patient"] for radiograph in radiographs} for name, radiographs in parts.items()
    }
    assert patients["adults"]
    assert all(map(is_reported, patients["report"]))
    assert not any(map(is_reported, patients["adults"]))
    assert not patients["adults"] & patients["normal"]
    assert patients["normal"]


def test_normal_images_are_as_frequent_among_those_without_opacity_as_in_the_challenge(
    tmp_path: Path,
) -> None:
    radiographs = read_radiographs(*write_tables(tmp_path), tmp_path)
    kept, left = thinned(radiographs)
    normal = sum(radiograph["subtype"] == NORMAL for radiograph in kept)
    other = sum(radiograph["subtype"] == CLASSES[1] for radiograph in kept)
    assert normal == round(other * NORMAL_TO_OTHER)
    assert len(kept) + len(left) == len(radiographs)
    assert {radiograph["subtype"] for radiograph in left} == {NORMAL}


def test_a_patient_is_taken_from_one_folder_only(tmp_path: Path) -> None:
    patients = [radiograph["patient"] for radiograph in read_radiographs(*write_tables(tmp_path), tmp_path)]
    assert len(patients) == len(set(patients))
