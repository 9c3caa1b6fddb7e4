"""What is known of a labelled image besides its label: where it came from, how it was taken, of whom."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from screener.domain import FileKind, ImageFile
from screener.errors import DatasetError, ImageError
from screener.intake import open_image

OLDEST = 130.0  # years
_MAX_TEXT = 64  # characters; the longest value that DICOM allows for such a tag (PS3.5 6.2, LO)
_AGE = re.compile(r"(?P<number>[0-9]{1,4}(\.[0-9]+)?)(?P<unit>[DWMY]?)")
_UNITS_A_YEAR = {"": 1.0, "Y": 1.0, "M": 12.0, "W": 365.25 / 7, "D": 365.25}
_SEXES = {"F": "F", "FEMALE": "F", "M": "M", "MALE": "M"}
_SUBTYPES = {"bacteria": "bacterial", "virus": "viral"}  # the Kaggle set's words

_KAGGLE_NORMAL = re.compile(r"(?P<source>(?:NORMAL2-)?IM)-(?P<number>\d+)-")
_KAGGLE_PNEUMONIA = re.compile(r"(?P<source>person)(?P<number>\d+)_(?P<subtype>bacteria|virus)_")


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is known of an image; each is empty, or None, where it is unknown.

    patient: as in LabelledImage. source: where the image came from. view: "PA", "AP", or another word.
    sex: "F" or "M". age_years: 0 to 130. subtype: of a pneumonia. Texts are from files: one line, at most
    64 characters.
    """

    patient: str = ""
    source: str = ""
    view: str = ""
    sex: str = ""
    age_years: float | None = None
    subtype: str = ""

    def completed(self, other: "Attributes") -> "Attributes":
        """Return these, and what they lack from the others."""
        missing = {name: getattr(other, name) for name in self.__slots__ if getattr(self, name) in ("", None)}
        return replace(self, **missing)


def attributes_of_row(row: Mapping[str, str | None]) -> Attributes:
    """Return what the columns patient, source, view, sex, age and subtype say; each may be absent.

    Raises:
        DatasetError: The age cannot be read.
    """

    def cell(column: str) -> str:
        return _line(row.get(column) or "")

    return Attributes(
        patient=(row.get("patient") or "").strip(),
        source=cell("source"),
        view=cell("view").upper(),
        sex=_SEXES.get(cell("sex").upper(), ""),
        age_years=age_in_years(cell("age")),
        subtype=_SUBTYPES.get(cell("subtype"), cell("subtype")),
    )


def attributes_of_file(file: ImageFile) -> Attributes:
    """Return what a DICOM header says; for other files what their Kaggle name says, if it is one."""
    if file.kind is not FileKind.DICOM:
        return kaggle_attributes(file.path.stem)
    try:
        opened = open_image(file)
    except ImageError:
        return Attributes()
    return Attributes(
        patient=opened.identifiers.patient_id,
        view=_line(opened.identifiers.view_position),
        sex=_SEXES.get(opened.patient_sex.upper(), ""),
        age_years=age_in_years(opened.identifiers.patient_age),
    )


def kaggle_attributes(stem: str) -> Attributes:
    """Return what a file name of the Kaggle set stands for: patient, group of names, subtype.

    The number after "person" starts again for each subtype: it is no patient by itself.
    """
    if match := _KAGGLE_PNEUMONIA.match(stem):
        patient = f"person{match['number']}-{match['subtype']}"
        return Attributes(patient, match["source"], subtype=_SUBTYPES[match["subtype"]])
    if match := _KAGGLE_NORMAL.match(stem):
        return Attributes(f"{match['source']}-{match['number']}-normal", match["source"])
    return Attributes()


def age_in_years(written: str) -> float | None:
    """Return an age in years from a number of years or a DICOM age (PS3.5 6.2, AS: 034Y), None if empty.

    Raises:
        DatasetError: It is neither, or above 130 years.
    """
    if not written:
        return None
    match = _AGE.fullmatch(written.upper())
    years = float(match["number"]) / _UNITS_A_YEAR[match["unit"]] if match else math.nan
    if not years <= OLDEST:
        raise DatasetError("training.unreadable_age", age=written)
    return years


def _line(text: str) -> str:
    """Return text of bounded length without line breaks or control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:_MAX_TEXT].strip()
