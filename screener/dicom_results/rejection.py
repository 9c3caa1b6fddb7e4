"""A note that earlier results are withdrawn: Key Object Selection, "Rejected for Quality Reasons" (IHE IOCM).

Archives that know IOCM hide what it names. Nothing is ever deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydicom import Dataset

from screener import own_marks
from screener.dicom_results.common import (
    MANUFACTURER,
    ResultObject,
    copy_patient_and_study,
    evidence,
    sop_reference,
    told_in_zone,
    written,
)
from screener.dicom_results.content_item import CONTAINS, HAS_OBS_CONTEXT, code, container, dcm, text, uid
from screener.dicom_results.source_header import SourceHeader
from screener.dicom_results.uids import uid_of

KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
WITHDRAWAL = "withdrawal"
_DEVICE = uid_of("device", "withdrawal")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that an archive holds."""

    sop_class_uid: str
    sop_uid: str
    series_uid: str


def withdrawal_uid(objects: Sequence[Stored]) -> str:
    """Return the UID of the note that withdraws these objects."""
    return uid_of(WITHDRAWAL, *sorted(each.sop_uid for each in objects))


def make_withdrawal(
    study: str, objects: Sequence[Stored], header: SourceHeader, when: datetime, words: str
) -> ResultObject:
    """Return the note; when: a time of the ledger, so that it is the same however often it is sent."""
    made = Dataset()
    copy_patient_and_study(made, header)
    made.SOPClassUID, made.SOPInstanceUID = KEY_OBJECTS, withdrawal_uid(objects)
    made.InstanceCreatorUID = own_marks.CREATOR_UID
    made.Modality = "KO"
    made.SeriesInstanceUID = uid_of("series", study, WITHDRAWAL)
    made.SeriesNumber, made.InstanceNumber = 9809, 1
    made.SeriesDescription = "Screener results withdrawn"
    made.Manufacturer = MANUFACTURER
    made.ReferencedPerformedProcedureStepSequence = []
    made.ContentDate, made.ContentTime = told_in_zone(when, header)
    by_series: dict[str, list[Dataset]] = {}
    for each in objects:
        by_series.setdefault(each.series_uid, []).append(sop_reference(each.sop_class_uid, each.sop_uid))
    made.CurrentRequestedProcedureEvidenceSequence = [evidence(study, by_series)]
    root = container(
        dcm("113001", "Rejected for Quality Reasons"),
        [
            code(HAS_OBS_CONTEXT, dcm("121005", "Observer Type"), dcm("121007", "Device")),
            uid(HAS_OBS_CONTEXT, dcm("121012", "Device Observer UID"), _DEVICE),
            text(HAS_OBS_CONTEXT, dcm("121013", "Device Observer Name"), "Screener"),
            text(CONTAINS, dcm("113012", "Key Object Description"), words),
            *(_composite(each) for each in objects),
        ],
        template="2010",
    )
    root.pop("RelationshipType")
    made.update(root)
    return written(made, WITHDRAWAL)


def _composite(stored: Stored) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = CONTAINS, "COMPOSITE"
    item.ReferencedSOPSequence = [sop_reference(stored.sop_class_uid, stored.sop_uid)]
    return item
