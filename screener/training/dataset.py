"""Labelled datasets: a CSV, the Kaggle layout, or one folder of class folders."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from screener.domain import FileKind, ImageFile, NotScreened
from screener.errors import DatasetError
from screener.intake import find_files, scan_roots
from screener.intake.walk import classify
from screener.said import Said, Spoken, Together, say
from screener.training.attributes import (
    Attributes,
    attributes_of_file,
    attributes_of_row,
    kaggle_attributes,
)
from screener.training.image_checks import copies_in_words, refuse_two_labels

CLASS_NAMES = ("NORMAL", "PNEUMONIA")  # label 0, label 1
PARTS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image with its label.

    label: 0 for NORMAL, 1 for PNEUMONIA. patient: empty where unknown.
    part: "train", "val" or "test" where the dataset is divided already, else empty.
    site: which dataset it belongs to, where several are read together.
    digest: SHA-256 of the file: exact duplicates belong on one side of a split.
    listed: where its label stands: file and line of a CSV, or the file's own path; told in errors.
    The others as in attributes.Attributes: empty, or None, where unknown; subtype is empty for NORMAL.
    """

    file: ImageFile
    label: int
    patient: str
    part: str
    digest: str = ""
    source: str = ""
    view: str = ""
    sex: str = ""
    age_years: float | None = None
    subtype: str = ""
    site: str = ""
    listed: str | Said = ""


@dataclass(frozen=True, slots=True)
class LabelledDataset:
    """All images of a dataset that can be read.

    patients_from: in words, how the patients are known; empty where they are not.
    refused: files in the dataset that are no readable image, with the reason.
    labels_from: what gives the labels, None for several datasets. listed_again: how many rows named a file
    once more, under the same label; it counts once.
    """

    images: tuple[LabelledImage, ...]
    patients_from: str
    refused: tuple[NotScreened, ...]
    labels_from: Said | None = None
    listed_again: int = 0

    def by_site(self) -> "dict[str, LabelledDataset]":
        """Return the images of each site as a dataset of their own."""
        names = dict.fromkeys(image.site for image in self.images)
        return {
            name: replace(self, images=tuple(image for image in self.images if image.site == name))
            for name in names
        }


def read_dataset(data: Path) -> LabelledDataset:
    """Return the labelled images of a CSV or a folder (see the module's first line).

    Raises:
        DatasetError: There are none, a row names an unknown class or a missing file, or one file has two
            labels.
    """
    table = data if data.suffix.lower() == ".csv" else data / "manifest.csv"
    if table.is_file():
        seen, patients_from = list(_from_csv(table)), f"column 'patient' of {table.name}"
        labels_from = say("training.label_column", table=table.name)
    elif data.is_dir():
        seen, patients_from = list(_from_folders(data)), ""
        labels_from = say("training.class_folders", folder=data.name)
    else:
        raise DatasetError("training.no_such_data", data=data)
    images = [each for each in seen if isinstance(each, LabelledImage)]
    refused = tuple(each for each in seen if isinstance(each, NotScreened))
    if not images:
        raise DatasetError("training.no_labelled_image", data=data)
    images, listed_again = _each_once(images)
    given = all(image.patient for image in images)
    images = [_completed(image) for image in images]
    if not given:
        images, patients_from = _find_patients(images)
    return LabelledDataset(tuple(images), patients_from, refused, labels_from, listed_again)


def _each_once(images: list[LabelledImage]) -> tuple[list[LabelledImage], int]:
    """Return each file once, and how many were listed again; raises DatasetError for one with two labels."""
    places = [str(image.file.path.resolve()) for image in images]
    refuse_two_labels(images, places, "training.same_file")
    found: dict[str, LabelledImage] = {}
    for place, image in zip(places, images, strict=True):
        found.setdefault(place, image)
    return list(found.values()), len(images) - len(found)


def read_sites(data: Sequence[Path]) -> LabelledDataset:
    """Return several datasets as one: each is a site, named by its file or folder, with patients of its own.

    Raises:
        DatasetError: As read_dataset; or the patients are known in one and not in another.
    """
    sites = {path.stem: read_dataset(path) for path in data}
    known = {name: site.patients_from for name, site in sites.items()}
    if any(known.values()) and not all(known.values()):
        unknown = ", ".join(name for name, source in known.items() if not source)
        raise DatasetError("training.patients_unknown_in", sites=unknown)
    if len(sites) == 1:
        name, only = next(iter(sites.items()))
        return replace(only, images=tuple(replace(image, site=name) for image in only.images))
    return LabelledDataset(
        tuple(_at(name, image) for name, site in sites.items() for image in site.images),
        "; ".join(f"{name}: {source}" for name, source in known.items() if source),
        tuple(
            replace(each, file=f"{name}/{each.file}") for name, site in sites.items() for each in site.refused
        ),
        listed_again=sum(site.listed_again for site in sites.values()),
    )


def _at(site: str, image: LabelledImage) -> LabelledImage:
    """Return an image as one of a site: files and patients of two sites never share a name."""
    file = replace(image.file, name=f"{site}/{image.file.name}")
    return replace(image, file=file, patient=image.patient and f"{site}/{image.patient}", site=site)


def with_digest(image: LabelledImage) -> LabelledImage:
    """Return the image with the SHA-256 of its file."""
    return replace(image, digest=hashlib.sha256(image.file.path.read_bytes()).hexdigest())


def checked_copies(images: Sequence[LabelledImage], listed_again: int = 0) -> Spoken | None:
    """Return in words which of some images, with digests, are copies of others; None for none.

    Raises:
        DatasetError: One content has two labels.
    """
    digests = [image.digest for image in images]
    refuse_two_labels(images, digests, "training.same_content")
    return copies_in_words(images, digests, listed_again)


def kaggle_patient(stem: str) -> str:
    """Return the patient that a file name of the Kaggle set stands for, empty for other names."""
    return kaggle_attributes(stem).patient


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
            columns = Together(tuple(sorted(missing)), say("training.and"))
            raise DatasetError("training.column_missing", count=len(missing), table=table, columns=columns)
        for row in reader:
            where = say("training.line", table=table, line=reader.line_num)
            label = label_of(row["label"] or "")
            if label is None:
                raise DatasetError("training.unknown_label", where=where, label=row["label"])
            path = table.parent / row["file"]
            if not path.is_file():
                raise DatasetError(
                    "training.no_such_file", where=where, file=row["file"], folder=table.parent.absolute()
                )
            part = (row.get("part") or Path(row["file"]).parts[0]).strip()
            part = part if part in PARTS else ""
            seen = classify(path, row["file"])
            try:
                known = attributes_of_row(row)
            except DatasetError as error:
                raise DatasetError("training.at", where=where, error=error) from error
            if isinstance(seen, ImageFile):
                listed = say("training.listed_line", where=where, file=row["file"])
                yield _with(known, LabelledImage(seen, label, "", part, listed=listed))
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
                below = folder.relative_to(data).as_posix()
                if isinstance(seen, ImageFile):
                    file = replace(seen, name=f"{below}/{seen.name}")
                    yield LabelledImage(file, label, "", part, listed=str(seen.path))
                elif isinstance(seen, NotScreened):
                    yield replace(seen, file=f"{below}/{seen.file}")


def _completed(image: LabelledImage) -> LabelledImage:
    """Return the image with what its header or name says beyond the CSV; a header is read only if it may."""
    known = Attributes(**{name: getattr(image, name) for name in Attributes.__slots__})
    header = (known.patient, known.view, known.sex, known.age_years)
    if image.file.kind is FileKind.DICOM and not any(each in ("", None) for each in header):
        return image
    return _with(known.completed(attributes_of_file(image.file)), image)


def _with(known: Attributes, image: LabelledImage) -> LabelledImage:
    values = {name: getattr(known, name) for name in Attributes.__slots__}
    return replace(image, **values | ({} if image.label else {"subtype": ""}))


def _find_patients(images: list[LabelledImage]) -> tuple[list[LabelledImage], str]:
    """Return the images and, in words, where their patients are from: DICOM header or Kaggle file name.

    One image without a patient leaves all without: a split by half of the patients would leak the others.
    """
    if all(image.patient for image in images):
        dicom = any(image.file.kind is FileKind.DICOM for image in images)
        return images, "DICOM Patient ID" if dicom else "Kaggle file names"
    return [replace(image, patient="") for image in images], ""
