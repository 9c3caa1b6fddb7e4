"""The header of an image, from which its results copy patient, study and time zone, as they stand there."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pydicom
from pydicom import Dataset
from pydicom.valuerep import PersonName

from screener.dicom_results.uids import is_uid
from screener.domain import FileKind, Identifiers, ImageFile, ObjectFile
from screener.errors import ImageError
from screener.intake import at_hand, look_at
from screener.intake.dicom.header import header_of, identifiers_of, text
from screener.intake.dicom.open import open_dicom
from screener.locations import Location

PATIENT = ("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex")
STUDY = (
    *("StudyInstanceUID", "StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber"),
    *("IssuerOfAccessionNumberSequence", "StudyDescription", "PatientAge"),
)
FOUND = tuple(each for each in STUDY if not each.endswith("Sequence") and each != "StudyInstanceUID")
"""What C-FIND is asked for of a study; keys that it need not support (PS3.4 C.6.2.1) may stay away."""
_COPIED = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality", "TimezoneOffsetFromUTC"),
    *("ProcedureCodeSequence", "PatientOrientation", "BodyPartExamined", "Rows", "Columns"),
    *(
        "WindowCenter",
        "WindowWidth",
        "WindowCenterWidthExplanation",
        "VOILUTFunction",
        "PresentationLUTShape",
    ),
    *("PhotometricInterpretation", "RescaleIntercept", "RescaleSlope", "RescaleType"),
    *("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio", "ModalityLUTSequence", "VOILUTSequence"),
)
WANTED = (*PATIENT, *STUDY, *_COPIED)
_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


@dataclass(frozen=True, slots=True)
class SourceHeader:
    """What an image says of itself; the data set never leaves screener.dicom_results."""

    dataset: Dataset = field(repr=False)  # holds the patient's name

    @classmethod
    def from_file(cls, path: Location, file: str) -> Self | None:
        """Return the header of an image's file as it is now; None where it is gone or no DICOM."""
        try:
            found = look_at(path, file)
            if not isinstance(found, ImageFile | ObjectFile):
                return None
            with at_hand(found) as here:
                if not isinstance(here, ImageFile) or here.kind is not FileKind.DICOM:
                    return None
                return cls(_wanted(open_dicom(here.path, here.whole).dataset))
        except ImageError:
            return None

    @classmethod
    def from_json(cls, attributes: Mapping[str, Any]) -> Self | None:
        """Return the header that an archive tells as DICOM JSON (PS3.18 F.2); None where it is none."""
        known = {f"{pydicom.datadict.tag_for_keyword(keyword):08X}" for keyword in WANTED}
        try:
            with warnings.catch_warnings(action="ignore"):  # they can quote values, which no log may hold
                kept = {tag: value for tag, value in attributes.items() if tag.upper() in known}
                names = {tag: kept.pop(tag) for tag in list(kept) if kept[tag].get("vr") == "PN"}
                dataset = Dataset.from_json(kept)
                for tag, element in names.items():
                    dataset.add_new(int(tag, 16), "PN", _person_name(element))
                dataset.SpecificCharacterSet = "ISO_IR 192"  # JSON is UTF-8, whatever the archive's files are
                return cls(_wanted(dataset))
        except Exception:  # noqa: BLE001  # pydicom may raise anything of JSON that is not as PS3.18 has it
            return None

    @property
    def identifiers(self) -> Identifiers:
        """What the ledger holds of an image, read in the same way."""
        return identifiers_of(self.dataset, header_of(self.dataset))

    @property
    def complete(self) -> bool:
        """Whether results can refer to the image at all."""
        return all(is_uid(text(self.dataset, keyword)) for keyword in _NEEDED)

    def value(self, keyword: str) -> str:
        """Return one of the attributes that results copy, as text; empty where it is absent."""
        return text(self.dataset, keyword)

    @property
    def series_uid(self) -> str:
        return text(self.dataset, "SeriesInstanceUID")


def _person_name(element: Mapping[str, Any]) -> PersonName:
    """Return a name as files have it; pydicom 3.0.2 makes "?" of what JSON says outside Latin-1."""
    [name] = element.get("Value") or [{}]
    groups = [name.get(each) or "" for each in ("Alphabetic", "Ideographic", "Phonetic")]
    return PersonName("=".join(groups).rstrip("="), ("utf8",))


def _wanted(dataset: Dataset) -> Dataset:
    """Return the attributes that results copy, text decoded, and nothing else."""
    kept = Dataset()
    with warnings.catch_warnings(action="ignore"):
        if "SpecificCharacterSet" in dataset:
            kept["SpecificCharacterSet"] = dataset["SpecificCharacterSet"]
        for keyword in WANTED:
            if keyword in dataset:
                kept[keyword] = dataset[keyword]
        kept.decode()
    kept.pop("SpecificCharacterSet", None)
    return kept
