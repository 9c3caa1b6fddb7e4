"""One image under two labels is an error that names both places; copies under one label are told."""

from pathlib import Path

import cv2
import pytest

from screener.errors import DatasetError
from screener.training.dataset import LabelledDataset, checked_copies, read_dataset, with_digest
from screener.training.image_checks import refuse_two_labels
from tests.training.conftest import write_radiograph


def from_rows(folder: Path, *rows: str) -> LabelledDataset:
    (folder / "labels.csv").write_text("\n".join(["file,label", *rows]) + "\n")
    return read_dataset(folder / "labels.csv")


def test_a_file_listed_under_two_labels_is_an_error_with_both_lines(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "a.jpg", 0, 1)
    with pytest.raises(
        DatasetError, match=r"(?s)line 2: a\.jpg \(NORMAL\) and .*line 3: \./a\.jpg \(PNEUMONIA\)"
    ):
        from_rows(tmp_path, "a.jpg,NORMAL", "./a.jpg,PNEUMONIA")


def test_a_file_listed_twice_under_one_label_counts_once(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "a.jpg", 0, 1)
    dataset = from_rows(tmp_path, "a.jpg,NORMAL", "a.jpg,NORMAL")
    assert (len(dataset.images), dataset.listed_again) == (1, 1)
    assert "1 row names a file that was named before" in str(
        checked_copies(dataset.images, dataset.listed_again)
    )


def test_a_copied_file_under_two_labels_is_an_error_with_both_paths(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "NORMAL" / "a.jpg", 0, 1)
    write_radiograph(tmp_path / "PNEUMONIA" / "b.jpg", 0, 1)
    images = [with_digest(image) for image in read_dataset(tmp_path).images]
    with pytest.raises(
        DatasetError, match=r"(?s)NORMAL/a\.jpg \(NORMAL\) and .*PNEUMONIA/b\.jpg \(PNEUMONIA\)"
    ):
        checked_copies(images)


def test_a_copied_file_under_one_label_is_told(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "NORMAL" / "a.jpg", 0, 1)
    write_radiograph(tmp_path / "NORMAL" / "b.jpg", 0, 1)
    write_radiograph(tmp_path / "NORMAL" / "c.jpg", 0, 2)
    said = str(checked_copies([with_digest(image) for image in read_dataset(tmp_path).images]))
    assert said.startswith("1 image is a copy of another one under the same label")
    assert "b.jpg" in said


def test_images_of_which_nothing_is_known_clash_with_nobody(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "NORMAL" / "a.jpg", 0, 1)
    write_radiograph(tmp_path / "PNEUMONIA" / "b.jpg", 1, 2)
    refuse_two_labels(read_dataset(tmp_path).images, ["", ""], "training.same_picture")


def test_many_clashes_are_counted_and_the_first_named(tmp_path: Path) -> None:
    for number in range(8):
        write_radiograph(tmp_path / "NORMAL" / f"{number}.jpg", 0, number)
        radiograph = cv2.imread(str(tmp_path / "NORMAL" / f"{number}.jpg"))
        (tmp_path / "PNEUMONIA").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "PNEUMONIA" / f"{number}.png"), radiograph)
    images = read_dataset(tmp_path).images
    with pytest.raises(DatasetError, match="and 3 more"):
        refuse_two_labels(images, [image.file.path.stem for image in images], "training.same_picture")
