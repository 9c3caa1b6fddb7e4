"""Which image a DICOM file is, by its header alone."""

import warnings
from pathlib import Path

import pydicom

from screener.intake.dicom.bounded_file import BoundedFile, check_inflated
from screener.intake.dicom.header import text

_SOP_UID = "SOPInstanceUID"


def read_sop_uid(path: Path) -> str:
    """Return a file's SOP Instance UID; empty where it has none, or is no DICOM file that can be parsed."""
    try:
        with warnings.catch_warnings(action="ignore"), BoundedFile(path) as stream:
            check_inflated(stream)
            found = pydicom.dcmread(stream, force=True, stop_before_pixels=True, specific_tags=[_SOP_UID])
            return text(found, _SOP_UID)
    except Exception:  # noqa: BLE001  # a parser fed arbitrary bytes may raise anything
        return ""
