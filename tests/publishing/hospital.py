"""A night's images on disk and what a scan made of them, without scanning: for the tests of publish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from screener.domain import Cause, Finding, Identifiers, NotScreened, Prediction
from screener.intake.dicom.open import open_dicom
from screener.ledger import Ledger, ResultKey
from screener.operating_points import Calibration, OperatingPoint
from screener.options import RunOptions
from screener.reasons import Reason, ReasonCode
from screener.reporting.run_record import to_record
from screener.run_summary import ModelIdentity, RunSummary
from screener.scale import Scale, Scales
from screener.totals import Totals

FIRST_NIGHT = datetime(2026, 11, 20, 2, tzinfo=UTC)
POINTS = (
    OperatingPoint("high_sensitivity", 0.3, 0.94, 0.39),
    OperatingPoint("balanced", 0.5, 0.71, 0.9),
    OperatingPoint("high_specificity", 0.8, 0.65, 0.94),
)
SCALE = Scale(Calibration(1.0, 0.0, 0.5), POINTS[0], 0.5, POINTS, validated_on="adults of one hospital")
MODEL = ModelIdentity("net", "1.0.0", "ab" * 32)
TAGS: dict[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1",
    "Modality": "DX",
    "PatientName": "Yamada^Tarou",
    "PatientID": "P-1",
    "IssuerOfPatientID": "HOSPITAL",
    "PatientBirthDate": "19540321",
    "PatientSex": "M",
    "StudyDate": "20261119",
    "StudyTime": "101500",
    "AccessionNumber": "A-1",
    "StudyID": "7",
    "ReferringPhysicianName": "Doe^J",
}


def write_image(path: Path, study: str, sop: str, **tags: Any) -> Path:
    """Write a small DX image; tags override or add DICOM attributes, None removes one."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = TAGS["SOPClassUID"]
    dataset.file_meta.MediaStorageSOPInstanceUID = sop
    uids = {"StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.9", "SOPInstanceUID": sop}
    pixels = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    picture = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 128,
        "Columns": 128,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelData": pixels.tobytes(),
    }
    with pydicom.config.disable_value_validation():
        for keyword, value in {**TAGS, **uids, **picture, **tags}.items():
            if value is not None:
                setattr(dataset, keyword, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
    return path


def _identifiers(path: Path) -> Identifiers:
    return open_dicom(path).identifiers


def screened(path: Path, logit: float = 2.0, *, file: str = "", **changes: Any) -> Finding:
    """Return what a scan found of an image."""
    cells = np.full((7, 7), logit, dtype=np.float32)
    finding = Finding(
        file or path.name, path, _identifiers(path), Prediction(logit, cells), f"digest of {path.name}"
    )
    return replace(finding, **changes)


def missed(
    path: Path, code: ReasonCode = ReasonCode.PIXELS_TRUNCATED, cause: Cause = Cause.FAILED
) -> NotScreened:
    """Return an image that was not screened."""
    return NotScreened(path.name, path, cause, Reason.of(code), _identifiers(path))


@dataclass(frozen=True)
class Hospital:
    """A folder of images and a ledger."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    @property
    def outbox(self) -> Path:
        (self.folder / "outbox").mkdir(exist_ok=True)
        return self.folder / "outbox"

    def image(self, name: str = "a", study: str = "1.2.1", **tags: Any) -> Path:
        """Write an image of that name; its SOP Instance UID is made of the name."""
        return write_image(self.folder / f"{name}.dcm", study, f"{study}.{ord(name[0])}", **tags)

    def night(
        self,
        *outcomes: Finding | NotScreened,
        number: int = 0,
        change: Callable[[RunSummary], RunSummary] = lambda run: run,
    ) -> None:
        """Let a run tell of outcomes; change: what is different of it."""
        started = FIRST_NIGHT + timedelta(days=number)
        run = change(_summary(started, outcomes))
        with Ledger(self.ledger, key=ResultKey(run.model.sha256)) as ledger:
            ledger.begin(started)
            ledger.record(outcomes)
            ledger.keep(to_record(run))
            ledger.finish(started, run.complete, len(outcomes))

    def sent(self) -> list[Dataset]:
        """Return the objects in the outbox, by series number."""
        found = [pydicom.dcmread(path) for path in sorted(self.outbox.glob("*.dcm"))]
        return sorted(found, key=lambda each: (str(each.StudyInstanceUID), int(each.SeriesNumber)))


def _summary(started: datetime, outcomes: Sequence[Finding | NotScreened]) -> RunSummary:
    found = sum(isinstance(each, Finding) for each in outcomes)
    return RunSummary(
        complete=True,
        totals=Totals(images_screened=found, not_flagged=found),
        model=MODEL,
        scales=Scales.one(SCALE),
        started=started,
        finished=started + timedelta(minutes=1),
        images_per_second=1.0,
        exit_code=0,
        roots=("/studies",),
        intended_use="ordering",
        versions={"screener": "0.1.0"},
        options=RunOptions({"new_only": False}),
    )
