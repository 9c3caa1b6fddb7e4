"""A mixed folder of studies, scanned once for all tests that only look at what came out."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from typer.testing import CliRunner, Result

from screener.cli import app

DX = "1.2.840.10008.5.1.4.1.1.1.1"


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan left: its exit code, what it printed, and its outputs read back."""

    exit_code: int
    printed: str
    rows: list[dict[str, str]]
    files: list[dict[str, str]]
    report: dict[str, Any]
    out: Path


SAMPLE = Path(__file__).parents[2] / "sample_data" / "studies" / "exports" / "film-01.jpg"


def radiograph(seed: int = 0) -> np.ndarray:
    """Return a sample image under an exposure of its own, uint8, 256 × 220: the picture gate lets it pass."""
    rng = np.random.default_rng(seed)
    small = cv2.resize(cv2.imread(str(SAMPLE), cv2.IMREAD_GRAYSCALE), (220, 256)) / 255
    exposed: np.ndarray = np.round(255 * small ** rng.uniform(0.8, 1.25)).astype(np.uint8)
    return exposed


def write_dicom(path: Path, seed: int = 0, **elements: object) -> None:
    """Write a synthetic chest DX; elements override or add DICOM attributes."""
    dataset = FileDataset(str(path), {}, preamble=b"\0" * 128)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = DX
    pixels = radiograph(seed).astype(np.uint16) * 16
    values = {
        "SOPClassUID": DX,
        "SOPInstanceUID": pydicom.uid.generate_uid(entropy_srcs=[str(path)]),
        "StudyInstanceUID": pydicom.uid.generate_uid(entropy_srcs=[str(path.parent)]),
        "PatientName": "SECRET^NAME",
        "PatientBirthDate": "19540321",
        "PatientID": "P-1",
        "AccessionNumber": "A-1",
        "StudyDate": "20261120",
        "Modality": "DX",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PhotometricInterpretation": "MONOCHROME2",
        "SamplesPerPixel": 1,
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "WindowCenter": 2048,
        "WindowWidth": 4096,
        "PixelData": pixels.tobytes(),
        **elements,
    }
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)


def write_jpeg(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".jpg", radiograph(seed))[1].tobytes())


def make_mixed_tree(root: Path) -> None:
    """Write ten files, at least one for each outcome, and a study of which one image failed."""
    write_jpeg(root / "exports" / "a.jpg", 1)
    write_jpeg(root / "exports" / "<b>&.JPG", 2)
    (root / "exports" / "notes.txt").write_text("no image")
    (root / "exports" / "empty.png").touch()
    whole = (root / "exports" / "a.jpg").read_bytes()
    (root / "exports" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    write_dicom(root / "study" / "pa.dcm", 3, PatientID='=P,"1"')
    write_dicom(root / "study" / "lateral.dcm", 4, ViewPosition="LATERAL")
    write_dicom(root / "study" / "broken.dcm", 5, PixelData=b"\0" * 1000)
    write_dicom(root / "ct" / "slice.dcm", 6, Modality="CT")
    write_dicom(root / "ct" / ".hidden.dcm", 7)


def invoke(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(app, [str(each) for each in arguments])


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """Return the scan of the mixed tree."""
    root = tmp_path_factory.mktemp("studies")
    make_mixed_tree(root)
    out = tmp_path_factory.mktemp("out") / "report.pdf"
    result = invoke("scan", root, "--out", out, "--files-csv", out.with_name("files.csv"), "--workers", 2)
    return Scan(
        exit_code=result.exit_code,
        printed=result.output,
        rows=read_csv(out.with_suffix(".csv")),
        files=read_csv(out.with_name("files.csv")),
        report=json.loads(out.with_suffix(".json").read_text(encoding="utf-8")),
        out=out,
    )
