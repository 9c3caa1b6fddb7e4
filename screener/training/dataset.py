"""Labelled datasets: a CSV, the Kaggle layout, or one folder of class folders."""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from screener.domain import FileKind, Ignored, ImageFile, NotScreened
from screener.errors import DatasetError, ImageError
from screener.intake import find_files, open_image, scan_roots
from screener.intake.walk import classify

CLASS_NAMES = ("NORMAL", "PNEUMONIA")  # label 0, label 1
PARTS = ("train", "val", "test")

_KAGGLE_NORMAL = re.compile(r"(?P<source>NORMAL2-)?IM-(?P<number>\d+)-")
_KAGGLE_PNEUMONIA = re.compile(r"person(?P<number>\d+)_(?P<subtype>bacteria|virus)_")


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image with its label.

    label: 0 for NORMAL, 1 for PNEUMONIA. patient: empty where unknown.
    part: "train", "val" or "test" where the dataset is divided already, else empty.
    digest: SHA-256 of the file: exact duplicates belong on one side of a split.
    """

    file: ImageFile
    label: int
    patient: str
    part: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class LabelledDataset:
    """All images of a dataset that can be read.

    patients_from: in words, how the patients are known; empty where they are not.
    refused: files in the dataset that are no readable image, with the reason.
    """

    images: tuple[LabelledImage, ...]
    patients_from: str
    refused: tuple[NotScreened, ...]


def read_dataset(data: Path) -> LabelledDataset:
    """Return the labelled images of a CSV or a folder (see the module's first line).

    Raises:
        DatasetError: There are none, or a row names an unknown class or a missing file.
    """
    table = data if data.suffix.lower() == ".csv" else data / "manifest.csv"
    if table.is_file():
        seen, patients_from = list(_from_csv(table)), f"column 'patient' of {table.name}"
    elif data.is_dir():
        seen, patients_from = list(_from_folders(data)), ""
    else:
        raise DatasetError(f"{data}: no such folder or CSV file.")
    images = [each for each in seen if isinstance(each, LabelledImage)]
    refused = tuple(each for each in seen if isinstance(each, NotScreened))
    if not images:
        raise DatasetError(
            f"{data}: no labelled image found. Expected class folders {' and '.join(CLASS_NAMES)} "
            "(below train/, val/, test/ or at the top), or a CSV with the columns file, label and, "
            "if known, patient."
        )
    if not all(image.patient for image in images):
        images, patients_from = _find_patients(images)
    return LabelledDataset(tuple(images), patients_from, refused)


def with_digest(image: LabelledImage) -> LabelledImage:
    """Return the image with the SHA-256 of its file."""
    return replace(image, digest=hashlib.sha256(image.file.path.read_bytes()).hexdigest())


def kaggle_patient(stem: str) -> str:
    """Return the patient that a file name of the Kaggle set stands for, empty for other names.

    The number after "person" starts again for each subtype: it is no patient by itself.
    """
    if match := _KAGGLE_PNEUMONIA.match(stem):
        return f"person{match['number']}-{match['subtype']}"
    if match := _KAGGLE_NORMAL.match(stem):
        return f"{match['source'] or ''}IM-{match['number']}-normal"
    return ""


def label_of(name: str) -> int | None:
    """Return the label that a class name stands for: NORMAL or 0, PNEUMONIA or 1; else None."""
    upper = name.strip().upper()
    if upper in CLASS_NAMES:
        return CLASS_NAMES.index(upper)
    return int(upper) if upper in ("0", "1") else None


def _from_csv(table: Path) -> Iterator[LabelledImage | NotScreened]:
    with table.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        missing = {"file", "label"} - set(reader.fieldnames or ())
        if missing:
            raise DatasetError(f"{table}: column {' and '.join(sorted(missing))} is missing.")
        for row in reader:
            where = f"{table}, line {reader.line_num}"
            label = label_of(row["label"] or "")
            if label is None:
                raise DatasetError(
                    f"{where}: label is '{row['label']}', expected NORMAL or PNEUMONIA (or 0, 1)."
                )
            path = table.parent / row["file"]
            if not path.is_file():
                raise DatasetError(f"{where}: {row['file']} does not exist below {table.parent}.")
            parts = Path(row["file"]).parts
            part = parts[0] if parts[0] in PARTS else ""
            seen = classify(path, row["file"])
            patient = (row.get("patient") or "").strip()
            if isinstance(seen, ImageFile):
                yield LabelledImage(seen, label, patient, part)
            elif isinstance(seen, NotScreened):
                yield seen


def _from_folders(data: Path) -> Iterator[LabelledImage | NotScreened]:
    parts = [part for part in PARTS if (data / part).is_dir()]
    for part in parts or [""]:
        for folder in sorted((data / part).iterdir()):
            label = label_of(folder.name) if folder.is_dir() else None
            if label is None:
                continue
            for seen in find_files(scan_roots([folder])):
                file = f"{folder.relative_to(data).as_posix()}/{seen.file}"
                if isinstance(seen, ImageFile):
                    yield LabelledImage(replace(seen, file=file), label, "", part)
                elif not isinstance(seen, Ignored):
                    yield replace(seen, file=file)


def _find_patients(images: list[LabelledImage]) -> tuple[list[LabelledImage], str]:
    """Return the images with the patient from the DICOM header or the Kaggle file name.

    One image without a patient leaves all without: half a patient-level split is none.
    """
    found = [replace(image, patient=image.patient or _patient_of(image.file)) for image in images]
    if all(image.patient for image in found):
        dicom = any(image.file.kind is FileKind.DICOM for image in found)
        return found, "DICOM Patient ID" if dicom else "Kaggle file names"
    return [replace(image, patient="") for image in images], ""


def _patient_of(file: ImageFile) -> str:
    if file.kind is not FileKind.DICOM:
        return kaggle_patient(file.path.stem)
    try:
        return open_image(file).identifiers.patient_id
    except ImageError:
        return ""
