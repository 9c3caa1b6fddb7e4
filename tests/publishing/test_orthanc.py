"""With a real archive: results stand in their studies, where programs that are not ours read them."""

import subprocess
from pathlib import Path

import pydicom
import pytest
from typer.testing import CliRunner, Result

from screener.cli import app
from screener.errors import ExitCode
from tests.archives.orthanc import Orthanc, require
from tests.publishing.hospital import Hospital, missed, screened

pytestmark = pytest.mark.network


def publish(hospital: Hospital, archive: Orthanc, *options: str) -> Result:
    place = ["--to", archive.url, "--credentials", str(archive.credentials)]
    return CliRunner().invoke(app, ["publish", "--ledger", str(hospital.ledger), *place, *options])


def series_in(archive: Orthanc) -> list[tuple[str, str]]:
    """Return study and modality of each series that the archive holds."""
    studies = {each: archive.ask(f"/studies/{each}")["MainDicomTags"] for each in archive.ask("/studies")}
    series = [archive.ask(f"/series/{each}") for each in archive.ask("/series")]
    return sorted(
        (studies[each["ParentStudy"]]["StudyInstanceUID"], each["MainDicomTags"]["Modality"])
        for each in series
    )


def report_of(archive: Orthanc, patient: str) -> bytes:
    """Return the report that the archive holds of a patient."""
    for each in archive.ask("/instances"):
        tags = archive.ask(f"/instances/{each}/simplified-tags")
        if (tags["Modality"], tags["PatientID"]) == ("SR", patient):
            content: bytes = archive.ask(f"/instances/{each}/file")
            return content
    raise AssertionError("no report")


def test_a_report_stands_in_its_study_and_dcmtk_reads_it(
    hospital: Hospital, orthanc: Orthanc, tmp_path: Path
) -> None:
    require("dsrdump")
    german = {"SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Jörg", "PatientID": "P-2"}
    images = hospital.image("a", **german), hospital.image("b", "1.2.2")
    hospital.night(screened(images[0]), missed(images[1]))
    orthanc.store(*images)
    first = publish(hospital, orthanc)
    assert (first.exit_code, "2 sr stored" in first.output) == (ExitCode.DONE, True)
    assert series_in(orthanc) == [("1.2.1", "DX"), ("1.2.1", "SR"), ("1.2.2", "DX"), ("1.2.2", "SR")]
    path = tmp_path / "report.dcm"
    path.write_bytes(report_of(orthanc, "P-2"))
    assert str(pydicom.dcmread(path).PatientName) == "Müller^Jörg"
    told = subprocess.run(["dsrdump", path], capture_output=True, text=True, check=True).stdout
    assert '"Probability of pneumonia")="0.880797"' in told
    assert '(415684004,SCT,"Suspected")' in told


def test_the_archive_is_sent_nothing_twice(hospital: Hospital, orthanc: Orthanc) -> None:
    image = hospital.image("a")
    hospital.night(screened(image))
    orthanc.store(image)
    publish(hospital, orthanc)
    before = orthanc.ask("/statistics")["CountInstances"]
    assert "1 known there already" in publish(hospital, orthanc, "--run", "1").output
    assert orthanc.ask("/statistics")["CountInstances"] == before == 2


def test_a_patient_corrected_in_the_archive_gets_no_orphaned_report(
    hospital: Hospital, orthanc: Orthanc
) -> None:
    """Orthanc takes such a report with success, and files it under a second study of the same UID."""
    hospital.night(screened(hospital.image("a")))
    orthanc.store(hospital.image("a", PatientID="P-2"))
    result = publish(hospital, orthanc)
    assert (result.exit_code, series_in(orthanc)) == (ExitCode.SOME_FAILED, [("1.2.1", "DX")])
    assert "have changed since it was screened" in result.output
