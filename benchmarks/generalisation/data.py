"""The films that a model is measured on: none of a patient that it was trained on."""

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
class Film:
    """One labelled film.

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

    held_out: list[Film]
    validation: list[Film]
    trained_on: frozenset[str]
    warning: str = ""

    @property
    def films(self) -> list[Film]:
        return self.held_out + self.validation


@dataclass(frozen=True, slots=True)
class Dataset:
    """Labelled films, and the images that they are of, in the same order."""

    films: tuple[Film, ...]
    images: tuple[LabelledImage, ...]

    def unseen(self, model: ModelFolder) -> Unseen:
        """Return the films of held-out and of validation patients of a model.

        The split of its training is made again from the seed in its manifest, and compared with the numbers
        there. Where that cannot be, all films are called held out and the warning says so.
        """
        training = model.manifest.get("training", {})
        source = training.get("held_out_source")
        kept = [
            image for image, film in zip(self.images, self.films, strict=True) if source not in film.groups
        ]
        for images in (kept, list(self.images)):
            split = _split(images, split_seed_of(model.manifest))
            if split and _agrees(split, model.manifest):
                patients = frozenset(image.patient for image in split.training)
                return Unseen(self._of(split.held_out), self._of(split.validation), patients)
        warning = (
            f"{model.identity}: the split of its training cannot be made again from this dataset, so films "
            "of patients that it was trained on may be among these: the figures may flatter it."
        )
        return Unseen(list(self.films), [], frozenset(), warning)

    def _of(self, images: Iterable[LabelledImage]) -> list[Film]:
        by_file = {film.file.name: film for film in self.films}
        return [by_file[image.file.name] for image in images]


def read_children(data: Path) -> Dataset:
    """Return the labelled films of a folder or CSV, with their groups by file name and manifest.

    Raises:
        DatasetError: There are none.
    """
    dataset = read_dataset(data)
    images = tuple(with_digest(image) for image in dataset.images)
    if not dataset.patients_from:
        raise DatasetError(f"{data}: patients are unknown, so no split by patient can be trusted.")
    originals = _column(data / "manifest.csv" if data.is_dir() else data, "from_original")
    films = tuple(
        Film(image.file, image.label, image.patient, "children", _groups(image, originals))
        for image in images
    )
    return Dataset(films, images)


def read_adults(table: Path, *, final: bool) -> list[Film]:
    """Return the adults of a CSV as adult_labels.py writes it.

    final: include the patients that are set aside. Those with part "train" are always left out.

    Raises:
        DatasetError: A column is missing, a label unknown, or an image cannot be opened.
    """
    with table.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    films = []
    for line, row in enumerate(rows, start=2):
        part = row.get("part", "")
        if part == TRAINED_ON or (part == SET_ASIDE and not final):
            continue
        try:
            label, seen = label_of(row["label"]), classify(table.parent / row["file"], row["file"])
            if label is None or not isinstance(seen, ImageFile):
                raise DatasetError(f"{table}, line {line}: no image, or no label, in {row['file']}.")
            film = Film(seen, label, row["patient"], "adults", view=row["view"], subtype=row["subtype"])
        except KeyError as error:
            raise DatasetError(f"{table}: column {error} is missing; see adult_labels.py.") from error
        films.append(replace(film, groups=frozenset(filter(None, ("adults", row.get("source"))))))
    return films


def chosen(films: Sequence[Film], rest: Sequence[Film], limit: int, seed: int = 0) -> list[Film]:
    """Return up to so many films of each class, at random, those of `rest` only where the first run out."""
    taken = []
    for label in (0, 1):
        for part in (films, rest):
            pool = [film for film in part if film.label == label]
            order = np.random.default_rng((seed, label)).permutation(len(pool))
            room = limit - sum(film.label == label for film in taken)
            taken += [pool[i] for i in order[: max(room, 0)]]
    return sorted(taken, key=lambda film: film.file.name)


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
    """Return whether the parts hold as many patients as the manifest says; a film that cannot be decoded
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
