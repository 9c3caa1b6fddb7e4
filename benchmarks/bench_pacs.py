"""The night with a PACS: images out of an archive, screened, results into it, and once more with nothing new.

Run: python -m benchmarks.bench_pacs [--images 67] [--no-scan]      (needs the extra 'dev'; Debian: apt
install orthanc orthanc-dicomweb dcmtk gcc libc6-dev)

The archive is an Orthanc on loopback, on the same cores as Screener. Rates to beat on two quiet cores, with
images of 8 MB: pull 24 a second, receive 11 a second from one sender, publish 5 reports a second. The rate of
the same images, asked for by the same client and neither written nor checked, is told first: what pull takes
above it is Screener's. Processor time is that of Screener (and of the sender), without the archive's.
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from screener.archives.address import WebAddress
from screener.archives.credentials import Credentials
from screener.archives.dicomweb import DicomWeb
from screener.archives.dimse.scp import Listening
from screener.archives.http import Access
from screener.arrivals.receive import ReceiveOptions, receiving
from tests.archives.orthanc import Orthanc, running_orthanc

ROWS, COLUMNS = 2000, 2048  # 8.2 MB
PULL_RATE, RECEIVE_RATE, PUBLISH_RATE = 24.0, 11.0, 5.0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=67)
    parser.add_argument("--no-scan", action="store_true", help="only bring the images")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "archive").mkdir()
        with running_orthanc(folder / "archive") as archive:
            images = [_image(number) for number in range(arguments.images)]
            for each in images:
                archive.ask("/instances", "POST", each)
            _night(archive, folder, len(images), not arguments.no_scan)
        _receive(images, folder)


def _night(archive: Orthanc, folder: Path, images: int, scan: bool) -> None:
    access = Access(WebAddress.of(archive.url), Credentials.found(archive.credentials))
    _told("asked for, neither written nor checked", images, lambda: _ask(access))
    inbox, ledger = folder / "inbox", folder / "ledger.sqlite"
    pull = ["pull", archive.url, "--to", inbox, "--credentials", archive.credentials, "--ledger", ledger]
    _told("pull", images, lambda: _run(*pull), PULL_RATE)
    commands = {"pull again": pull}
    if scan:
        screen = ["scan", inbox, "--out", folder / "report.pdf", "--no-pdf", "--ledger", ledger, "--new-only"]
        _told("scan", images, lambda: _run(*screen))
        publish = ["publish", "--ledger", ledger, "--to", archive.url, "--credentials", archive.credentials]
        _told("publish, a report for each study", images - 1, lambda: _run(*publish), PUBLISH_RATE)
        stored = len(archive.ask("/instances")) - images
        assert stored == images - 1, f"{stored} reports were stored"
        commands |= {"scan again": screen, "publish again": publish}
    for name, command in commands.items():
        _told(name, 0, lambda command=command: _run(*command))  # type: ignore[misc]


def _receive(images: list[bytes], folder: Path) -> None:
    """Tell the rate of one sender, dcmtk's, which sends what lies on disk."""
    sent = folder / "sent"
    sent.mkdir()
    for number, each in enumerate(images):
        (sent / f"{number}.dcm").write_bytes(each)
    listening = Listening(aet="SCREENER", port=0, parts=folder, host="127.0.0.1")
    options = ReceiveOptions(inbox=folder / "received", listening=listening, min_free=0)
    with receiving(options, print) as port:
        command = ["dcmsend", "-aec", "SCREENER", "127.0.0.1", str(port), "--scan-directories", sent]
        run = lambda: subprocess.run(command, check=True, capture_output=True)  # noqa: E731
        _told("receive, one sender", len(images), run, RECEIVE_RATE)
    kept = len(list((folder / "received").rglob("*.dcm")))
    assert kept == len(images), f"{kept} of {len(images)} images were kept"


def _ask(access: Access) -> None:
    archive = DicomWeb(access)
    for modality in ("CR", "DX"):
        for study in list(archive.studies(modality, date.today())):
            for image in list(archive.images(study, ("CR", "DX"))):
                for _ in archive.content(image):
                    pass
    archive.close()


def _run(*command: object) -> None:
    subprocess.run([sys.executable, "-m", "screener", *map(str, command)], check=True, capture_output=True)


def _told(what: str, images: int, work: Callable[[], object], least: float = 0.0) -> None:
    began, before = time.monotonic(), _processor_seconds()
    work()
    seconds, worked = time.monotonic() - began, _processor_seconds() - before
    rate = f"{images / seconds:8.1f} a second" if images else ""
    aim = f"  (to beat: {least:g})" if least else ""
    print(f"{what:<42}{seconds:7.1f} s, {worked:5.1f} s of processor{rate}{aim}", flush=True)


def _processor_seconds() -> float:
    """Return what this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _image(number: int) -> bytes:
    """Return an image of today, one for each study but the first, which has two."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    study = max(number - 1, 0)
    dataset.SOPClassUID = pydicom.uid.DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = f"2.25.900001{number}"
    dataset.StudyInstanceUID = f"2.25.900002{study}"
    dataset.SeriesInstanceUID = f"2.25.900003{number}"
    dataset.PatientID = f"BENCH{study}"
    dataset.Modality = "DX" if number % 2 else "CR"
    dataset.BodyPartExamined, dataset.ViewPosition = "CHEST", "PA"
    dataset.StudyDate = f"{date.today():%Y%m%d}"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = ROWS, COLUMNS, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    noise = np.random.default_rng(number).integers(0, 4096, (ROWS, COLUMNS), dtype=np.uint16)
    dataset.PixelData = noise.tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
