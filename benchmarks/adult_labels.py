"""Writes the CSV of adults that the bench reads, from the labels.csv of a ChestX-ray14 excerpt.

Run: python benchmarks/adult_labels.py LABELS.csv OUT.csv

Only films that radiologists of the RSNA challenge read (column rsna_class) are taken: "Lung Opacity" as
PNEUMONIA, all others as NORMAL, the class itself as subtype. A quarter of the patients is set aside for one
last measurement: part "test". Images lie in images/ beside LABELS.csv; OUT.csv names them from its folder.
"""

import argparse
import csv
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

COLUMNS = ("file", "label", "patient", "view", "sex", "age", "subtype", "source", "part")
OPACITY = "Lung Opacity"
SET_ASIDE = 4  # every so many-th patient


def main() -> None:
    """Write the CSV and say what is in it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path, help="labels.csv, with images/ beside it")
    parser.add_argument("out", type=Path, help="the CSV to write")
    arguments = parser.parse_args()
    images = Path(os.path.relpath(arguments.labels.parent / "images", arguments.out.parent))
    with arguments.labels.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(labelled(csv.DictReader(stream), images))
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
        if not row["rsna_class"]:
            continue
        patient = f"adult {row['patient_id']}"
        yield {
            "file": (images / row["file"]).as_posix(),
            "label": "PNEUMONIA" if row["rsna_class"] == OPACITY else "NORMAL",
            "patient": patient,
            "view": row["view"],
            "sex": row["sex"],
            "age": row["age"],
            "subtype": row["rsna_class"],
            "source": "ChestX-ray14",
            "part": "test" if set_aside(patient) else "",
        }


def set_aside(patient: str) -> bool:
    """Return whether a patient is kept for the last measurement: by a hash, the same on every machine."""
    return int(hashlib.sha256(patient.encode()).hexdigest(), 16) % SET_ASIDE == 0


if __name__ == "__main__":
    main()
