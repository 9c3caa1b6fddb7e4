"""What all result objects have in common: whose they are, who made them, when, and of which image."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from io import BytesIO

import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from screener import own_marks
from screener.dicom_results.result import ObjectKind, StudyResult
from screener.dicom_results.source_header import PATIENT, STUDY, SourceHeader
from screener.intake.dicom.header import text

MANUFACTURER = "cxr-screener (open source)"
_TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("ReferringPhysicianName", "StudyID", "AccessionNumber"),
)
_OFFSET = re.compile(r"[+-](0\d|1[0-4])[0-5]\d")
_LONG_STRING = 64  # characters, PS3.5 6.2


@dataclass(frozen=True, slots=True)
class ResultObject:
    """One object to store; content: a whole DICOM file (PS3.10)."""

    kind: str
    sop_class_uid: str
    sop_uid: str
    series_uid: str
    study_uid: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """What kind of object is to be made.

    predecessor: UIDs of the object of the same study that it replaces, series and instance; empty for none.
    drawn: digest of what it shows besides words.
    """

    kind: ObjectKind
    sop_class_uid: str
    modality: str
    series_number: int
    series_description: str
    predecessor: tuple[str, str] = ("", "")
    drawn: str = ""


def begin(result: StudyResult, header: SourceHeader, plan: ObjectPlan) -> Dataset:
    """Return an object with all that does not depend on its kind's own content."""
    made = Dataset()
    copy_patient_and_study(made, header)
    made.SOPClassUID = UID(plan.sop_class_uid)
    made.SOPInstanceUID = UID(result.sop_uid(plan.kind, plan.predecessor[1], plan.drawn))
    made.InstanceCreatorUID = own_marks.CREATOR_UID
    made.InstanceCreationDate, made.InstanceCreationTime = moment(result, header)
    made.Modality = plan.modality
    made.SeriesInstanceUID = result.series_uid(plan.kind)
    made.SeriesNumber = plan.series_number
    made.SeriesDescription = plan.series_description[:_LONG_STRING]
    made.SeriesDate, made.SeriesTime = moment(result, header)
    made.InstanceNumber = 1
    made.Manufacturer = MANUFACTURER
    made.ManufacturerModelName = f"Screener {result.model.name}"[:_LONG_STRING]
    made.DeviceSerialNumber = result.model.sha256[:16]
    made.SoftwareVersions = [result.model.version, f"screener {result.screener_version}"]
    return made


def copy_patient_and_study(made: Dataset, header: SourceHeader) -> None:
    """Let an object be of the image's patient and study, word for word, in UTF-8."""
    made.SpecificCharacterSet = "ISO_IR 192"
    for keyword in (*PATIENT, *STUDY):
        if keyword in header.dataset:
            made[keyword] = header.dataset[keyword]
        elif keyword in _TYPE_2:
            setattr(made, keyword, None)
    if offset := text(header.dataset, "TimezoneOffsetFromUTC"):
        made.TimezoneOffsetFromUTC = offset


def moment(result: StudyResult, header: SourceHeader) -> tuple[str, str]:
    """Return date and time of the analysis as DICOM writes them; see told_in_zone."""
    return told_in_zone(result.analysed, header)


def told_in_zone(when: datetime, header: SourceHeader) -> tuple[str, str]:
    """Return a date and a time as DICOM writes them.

    Timezone Offset From UTC (0008,0201) speaks for every date of an object, those copied from the image
    too: where the image has it, the time is told in its zone; else in that of the scan, without an offset.
    """
    zone = _zone(text(header.dataset, "TimezoneOffsetFromUTC"))
    when = when.astimezone(zone) if zone else when
    return f"{when:%Y%m%d}", f"{when:%H%M%S}"


def reference(header: SourceHeader) -> Dataset:
    """Return a reference to an image by SOP class and instance."""
    return sop_reference(str(header.dataset.SOPClassUID), str(header.dataset.SOPInstanceUID))


def sop_reference(sop_class: str, sop_instance: str) -> Dataset:
    """Return an item that refers to an instance."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, sop_instance
    return item


def evidence(study: str, by_series: dict[str, list[Dataset]]) -> Dataset:
    """Return a reference to instances of one study, by series (PS3.3 table 10-3b)."""
    item = Dataset()
    item.StudyInstanceUID = study
    item.ReferencedSeriesSequence = [_series(uid, sops) for uid, sops in by_series.items()]
    return item


def written(made: Dataset, kind: str, syntax: str = ExplicitVRLittleEndian) -> ResultObject:
    """Return an object as a DICOM file, byte for byte the same whenever it is written."""
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.file_meta.ImplementationClassUID = UID(own_marks.IMPLEMENTATION_UID)
    made.file_meta.ImplementationVersionName = own_marks.RESULT_VERSION_NAME
    stream = BytesIO()
    pydicom.dcmwrite(stream, made, enforce_file_format=True)
    return ResultObject(
        kind,
        str(made.SOPClassUID),
        str(made.SOPInstanceUID),
        str(made.SeriesInstanceUID),
        str(made.StudyInstanceUID),
        stream.getvalue(),
    )


def _series(uid: str, sops: list[Dataset]) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = uid
    item.ReferencedSOPSequence = sops
    return item


def _zone(offset: str) -> timezone | None:
    """Return a time zone of "+0130" or "-0500"; None for anything else."""
    if not _OFFSET.fullmatch(offset):
        return None
    minutes = 60 * int(offset[1:3]) + int(offset[3:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
