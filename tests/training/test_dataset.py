from pathlib import Path

import pytest

from screener.errors import DatasetError
from screener.training.dataset import kaggle_patient, label_of, read_dataset, with_digest
from tests.commands.conftest import write_dicom
from tests.training.conftest import MakeDataset, write_radiograph


@pytest.mark.parametrize(
    ("stem", "patient"),
    [
        pytest.param("person12_bacteria_46", "person12-bacteria", id="bacterial"),
        pytest.param("person12_virus_9", "person12-virus", id="viral: another patient of the same number"),
        pytest.param("IM-0429-0001-0002", "IM-0429-normal", id="normal"),
        pytest.param("NORMAL2-IM-0429-0001", "NORMAL2-IM-0429-normal", id="normal, second source"),
        pytest.param("chest_0001", "", id="no rule"),
    ],
)
def test_the_kaggle_file_name_tells_the_patient(stem: str, patient: str) -> None:
    assert kaggle_patient(stem) == patient


@pytest.mark.parametrize(
    ("name", "label"),
    [("NORMAL", 0), ("normal", 0), ("Pneumonia", 1), ("0", 0), ("1", 1), ("COVID", None), ("2", None)],
)
def test_a_class_name_becomes_a_label(name: str, label: int | None) -> None:
    assert label_of(name) == label


def test_the_kaggle_layout_is_read_with_parts_labels_and_patients(make_kaggle_set: MakeDataset) -> None:
    dataset = read_dataset(make_kaggle_set(3, parts=("train", "test")))
    assert len(dataset.images) == 12
    assert dataset.patients_from == "Kaggle file names"
    assert {(image.part, image.label) for image in dataset.images} == {
        ("train", 0), ("train", 1), ("test", 0), ("test", 1),
    }  # fmt: skip


def test_a_folder_of_class_folders_is_read(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "normal" / "a.jpg", 0, 1)
    write_radiograph(tmp_path / "pneumonia" / "deep" / "b.png", 1, 2)
    dataset = read_dataset(tmp_path)
    assert [(image.file.name, image.label) for image in dataset.images] == [
        ("normal/a.jpg", 0),
        ("pneumonia/deep/b.png", 1),
    ]
    assert dataset.patients_from == ""


def test_a_csv_gives_labels_and_patients(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "images" / "a.jpg", 0, 1)
    table = tmp_path / "labels.csv"
    table.write_text("file,label,patient\nimages/a.jpg,NORMAL,p7\n")
    dataset = read_dataset(table)
    assert [(image.label, image.patient) for image in dataset.images] == [(0, "p7")]
    assert dataset.patients_from == "column 'patient' of labels.csv"


def test_a_manifest_in_the_folder_is_used(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "train" / "NORMAL" / "a.jpg", 0, 1)
    write_radiograph(tmp_path / "train" / "NORMAL" / "not-listed.jpg", 0, 2)
    (tmp_path / "manifest.csv").write_text("file,label,patient\ntrain/NORMAL/a.jpg,NORMAL,p1\n")
    assert [image.patient for image in read_dataset(tmp_path).images] == ["p1"]


def test_one_image_without_patient_leaves_all_without(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "NORMAL" / "IM-0001-0001.jpeg", 0, 1)
    write_radiograph(tmp_path / "PNEUMONIA" / "stranger.jpeg", 1, 2)
    dataset = read_dataset(tmp_path)
    assert dataset.patients_from == ""
    assert {image.patient for image in dataset.images} == {""}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("file,class\na.jpg,NORMAL\n", "column label is missing", id="no label column"),
        pytest.param("file,label\na.jpg,TB\n", "line 2: label is 'TB'", id="unknown class"),
        pytest.param("file,label\ngone.jpg,NORMAL\n", "gone.jpg does not exist", id="missing file"),
    ],
)
def test_a_bad_csv_is_refused_and_the_line_named(tmp_path: Path, content: str, message: str) -> None:
    write_radiograph(tmp_path / "a.jpg", 0, 1)
    table = tmp_path / "labels.csv"
    table.write_text(content)
    with pytest.raises(DatasetError, match=message):
        read_dataset(table)


def test_an_empty_folder_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Expected class folders NORMAL and PNEUMONIA"):
        read_dataset(tmp_path)


def test_a_broken_file_is_listed_not_lost(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "NORMAL" / "a.jpg", 0, 1)
    (tmp_path / "NORMAL" / "b.jpg").write_text("no image")
    dataset = read_dataset(tmp_path)
    assert [each.file for each in dataset.refused] == ["NORMAL/b.jpg"]
    assert len(dataset.images) == 1


def test_copies_share_a_digest_and_others_do_not(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "NORMAL" / "a.jpg", 0, 1)
    write_radiograph(tmp_path / "NORMAL" / "b.jpg", 0, 1)
    write_radiograph(tmp_path / "NORMAL" / "c.jpg", 0, 2)
    digests = [with_digest(image).digest for image in read_dataset(tmp_path).images]
    assert digests[0] == digests[1] != digests[2]


def test_dicom_images_bring_their_patients_along(tmp_path: Path) -> None:
    write_dicom(tmp_path / "NORMAL" / "a.dcm", 1, PatientID="P-7")
    write_dicom(tmp_path / "PNEUMONIA" / "b.dcm", 2, PatientID="P-8")
    dataset = read_dataset(tmp_path)
    assert [image.patient for image in dataset.images] == ["P-7", "P-8"]
    assert dataset.patients_from == "DICOM Patient ID"
