"""From paths to radiographs: the only place that knows DICOM, JPEG and PNG."""

from screener.intake.ahead import ahead
from screener.intake.array import radiograph_of
from screener.intake.decode.dispatch import decoder_key
from screener.intake.dicom.names import read_patient_name
from screener.intake.dicom.study import read_study_uid
from screener.intake.read import (
    FILE_DIGEST,
    STREAM_DIGEST,
    OpenedImage,
    content_digest,
    holds_picture,
    open_image,
    pixel_digest,
    read_picture,
    read_radiograph,
)
from screener.intake.roots import Root, display_name, scan_roots
from screener.intake.staging import AHEAD, UnreachableImageError, at_hand, each_at_hand
from screener.intake.walk import (
    ARCHIVE_SUFFIXES,
    ClassifiedFile,
    FoundFile,
    classify,
    count_files,
    find_files,
    judge,
    look_at,
    walk,
)

INTAKE_REVISION = 7
"""Raised when the same file would give another picture, refusal or note than before: ledgers forget."""

__all__ = [
    "AHEAD",
    "ARCHIVE_SUFFIXES",
    "FILE_DIGEST",
    "INTAKE_REVISION",
    "STREAM_DIGEST",
    "ClassifiedFile",
    "FoundFile",
    "OpenedImage",
    "Root",
    "UnreachableImageError",
    "ahead",
    "at_hand",
    "classify",
    "content_digest",
    "count_files",
    "decoder_key",
    "display_name",
    "each_at_hand",
    "find_files",
    "holds_picture",
    "judge",
    "look_at",
    "open_image",
    "pixel_digest",
    "radiograph_of",
    "read_patient_name",
    "read_picture",
    "read_radiograph",
    "read_study_uid",
    "scan_roots",
    "walk",
]
