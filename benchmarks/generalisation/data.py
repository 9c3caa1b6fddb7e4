"""The images that a model is measured on: none of a patient that it was trained on."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from screener.domain import ImageFile
from screener.errors import DatasetError
from screener.inference.model_folder import ModelFolder
from screener.intake import classify
from screener.training.dataset import LabelledImage, label_of, read_dataset, with_digest
from screener.training.splits import Split, split_dataset, split_seed_of

SET_ASIDE, TRAINED_ON = "test", "train"  # in the column "part" of the adults' CSV
NORMAL2, IM, BACTERIA, VIRUS = "NORMAL2-IM", "IM", "bacteria", "virus"
ORIGINALS, COPIES = "originals", "copies"
SAMPLES = Path(__file__).parents[2] / "sample_data"


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled image.

    label: 0 or 1. groups: what it belongs to, such as a source. view: "PA", "AP" or empty.
    subtype: of adults, the radiologists' class.
    """

    file: ImageFile
    label: int
    patient: str
    population: str  # "children" or "adults"
    groups: frozenset[str] = frozenset()
    view: str = ""
    subtype: str = ""

    @property
    def healthy(self) -> bool:
        """Whether nothing at all is said to be wrong with it; an adult may be abnormal without opacity."""
        return self.label == 0 and self.subtype in ("", "normal", "Normal")


@dataclass(frozen=True, slots=True)
class Unseen:
    """What of a dataset a model was not trained on.

    trained_on: the patients of the rest. warning: empty where all this is sure.
    """

    held_out: list[Case]
    validation: list[Case]
    trained_on: frozenset[str]
    warning: str = ""

    @property
    def radiographs(self) -> list[Case]:
        return self.held_out + self.validation


@dataclass(frozen=True, slots=True)
class Dataset:
    """Labelled images, and the images that they are of, in the same order."""

    radiographs: tuple[Case, ...]
    images: tuple[LabelledImage, ...]

    def unseen(self, model: ModelFolder) -> Unseen:
        """Return the images of held-out and of validation patients of a model.

        The split of its training is made again from the seed in its manifest, and compared with the numbers
        there. Where that cannot be, all images are called held out and the warning says so.
        """
        training = model.manifest.get("training", {})
        source = training.get("held_out_source")
        kept = [
            image
            for image, radiograph in zip(self.images, self.radiographs, strict=True)
            if source not in radiograph.groups
        ]
        for images in (kept, list(self.images)):
            split = _split(images, split_seed_of(model.manifest))
            if split and _agrees(split, model.manifest):
                patients = frozenset(image.patient for image in split.training)
                return Unseen(self._of(split.held_out), self._of(split.validation), patients)
        warning = (
            f"{model.identity}: the split of its training cannot be made again from this dataset, so images "
            "of patients that it was trained on may be among these: the figures may flatter it."
        )
        return Unseen(list(self.radiographs), [], frozenset(), warning)

    def _of(self, images: Iterable[LabelledImage]) -> list[Case]:
        by_file = {radiograph.file.name: radiograph for radiograph in self.radiographs}
        return [by_file[image.file.name] for image in images]


def read_children(data: Path) -> Dataset:
    """Return the labelled images of a folder or CSV, with their groups by file name and manifest.

    Raises:
        DatasetError: There are none.
    """
    dataset = read_dataset(data)
    images = tuple(with_digest(image) for image in dataset.images)
    if not dataset.patients_from:
        raise DatasetError(f"{data}: patients are unknown, so no split by patient can be trusted.")
    originals = _column(data / "manifest.csv" if data.is_dir() else data, "from_original")
    radiographs = tuple(
        Case(image.file, image.label, image.patient, "children", _groups(image, originals))
        for image in images
    )
    return Dataset(radiographs, images)


def read_adults(table: Path, *, final: bool) -> list[Case]:
    """Return the adults of a CSV as adult_labels.py writes it.

    final: include the patients that are set aside. Those with part "train" are always left out.

    Raises:
        DatasetError: A column is missing, a label unknown, or an image cannot be opened.
    """
    with table.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    radiographs = []
    for line, row in enumerate(rows, start=2):
        part = row.get("part", "")
        if part == TRAINED_ON or (part == SET_ASIDE and not final):
            continue
        try:
            label, seen = label_of(row["label"]), classify(table.parent / row["file"], row["file"])
            if label is None or not isinstance(seen, ImageFile):
                raise DatasetError(f"{table}, line {line}: no image, or no label, in {row['file']}.")
            radiograph = Case(seen, label, row["patient"], "adults", view=row["view"], subtype=row["subtype"])
        except KeyError as error:
            raise DatasetError(f"{table}: column {error} is missing; see adult_labels.py.") from error
        radiographs.append(replace(radiograph, groups=frozenset(filter(None, ("adults", row.get("source"))))))
    return radiographs


def chosen(radiographs: Sequence[Case], rest: Sequence[Case], limit: int, seed: int = 0) -> list[Case]:
    """Return up to so many images of each class, at random, those of `rest` only where the first run out."""
    taken = []
    for label in (0, 1):
        for part in (radiographs, rest):
            pool = [radiograph for radiograph in part if radiograph.label == label]
            order = np.random.default_rng((seed, label)).permutation(len(pool))
            room = limit - sum(radiograph.label == label for radiograph in taken)
            taken += [pool[i] for i in order[: max(room, 0)]]
    return sorted(taken, key=lambda radiograph: radiograph.file.name)


def read_samples(folder: Path = SAMPLES) -> list[dict[str, Any]]:
    """Return the rows of the sample data's manifest that are screened, each with its "image"."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["expected"] == "screened"]
    return [{**row, "image": classify(folder / "studies" / row["file"], row["file"])} for row in rows]


def _split(images: list[LabelledImage], seed: int | None) -> Split | None:
    if seed is None:
        return None
    try:
        return split_dataset(images, True, seed)
    except DatasetError:
        return None


def _agrees(split: Split, manifest: Any) -> bool:
    """Return whether the parts hold as many patients as the manifest says; an image that cannot be decoded
    costs a patient at most, so a difference of two is let pass.
    """
    return all(
        abs(manifest.get(name, {}).get("patients", -9) - len({image.patient for image in part})) <= 2
        for name, part in (("validation", split.validation), ("held_out", split.held_out))
    )


def _groups(image: LabelledImage, originals: dict[str, str]) -> frozenset[str]:
    name = Path(image.file.name).name
    groups = []
    if image.label == 0:
        groups.append(NORMAL2 if name.startswith("NORMAL2-") else IM)
    else:
        groups += [kind for kind in (BACTERIA, VIRUS) if f"_{kind}_" in name]
    kept = originals.get(image.file.name)
    if kept in ("0", "1"):
        groups.append(ORIGINALS if kept == "1" else COPIES)
    return frozenset(groups)


def _column(table: Path, name: str) -> dict[str, str]:
    """Return a column by file, empty where there is none."""
    if not table.is_file():
        return {}
    with table.open(newline="", encoding="utf-8-sig") as stream:
        return {row["file"]: row.get(name) or "" for row in csv.DictReader(stream)}
