"""A patient's name as a reader wants it, read anew from a header: only for --include-names."""

from screener.domain import FileKind, Identifiers, ImageFile, ObjectFile
from screener.errors import ImageError
from screener.intake.dicom.header import text
from screener.intake.dicom.open import open_dicom
from screener.intake.staging import at_hand
from screener.intake.walk import look_at
from screener.locations import Location


def read_patient_name(path: Location, file: str) -> tuple[Identifiers, str]:
    """Return what a file says now of its study and of the patient's name; empty where it says nothing."""
    found = look_at(path, file)
    if not isinstance(found, ImageFile | ObjectFile):
        return Identifiers(), ""
    try:
        with at_hand(found) as here:
            if not isinstance(here, ImageFile) or here.kind is not FileKind.DICOM:
                return Identifiers(), ""
            image = open_dicom(here.path, here.whole)
    except ImageError:
        return Identifiers(), ""
    return image.identifiers, shown_name(text(image.dataset, "PatientName"))


def shown_name(value: str) -> str:
    """Return a DICOM person name (PS3.5 6.2.1) as one line: "Family, Given (ideographic; phonetic)".

    In the ideographic and phonetic groups (PS3.5 H and I) the family name stands first, without a comma.
    """
    groups = [group.strip() for group in value.split("=")][:3]
    first, *others = [_alphabetic(groups[0]), *(_joined(group.split("^")) for group in groups[1:])]
    further = "; ".join(filter(None, others))
    if not first:
        return further
    return f"{first} ({further})" if further else first


def _alphabetic(group: str) -> str:
    """Return family, given and middle name, prefix and suffix in the order in which they are read."""
    family, given, middle, prefix, suffix = [*(part.strip() for part in group.split("^")), *[""] * 5][:5]
    after = _joined([prefix, given, middle])
    return ", ".join(filter(None, (family, after, suffix)))


def _joined(parts: list[str]) -> str:
    return " ".join(filter(None, (part.strip() for part in parts)))
