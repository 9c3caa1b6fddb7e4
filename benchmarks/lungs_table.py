"""Writes the table of lungs that composites are made of, from an excerpt of the RSNA challenge.

Run: python benchmarks/lungs_table.py ADULTS_DIR RSNA_DIR lungs.csv

RSNA_DIR holds labels.csv (file, uuid, rsna_class, patient_id, view), boxes.csv (uuid, x, y, width, height in
pixels of 1,024), lungs/ and full/; ADULTS_DIR holds the labels.csv that adult_labels.py reads. Patients of
whom a whole image is kept for measuring are "test": no composite is made of them. Of the others a tenth by a
hash, "val", serves for choosing; "train" is trained on.
"""

import argparse
import csv
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

from benchmarks.adult_labels import part_of, set_aside

COLUMNS = ("file", "class", "patient", "view", "part", "boxes", "whole")
FULL_SIDE = 1024  # pixels, in which the boxes are given
KINDS = {"Normal": "normal", "Lung Opacity": "opacity", "No Lung Opacity / Not Normal": "other"}


def main() -> None:
    """Write the table and say what is in it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("adults", type=Path, help="folder with labels.csv")
    parser.add_argument("rsna", type=Path, help="folder with labels.csv, boxes.csv, lungs/ and full/")
    parser.add_argument("out", type=Path, help="the CSV to write")
    arguments = parser.parse_args()
    seen_from = Path(os.path.relpath(arguments.rsna, arguments.out.parent))
    rows = list(table_rows(arguments.adults, arguments.rsna, seen_from))
    with arguments.out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    counts = Counter((row["part"], row["class"]) for row in rows)
    print(f"{arguments.out}: {len(rows)} images")
    for (part, kind), count in sorted(counts.items()):
        print(f"  {part}, {kind}: {count}")


def table_rows(adults: Path, rsna: Path, seen_from: Path) -> Iterator[dict[str, str]]:
    """Yield a row for each image of lungs/. seen_from: the folder as the table's own folder sees it."""
    boxes = defaultdict(list)
    for row in _read(rsna / "boxes.csv"):
        shares = (float(row[name]) / FULL_SIDE for name in ("x", "y", "width", "height"))
        boxes[row["uuid"]].append(" ".join(f"{share:.4f}" for share in shares))
    rows = _read(rsna / "labels.csv")
    full = [row for row in rows if row["file"].startswith("full/")]
    whole = {row["uuid"]: row["file"] for row in full}
    read = [row for row in _read(adults / "labels.csv") if row["rsna_class"]]
    seen_whole = {f"adult {row['patient_id']}" for row in (*full, *read)}
    for row in rows:
        if row["file"].startswith("lungs/"):
            patient = f"adult {row['patient_id']}"
            twin = whole.get(row["uuid"])
            yield {
                "file": (seen_from / row["file"]).as_posix(),
                "class": KINDS[row["rsna_class"]],
                "patient": patient,
                "view": row["view"],
                "part": part_of(patient, patient in seen_whole and set_aside(patient)),
                "boxes": ";".join(boxes[row["uuid"]]),
                "whole": (seen_from / twin).as_posix() if twin else "",
            }


def _read(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    main()
