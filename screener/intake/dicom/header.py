"""What a DICOM header says of an image: its identifiers, and the attributes that decide eligibility."""

import re
from dataclasses import dataclass
from datetime import date

import pydicom
from pydicom import Dataset, Sequence
from pydicom.uid import UID

from screener import own_marks
from screener.domain import Identifiers
from screener.intake.dicom.age import OLDEST, age_of
from screener.intake.dicom.terms import View, described_view, view

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DATE = re.compile(r"[0-9]{8}")
_MAX_TEXT = 256  # PS3.5 allows 64 characters; what is longer is no identifier
_MAX_ITEMS = 16  # of a sequence
# PS3.16 CID 7202: uncompressed and lossless compressed predecessor, for-processing predecessor
_PREDECESSORS = frozenset(("121320", "121330", "121358"))

_SERIES_WORDS = ("SeriesDescription", "ProtocolName", "PerformedProcedureStepDescription")
_STUDY_WORDS = ("StudyDescription", "RequestedProcedureDescription")

_VIEW_CODES = {  # PS3.16 CID 4010, as SNOMED CT and in the older SNOMED RT
    "272479007": View.PA,
    "R-10214": View.PA,
    "399348003": View.AP,
    "R-10206": View.AP,
    "399033003": View.FRONTAL,
    "399067008": View.LATERAL,
    "399173006": View.LATERAL,
    "R-10236": View.LATERAL,
    "399198007": View.LATERAL,
    "R-10232": View.LATERAL,
}


@dataclass(frozen=True, slots=True)
class Header:
    """What the tags say of an image; text upper-cased and trimmed, empty where absent.

    anatomic_region, view_code: meaning of the first item of their sequences. series_words,
    study_words: descriptions joined by " | ". coded_view: by code value, None where unknown.
    derivation_codes: code values. made_from_images: whether the image names others that it was made from,
    other than the same image before it was compressed. own_result: whether Screener wrote it.
    """

    sop_class_uid: str
    sop_class_name: str
    modality: str
    presentation_intent: str
    body_part_examined: str
    anatomic_region: str
    view_position: str
    view_code: str
    coded_view: View | None
    patient_orientation: str
    series_words: str
    study_words: str
    image_type: str
    number_of_frames: int
    species: str
    has_rows: bool
    has_pixels: bool
    derivation_description: str = ""
    derivation_codes: tuple[str, ...] = ()
    made_from_images: bool = False
    own_result: bool = False

    @property
    def frontal_view(self) -> str:
        """Return "PA" or "AP" where a tag says so, the tag itself where it says something else."""
        named = (
            view(self.view_position),
            self.coded_view or view(self.view_code),
            described_view(self.series_words),
        )
        sides = (each for each in named if each in (View.PA, View.AP))
        if self.view_position and view(self.view_position) is View.LATERAL:
            return self.view_position
        return next(sides, None) or self.view_position


def header_of(dataset: Dataset) -> Header:
    """Return what a data set says, whatever is missing from it."""
    meta = getattr(dataset, "file_meta", Dataset())
    sop_class_uid = text(dataset, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID")
    return Header(
        sop_class_uid=sop_class_uid,
        sop_class_name=UID(sop_class_uid).name,
        modality=text(dataset, "Modality").upper(),
        presentation_intent=text(dataset, "PresentationIntentType").upper(),
        body_part_examined=text(dataset, "BodyPartExamined").upper(),
        anatomic_region=_code(dataset, "AnatomicRegionSequence", "CodeMeaning"),
        view_position=text(dataset, "ViewPosition").upper(),
        view_code=_code(dataset, "ViewCodeSequence", "CodeMeaning"),
        coded_view=_VIEW_CODES.get(_code(dataset, "ViewCodeSequence", "CodeValue")),
        patient_orientation=text(dataset, "PatientOrientation").upper(),
        series_words=_words(dataset, _SERIES_WORDS),
        study_words=_words(dataset, _STUDY_WORDS),
        image_type=text(dataset, "ImageType").upper(),
        number_of_frames=_integer(dataset, "NumberOfFrames", 1),
        species=text(dataset, "PatientSpeciesDescription").upper()
        or _code(dataset, "PatientSpeciesCodeSequence", "CodeMeaning"),
        has_rows="Rows" in dataset,
        has_pixels=any(each in dataset for each in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")),
        derivation_description=text(dataset, "DerivationDescription").upper(),
        derivation_codes=tuple(text(each, "CodeValue") for each in _items(dataset, "DerivationCodeSequence")),
        made_from_images=any(
            _code(each, "PurposeOfReferenceCodeSequence", "CodeValue") not in _PREDECESSORS
            for each in _items(dataset, "SourceImageSequence")
        ),
        own_result=_is_own_result(dataset, meta),
    )


def _is_own_result(dataset: Dataset, meta: Dataset) -> bool:
    """Return whether any mark of Screener's own results is left: archives and anonymisers take away some."""
    return (
        text(meta, "ImplementationVersionName") == own_marks.RESULT_VERSION_NAME
        or text(dataset, "InstanceCreatorUID") == own_marks.CREATOR_UID
        or own_marks.IMAGE_TYPE in text(dataset, "ImageType").upper().split("\\")[3:]
    )


def identifiers_of(dataset: Dataset, header: Header) -> Identifiers:
    """Return what finds the study again, age and sex: never the name or the birth date."""
    return Identifiers(
        study_instance_uid=text(dataset, "StudyInstanceUID"),
        sop_instance_uid=text(dataset, "SOPInstanceUID"),
        patient_id=text(dataset, "PatientID"),
        accession_number=text(dataset, "AccessionNumber"),
        study_date=_iso_date(text(dataset, "StudyDate")),
        view_position=header.frontal_view,
        patient_age=_age(dataset),
        patient_sex=_sex(dataset),
    )


def text(dataset: Dataset, keyword: str) -> str:
    r"""Return a value as one line of clean text; several values joined by "\".

    Empty where it is absent, or where its bytes are nothing that its VR allows.
    """
    try:
        value = dataset.get(keyword)
    except Exception:  # noqa: BLE001  # pydicom converts a value when it is asked for, and may raise anything
        return ""
    if value is None:
        return ""
    parts = value if isinstance(value, pydicom.multival.MultiValue) else [value]
    joined = "\\".join(str(part) for part in parts)
    clean = _CONTROL.sub(" ", joined).encode("utf-8", "backslashreplace").decode("utf-8")
    return clean.strip()[:_MAX_TEXT]


def _words(dataset: Dataset, keywords: tuple[str, ...]) -> str:
    return " | ".join(filter(None, (text(dataset, keyword).upper() for keyword in keywords)))


def _iso_date(value: str) -> str:
    """Return a DICOM date (PS3.5 6.2, DA; or the old 1999.12.31) as ISO 8601, empty if it is not a date."""
    day = _date(value)
    return day.isoformat() if day else ""


def _date(value: str) -> date | None:
    digits = value.replace(".", "").replace("-", "")
    try:
        return date.fromisoformat(digits) if _DATE.fullmatch(digits) else None
    except ValueError:
        return None


def _sex(dataset: Dataset) -> str:
    """Return Patient's Sex (PS3.3 C.7.1.1: M, F or O), empty where it says anything else."""
    sex = text(dataset, "PatientSex").upper()
    return sex if sex in ("F", "M", "O") else ""


def _age(dataset: Dataset) -> str:
    """Return Patient's Age (PS3.5 6.2, AS) such as "046Y", from the dates where it is absent or no age."""
    if (age := age_of(text(dataset, "PatientAge"))) is not None:
        return age
    born = _date(text(dataset, "PatientBirthDate"))
    taken = _date(text(dataset, "StudyDate")) or _date(text(dataset, "AcquisitionDate"))
    days = (taken - born).days if born and taken else -1
    if not 0 <= days <= OLDEST * 366:
        return ""
    return f"{int(days / 365.25):03d}Y" if days >= 2 * 365.25 else f"{int(days / 30.4375):03d}M"


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the first items of a sequence; none where something else stands in its place."""
    items = dataset.get(keyword)
    return list(items[:_MAX_ITEMS]) if isinstance(items, Sequence) else []


def _code(dataset: Dataset, keyword: str, attribute: str) -> str:
    items = dataset.get(keyword)
    return text(items[0], attribute).upper() if items else ""


def _integer(dataset: Dataset, keyword: str, default: int) -> int:
    try:
        return int(text(dataset, keyword) or default)
    except ValueError:
        return default
