"""The table of radiographs of which the lungs are left, and of whole normal ones.

The table is a CSV: file; class, "normal", "opacity" or "other"; patient; view; part, of which only "train" is
trained on; boxes round opacities, "x y width height" in shares of the picture, several divided by semicolons;
whole, for a normal radiograph whose whole picture is at hand, that file.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from screener.errors import DatasetError, why
from screener.said import Together, say
from screener.training.composites import Box

NORMAL, OPACITY, OTHER = KINDS = ("normal", "opacity", "other")
TRAIN = "train"


@dataclass(frozen=True, slots=True)
class LungRadiograph:
    """A radiograph of which the lungs are left, as the table has it. whole: its whole picture, or None."""

    path: Path
    kind: str
    patient: str
    view: str
    boxes: tuple[Box, ...] = ()
    whole: Path | None = None


def read_lung_radiographs(table: Path, part: str = TRAIN) -> tuple[LungRadiograph, ...]:
    """Return the radiographs of one part of a table.

    Raises:
        DatasetError: A column is missing, or a file, a class or a box is invalid; names the line.
    """
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            missing = {"file", "class", "patient", "view", "part"} - set(reader.fieldnames or ())
            if missing:
                columns = Together(tuple(sorted(missing)), say("training.and"))
                raise DatasetError(
                    "training.column_missing", count=len(missing), table=table, columns=columns
                )
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, ValueError) as error:
        raise DatasetError("training.no_csv", table=table, error=why(error)) from error
    radiographs = [_radiograph(table, line, row) for line, row in rows if row["part"] == part]
    for wanted, found in (
        (say("training.class", name=OPACITY), any(each.kind == OPACITY for each in radiographs)),
        (say("training.class", name=NORMAL), any(each.kind == NORMAL for each in radiographs)),
        (say("training.whole_picture"), any(each.whole for each in radiographs)),
    ):
        if not found:
            raise DatasetError("training.part_without", table=table, part=part, wanted=wanted)
    return tuple(radiographs)


def _radiograph(table: Path, line: int, row: dict[str, str]) -> LungRadiograph:
    where = say("training.line", table=table, line=line)
    if row["class"] not in KINDS:
        known = ", ".join(KINDS)
        raise DatasetError("training.unknown_class", where=where, found=row["class"], known=known)
    try:
        boxes = tuple(_box(each) for each in filter(None, (row.get("boxes") or "").split(";")))
    except DatasetError as error:
        raise DatasetError("training.at", where=where, error=error) from error
    path = table.parent / row["file"]
    whole = table.parent / row["whole"] if row.get("whole") else None
    for file in filter(None, (path, whole)):
        if not file.is_file():
            raise DatasetError(
                "training.no_such_file", where=where, file=file.name, folder=table.parent.absolute()
            )
    return LungRadiograph(path, row["class"], row["patient"], row["view"], boxes, whole)


def _box(text: str) -> Box:
    try:
        x, y, width, height = (float(each) for each in text.split())
    except ValueError:
        raise DatasetError("training.box_form", box=text) from None
    if not (0 <= x <= 1 and 0 <= y <= 1 and 0 < width <= 1 and 0 < height <= 1):
        raise DatasetError("training.box_range", box=text)
    return x, y, width, height
