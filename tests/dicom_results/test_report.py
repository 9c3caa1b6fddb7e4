"""The structured report, as validators and readers that are not ours see it."""

import json
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import highdicom
import pytest

from screener import own_marks
from screener.dicom_results.report import Contour, make_report
from tests.dicom_results.results import (
    STUDY,
    complaints,
    headers_of,
    image_result,
    read_back,
    sop,
    study_result,
)

CONTOUR = Contour(((0.25, 0.25), (0.75, 0.25), (0.5, 0.5)), "It is coarse and does not outline disease.")
NOT_SCREENED = image_result("b", "", None)
JAPANESE = "Yamada^Tarou=山田^太郎=やまだ^たろう"


@pytest.mark.parametrize(
    ("images", "predecessor"),
    [
        pytest.param([image_result()], ("", ""), id="flagged"),
        pytest.param([image_result(probability="0.1", flagged=False)], ("", ""), id="not flagged"),
        pytest.param([replace(NOT_SCREENED, sop_instance_uid=sop("a"))], ("", ""), id="not screened"),
        pytest.param([image_result(), image_result("b", "0.1", False)], ("", ""), id="two images"),
        pytest.param([image_result(), NOT_SCREENED], ("", ""), id="one of two screened"),
        pytest.param([image_result()], ("2.25.1", "2.25.2"), id="with a predecessor"),
    ],
)
def test_a_report_breaks_no_rule_of_its_iod(tmp_path, images, predecessor):
    headers = headers_of(tmp_path, "a", "b")
    report = make_report(study_result(*images), headers, predecessor)
    assert complaints(report.content, tmp_path) == []


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param({"StudyDate": None, "StudyTime": None}, id="no study date"),
        pytest.param(
            {"AccessionNumber": None, "StudyID": None, "ReferringPhysicianName": None}, id="no accession"
        ),
        pytest.param({"PatientID": "P" * 64, "IssuerOfPatientID": "I" * 64}, id="64 characters"),
        pytest.param({"TimezoneOffsetFromUTC": "+0130"}, id="time zone"),
        pytest.param(
            {"SpecificCharacterSet": ["", "ISO 2022 IR 87"], "PatientName": JAPANESE}, id="Japanese"
        ),
        pytest.param({"SpecificCharacterSet": "ISO_IR 144", "PatientName": "Иванов^Иван"}, id="Cyrillic"),
        pytest.param({"SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Jörg"}, id="Latin-1"),
    ],
)
def test_whatever_the_image_says_of_the_patient_stands_in_the_report_as_it_was(tmp_path, tags):
    report = make_report(study_result(), headers_of(tmp_path, **tags))
    assert complaints(report.content, tmp_path) == []
    read = read_back(report.content)
    for keyword, value in tags.items():
        if keyword != "SpecificCharacterSet":
            assert str(read.get(keyword) or "") == (value or "")
    assert read.SpecificCharacterSet == "ISO_IR 192"


def test_highdicom_reads_our_numbers_and_who_gave_them(tmp_path):
    result = study_result(image_result(), image_result("b", "0.100001", False))
    (tmp_path / "report.dcm").write_bytes(make_report(result, headers_of(tmp_path, "a", "b")).content)
    with warnings.catch_warnings(action="ignore"):
        report = highdicom.sr.srread(tmp_path / "report.dcm")
        groups = report.content.get_image_measurement_groups()
    told = [
        (
            group.tracking_uid,
            group.source_images[0].referenced_sop_instance_uid,
            [(item.name.value, str(item.value)) for item in group.get_measurements()],
            [item.value.value for item in group.get_qualitative_evaluations()],
        )
        for group in groups
    ]
    assert told == [
        (
            result.tracking_uid(result.images[0]),
            sop("a"),
            [("PNEUMONIA_PROB", "0.473964")],
            ["111242", "415684004"],
        ),
        (result.tracking_uid(result.images[1]), sop("b"), [("PNEUMONIA_PROB", "0.100001")], ["111241"]),
    ]
    assert groups[0].finding_sites[0].value.value == "39607008"


def _dcmqi(folder: Path) -> str:
    """Return what dcmqi tells of the report in a folder, as JSON."""
    reader = Path(sys.executable).with_name("tid1500reader")
    command = [reader, "--inputDICOM", folder / "report.dcm", "--outputMetadata", folder / "told.json"]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "told.json").read_text()


def test_dcmqi_reads_our_numbers(tmp_path):
    result = study_result(image_result(), image_result("b", "0.100001", False))
    (tmp_path / "report.dcm").write_bytes(make_report(result, headers_of(tmp_path, "a", "b")).content)
    told = json.loads(_dcmqi(tmp_path))
    assert (told["CompletionFlag"], told["VerificationFlag"]) == ("COMPLETE", "UNVERIFIED")
    assert told["imageLibrary"] == [sop("a"), sop("b")]
    assert [
        (
            group["TrackingUniqueIdentifier"],
            [(item["quantity"]["CodeValue"], item["value"]) for item in group["measurementItems"]],
            group["qualitativeEvaluations"][0]["conceptValue"]["CodeValue"],
        )
        for group in told["Measurements"]
    ] == [
        (result.tracking_uid(result.images[0]), [("PNEUMONIA_PROB", "0.473964")], "111242"),
        (result.tracking_uid(result.images[1]), [("PNEUMONIA_PROB", "0.100001")], "111241"),
    ]


def test_a_contour_breaks_no_rule_and_highdicom_and_dcmqi_read_it_and_the_number_with_it(tmp_path):
    """TID 1410 in place of 1501 for the image that decides; the other one is told as ever."""
    result = study_result(image_result(), image_result("b", "0.100001", False))
    headers = headers_of(tmp_path, "a", "b")
    made = make_report(result, headers, contour=CONTOUR)
    assert complaints(made.content, tmp_path) == []
    assert made == make_report(result, headers, contour=CONTOUR)
    (tmp_path / "report.dcm").write_bytes(made.content)
    with warnings.catch_warnings(action="ignore"):
        content = highdicom.sr.srread(tmp_path / "report.dcm").content
        [drawn] = content.get_planar_roi_measurement_groups()
        [other] = content.get_image_measurement_groups()
    assert drawn.roi.value.tolist() == [
        [32, 32],
        [96, 32],
        [64, 64],
        [32, 32],
    ]  # of 128 pixels, the first is 0
    assert drawn.roi.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == sop("a")
    assert [str(item.value) for item in drawn.get_measurements()] == ["0.473964"]
    assert drawn.tracking_uid == result.tracking_uid(result.images[0])
    assert other.source_images[0].referenced_sop_instance_uid == sop("b")
    told = json.loads(_dcmqi(tmp_path))["Measurements"]
    assert [group["measurementItems"][0]["value"] for group in told] == ["0.473964", "0.100001"]


def test_a_contour_says_what_it_is_not_and_makes_another_object(tmp_path):
    headers = headers_of(tmp_path)
    made = make_report(study_result(), headers, contour=CONTOUR)
    assert CONTOUR.said.encode() in made.content
    assert made.sop_uid != make_report(study_result(), headers).sop_uid


def test_a_report_carries_every_mark_by_which_we_know_our_own(tmp_path):
    read = read_back(make_report(study_result(), headers_of(tmp_path)).content)
    assert read.InstanceCreatorUID == own_marks.CREATOR_UID
    assert read.file_meta.ImplementationVersionName == own_marks.RESULT_VERSION_NAME
    assert (read.PreliminaryFlag, read.VerificationFlag) == ("PRELIMINARY", "UNVERIFIED")
    assert "NOT FOR CLINICAL USE" in read.SeriesDescription
    assert len(read.SeriesDescription) <= 64


def test_the_image_is_the_evidence_and_the_study_is_its_own(tmp_path):
    read = read_back(make_report(study_result(), headers_of(tmp_path)).content)
    [evidence] = read.CurrentRequestedProcedureEvidenceSequence
    [series] = evidence.ReferencedSeriesSequence
    assert (read.StudyInstanceUID, evidence.StudyInstanceUID) == (STUDY, STUDY)
    assert series.SeriesInstanceUID == f"{STUDY}.9"
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == sop("a")


@pytest.mark.parametrize(
    ("offset", "when"),
    [
        pytest.param("+0100", ("20261120", "030000"), id="the image's own zone"),
        pytest.param("-0330", ("20261119", "223000"), id="the day before"),
        pytest.param(None, ("20261120", "040000"), id="else that of the scan"),
    ],
)
def test_times_are_told_in_the_zone_that_the_object_speaks_of(tmp_path, offset, when):
    analysed = datetime(2026, 11, 20, 2, tzinfo=UTC).astimezone(timezone(timedelta(hours=2)))
    headers = headers_of(tmp_path, TimezoneOffsetFromUTC=offset)
    read = read_back(make_report(study_result(analysed=analysed), headers).content)
    assert (read.ContentDate, read.ContentTime) == when
    assert read.get("TimezoneOffsetFromUTC") == offset


def test_the_same_result_and_header_are_the_same_bytes(tmp_path):
    one, other = (make_report(study_result(), headers_of(tmp_path / each)) for each in "xy")
    assert one == other


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"images": (image_result(probability="0.473965"),)}, id="probability"),
        pytest.param({"images": (replace(image_result(), facts=(("threshold", "0.4"),)),)}, id="threshold"),
        pytest.param({"images": (replace(image_result(), statements=("other",)),)}, id="words"),
        pytest.param({"images": (replace(image_result(), pixel_digest="other"),)}, id="pixels"),
        pytest.param({"screener_version": "0.2.0"}, id="version"),
        pytest.param({"title": "other"}, id="title"),
        pytest.param({"point": "custom"}, id="operating point"),
        pytest.param({"analysed": datetime(2026, 11, 21, tzinfo=UTC)}, id="time"),
    ],
)
def test_whatever_a_reader_would_see_differ_has_a_uid_of_its_own(tmp_path, change):
    headers = headers_of(tmp_path)
    assert (
        make_report(study_result(), headers).sop_uid != make_report(study_result(**change), headers).sop_uid
    )


def test_other_words_or_another_version_are_no_other_result():
    """Else every update of the program would publish everything anew."""
    said = replace(image_result(), statements=("other",), parameters="other")
    assert study_result().content == study_result(said, screener_version="9", title="other").content
    assert study_result().content != study_result(image_result(probability="0.5")).content
