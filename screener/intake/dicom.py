"""DICOM headers: from a file to identifiers and the few attributes that decide eligibility."""

import re
import warnings
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pydicom
from pydicom import Dataset, FileDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from screener.domain import Identifiers
from screener.errors import UnreadableImageError

# Archives hold values that break the rules of their VR; reading them is not validating them.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DATE = re.compile(r"[0-9]{8}")
_MAX_TEXT = 256  # PS3.5 allows 64 characters; what is longer is no identifier


@dataclass(frozen=True, slots=True)
class Header:
    """What the tags say of an image; text upper-cased and trimmed, empty where absent."""

    sop_class_uid: str
    modality: str
    body_part_examined: str
    view_position: str
    view_code: str  # meaning of the first View Code Sequence item
    patient_orientation: str
    series_description: str
    descriptions: str  # Study, Series, Protocol: joined by " | "
    image_type: str
    number_of_frames: int
    has_pixels: bool


@dataclass(frozen=True, slots=True)
class DicomImage:
    """One DICOM file, header parsed. The data set never leaves screener.intake."""

    dataset: Dataset = field(repr=False)  # holds the patient's name
    header: Header
    identifiers: Identifiers


def open_dicom(path: Path) -> DicomImage:
    """Return a DICOM file with or without preamble and file meta header (PS3.10 7.1).

    Raises:
        UnreadableImageError: It cannot be opened, or its data set is damaged.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # they can quote values, which no log may hold
            dataset = _with_transfer_syntax(pydicom.dcmread(path, force=True))
            return DicomImage(dataset, _header(dataset), _identifiers(dataset))
    except OSError as error:
        raise UnreadableImageError(f"cannot be opened: {error.strerror or error}") from error
    except Exception as error:  # a parser fed arbitrary bytes may raise anything
        raise UnreadableImageError(f"the DICOM header is damaged ({type(error).__name__})") from error


def _with_transfer_syntax(dataset: FileDataset) -> FileDataset:
    """Return the data set with the syntax it was parsed in, where no file meta header names one."""
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax if little else ExplicitVRBigEndian
    return dataset


def _header(dataset: Dataset) -> Header:
    described = ("StudyDescription", "SeriesDescription", "ProtocolName")
    return Header(
        sop_class_uid=text(dataset, "SOPClassUID"),
        modality=text(dataset, "Modality").upper(),
        body_part_examined=text(dataset, "BodyPartExamined").upper(),
        view_position=text(dataset, "ViewPosition").upper(),
        view_code=_code_meaning(dataset, "ViewCodeSequence").upper(),
        patient_orientation=text(dataset, "PatientOrientation").upper(),
        series_description=text(dataset, "SeriesDescription").upper(),
        descriptions=" | ".join(filter(None, (text(dataset, keyword).upper() for keyword in described))),
        image_type=text(dataset, "ImageType").upper(),
        number_of_frames=_integer(dataset, "NumberOfFrames", 1),
        has_pixels=any(each in dataset for each in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")),
    )


def _identifiers(dataset: Dataset) -> Identifiers:
    return Identifiers(
        study_instance_uid=text(dataset, "StudyInstanceUID"),
        sop_instance_uid=text(dataset, "SOPInstanceUID"),
        patient_id=text(dataset, "PatientID"),
        accession_number=text(dataset, "AccessionNumber"),
        study_date=_iso_date(text(dataset, "StudyDate")),
        view_position=text(dataset, "ViewPosition").upper(),
    )


def text(dataset: Dataset, keyword: str) -> str:
    """Return a value as one line of clean text, empty where absent; several values joined by "\\"."""
    value = dataset.get(keyword)
    if value is None:
        return ""
    parts = value if isinstance(value, pydicom.multival.MultiValue) else [value]
    joined = "\\".join(str(part) for part in parts)
    clean = _CONTROL.sub(" ", joined).encode("utf-8", "backslashreplace").decode("utf-8")
    return clean.strip()[:_MAX_TEXT]


def _iso_date(value: str) -> str:
    """Return a DICOM date (PS3.5 6.2, DA; or the old 1999.12.31) as ISO 8601, empty if it is none."""
    digits = value.replace(".", "").replace("-", "")
    try:
        return date.fromisoformat(digits).isoformat() if _DATE.fullmatch(digits) else ""
    except ValueError:
        return ""


def _code_meaning(dataset: Dataset, keyword: str) -> str:
    items = dataset.get(keyword)
    return text(items[0], "CodeMeaning") if items else ""


def _integer(dataset: Dataset, keyword: str, default: int) -> int:
    try:
        return int(text(dataset, keyword) or default)
    except ValueError:
        return default
