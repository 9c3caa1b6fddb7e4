"""Writes the two CSVs on which adults get their calibration: one to choose on, one to report once.

Run: python benchmarks/adult_populations.py ADULTS_DIR RSNA_DIR OUT_DIR

ADULTS_DIR and RSNA_DIR hold labels.csv beside their images (docs/datasets/adults.md). Taken are whole images
of grown-ups that radiologists of the RSNA challenge read, of the quarter of the patients that no model is
trained on (adult_labels.set_aside). A second hash keeps a third of these for one report: OUT_DIR/report.csv;
on the others calibration and thresholds are fitted: OUT_DIR/adults.csv.

RSNA_DIR has normal radiographs only, many of them. They are thinned by a hash, so that among images without
an opacity the normal ones are as frequent as in the whole challenge: a specificity on healthy people alone
would promise too much. Those thinned out go to OUT_DIR/normal.csv, for the report: nothing is fitted on any
patient of theirs.
"""

import argparse
import csv
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

from benchmarks.adult_labels import COLUMNS, OPACITY, set_aside

GROWN_UP = 18  # years
REPORTED = 3  # every so many-th patient set aside
NORMAL = "Normal"
NORMAL_TO_OTHER = 8851 / 11821
"""Normal radiographs for each abnormal one without an opacity, in the whole challenge (Shih et al. 2019)."""


def main() -> None:
    """Write the CSVs and say what is in them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("adults", type=Path, help="folder with labels.csv and images/")
    parser.add_argument("rsna", type=Path, help="folder with labels.csv and full/")
    parser.add_argument("out", type=Path, help="folder for adults.csv, report.csv and normal.csv")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    radiographs = read_radiographs(arguments.adults, arguments.rsna, arguments.out)
    for name, rows in divided(radiographs).items():
        _write(arguments.out / f"{name}.csv", rows)
        counts = Counter(row["subtype"] for row in rows)
        patients = len({row["patient"] for row in rows})
        print(f"{name}.csv: {len(rows)} images of {patients} patients; {dict(sorted(counts.items()))}")


def read_radiographs(adults: Path, rsna: Path, out: Path) -> list[dict[str, str]]:
    """Return the images that may be used; files as the folder `out` sees them."""
    radiographs = [
        _radiograph(row, adults / "images" / row["file"], "ChestX-ray14", out)
        for row in _usable(_read(adults / "labels.csv"))
    ]
    there = {radiograph["patient"] for radiograph in radiographs}  # an image may be in both folders
    radiographs += [
        _radiograph(row, rsna / row["file"], "RSNA challenge", out)
        for row in _usable(_read(rsna / "labels.csv"))
        if row["file"].startswith("full/") and f"adult {row['patient_id']}" not in there
    ]
    return radiographs


def divided(radiographs: Iterable[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Return the images to choose on, those to report, and the normal ones that were thinned out."""
    parts: dict[str, list[dict[str, str]]] = {"choose": [], "report": []}
    for radiograph in radiographs:
        parts["report" if is_reported(radiograph["patient"]) else "choose"].append(radiograph)
    choose, left = thinned(parts["choose"])
    report, more = thinned(parts["report"])
    fitted = {radiograph["patient"] for radiograph in choose}
    normal = [radiograph for radiograph in (*left, *more) if radiograph["patient"] not in fitted]
    return {"adults": choose, "report": report, "normal": normal}


def thinned(radiographs: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return images of which as many are normal as in the challenge, and the normal ones left over."""
    normal = sorted((radiograph for radiograph in radiographs if radiograph["subtype"] == NORMAL), key=_drawn)
    others = sum(radiograph["subtype"] not in (NORMAL, OPACITY) for radiograph in radiographs)
    left = normal[round(others * NORMAL_TO_OTHER) :]
    return [radiograph for radiograph in radiographs if radiograph not in left], left


def is_reported(patient: str) -> bool:
    """Return whether a patient set aside is kept for the report, by a second hash."""
    return _hash(f"report {patient}") % REPORTED == 0


def _usable(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    for row in rows:
        grown_up = int(row["age"]) >= GROWN_UP
        if row["rsna_class"] and grown_up and set_aside(f"adult {row['patient_id']}"):
            yield row


def _radiograph(row: dict[str, str], path: Path, source: str, out: Path) -> dict[str, str]:
    return {
        "file": Path(os.path.relpath(path, out)).as_posix(),
        "label": "PNEUMONIA" if row["rsna_class"] == OPACITY else "NORMAL",
        "patient": f"adult {row['patient_id']}",
        **{name: row[name] for name in ("view", "sex", "age")},
        "subtype": row["rsna_class"],
        "source": source,
        "part": "",
    }


def _drawn(radiograph: dict[str, str]) -> int:
    return _hash(f"drawn {Path(radiograph['file']).name}")


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def _read(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
