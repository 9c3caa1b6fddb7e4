"""Writes the CSV of adults that the bench reads, from the labels.csv of a ChestX-ray14 excerpt.

Run: python benchmarks/adult_labels.py LABELS.csv OUT.csv [--training | --set-aside]

Only images that radiologists of the RSNA challenge read (column rsna_class) are taken: "Lung Opacity" as
PNEUMONIA, all others as NORMAL, the class itself as subtype. A quarter of the patients is set aside from
training: part "test". --set-aside writes these alone. Images lie in images/ beside LABELS.csv; OUT.csv names
them from its folder.
"""

import argparse
import csv
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

COLUMNS = ("file", "label", "patient", "view", "sex", "age", "subtype", "source", "part")
OPACITY, NOTHING = "Lung Opacity", "No Finding"
SET_ASIDE = 4  # every so many-th patient
CHOOSING = (1, 5)  # of twenty: those on whose lungs recipes are compared


def main() -> None:
    """Write the CSV and say what is in it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path, help="labels.csv, with images/ beside it")
    parser.add_argument("out", type=Path, help="the CSV to write")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--training", action="store_true", help="the CSV that the shipped model learned from")
    which.add_argument("--set-aside", action="store_true", help="only patients no model was trained on")
    arguments = parser.parse_args()
    images = Path(os.path.relpath(arguments.labels.parent / "images", arguments.out.parent))
    with arguments.labels.open(newline="", encoding="utf-8-sig") as stream:
        choose = for_training if arguments.training else labelled
        rows = list(choose(csv.DictReader(stream), images))
    if arguments.set_aside:
        rows = [row for row in rows if row["part"] == "test"]
    with arguments.out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    aside = sum(row["part"] == "test" for row in rows)
    print(f"{arguments.out}: {len(rows)} images, {aside} of them of patients set aside")


def labelled(rows: Iterable[dict[str, str]], images: Path) -> Iterator[dict[str, str]]:
    """Yield one row of the CSV for each image that radiologists read.

    images: where the images lie, as seen from the CSV's folder.
    """
    for row in rows:
        if row["rsna_class"]:
            yield {
                **_described(row, images),
                "label": "PNEUMONIA" if row["rsna_class"] == OPACITY else "NORMAL",
                "subtype": row["rsna_class"],
                "source": "ChestX-ray14",
            }


def for_training(rows: Iterable[dict[str, str]], images: Path) -> Iterator[dict[str, str]]:
    """Yield the rows to train on: what radiologists read, and reports without a finding."""
    for row in rows:
        read, ill = row["rsna_class"], row["rsna_class"] == OPACITY
        if not read and row["nih_labels_v2020"] != NOTHING:
            continue
        described = _described(row, images)
        yield {
            **described,
            "label": "PNEUMONIA" if ill else "NORMAL",
            "subtype": "lung opacity" if ill else "",
            "source": "radiologists" if ill else f"radiologists: {read}" if read else "report: no finding",
            "part": described["part"] or "train",
        }


def _described(row: dict[str, str], images: Path) -> dict[str, str]:
    patient = f"adult {row['patient_id']}"
    return {
        "file": (images / row["file"]).as_posix(),
        "patient": patient,
        **{name: row[name] for name in ("view", "sex", "age")},
        "part": "test" if set_aside(patient) else "",
    }


def set_aside(patient: str) -> bool:
    """Return whether whole images of a patient are kept for measuring: by a hash, always the same."""
    return _hash(patient) % SET_ASIDE == 0


def part_of(patient: str, measured: bool) -> str:
    """Return the part of an adult whose lungs serve composites: "test", "val" or "train".

    measured: whether a whole image of the patient is kept for measuring: no weights learn from the lungs.
    """
    return "test" if measured else "val" if _hash(patient) % 20 in CHOOSING else "train"


def _hash(patient: str) -> int:
    return int(hashlib.sha256(patient.encode()).hexdigest(), 16)


if __name__ == "__main__":
    main()
