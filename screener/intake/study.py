"""Which study a DICOM file belongs to, told from as little of it as will do."""

import warnings
from pathlib import Path

import pydicom

from screener.errors import UnreadableImageError
from screener.intake.bounded import BoundedFile, check_inflated
from screener.intake.dicom import open_dicom
from screener.intake.header import text

_STUDY = "StudyInstanceUID"


def read_study_uid(path: Path) -> str | None:
    """Return the Study Instance UID that open_dicom finds; empty where there is none, or the file is damaged.

    None where nobody can tell: the file cannot be opened, or not now. What lies behind the pixels is read
    only if no UID stands before them.
    """
    return _before_pixels(path) or _anywhere(path)


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
