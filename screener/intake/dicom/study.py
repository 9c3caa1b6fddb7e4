"""Which study a DICOM file belongs to, read from as little of it as will do."""

import warnings
from pathlib import Path
from typing import TypeGuard

import pydicom

from screener.domain import FileKind, ImageFile, Screenable
from screener.errors import UnreadableImageError
from screener.intake.dicom.bounded_file import BoundedFile, check_inflated
from screener.intake.dicom.header import text
from screener.intake.dicom.open import open_dicom
from screener.intake.staging import UnreachableImageError, at_hand, beginning_at_hand
from screener.intake.walk import ClassifiedFile

HEAD = 128 << 10  # bytes; the headers of nearly all DICOM files end in them
_STUDY = "StudyInstanceUID"


def read_study_uid(file: Screenable) -> str | None:
    """Return the Study Instance UID that open_dicom finds; empty where there is none, or the file is damaged.

    None where nobody can tell: the file cannot be opened, or not now. What lies behind the pixels is read
    only if no UID stands before them. Of an object its beginning is read, and all of it only if that tells
    nothing; one that is no DICOM file has no UID.
    """
    if isinstance(file, ImageFile):
        return _before_pixels(file.path) or _anywhere(file.path)
    try:
        with beginning_at_hand(file, HEAD) as here:
            if not _is_dicom(here):
                return ""
            if uid := _before_pixels(here.path):
                return uid
        with at_hand(file) as here:
            return _anywhere(here.path) if _is_dicom(here) else ""
    except UnreachableImageError:
        return None


def _is_dicom(seen: ClassifiedFile) -> TypeGuard[ImageFile]:
    return isinstance(seen, ImageFile) and seen.kind is FileKind.DICOM


def _before_pixels(path: Path) -> str:
    try:
        with warnings.catch_warnings(action="ignore"), BoundedFile(path) as stream:
            check_inflated(stream)
            found = pydicom.dcmread(stream, force=True, stop_before_pixels=True, specific_tags=[_STUDY])
            return text(found, _STUDY)
    except Exception:  # noqa: BLE001  # as in open_dicom, which is asked next
        return ""


def _anywhere(path: Path) -> str | None:
    try:
        return open_dicom(path).identifiers.study_instance_uid
    except UnreadableImageError as error:
        cause = error.__cause__
        unknown = isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno is not None)
        return None if unknown else ""
