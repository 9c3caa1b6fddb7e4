import pytest

from screener.domain import Identifiers
from screener.errors import UnreadableImageError
from screener.intake.dicom.open import open_dicom
from tests.intake.radiographs import GREY
from tests.reasons import refusal, words

NOTHING = [
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "Modality",
    "BodyPartExamined",
    "ViewPosition",
    "PatientName",
    "PatientBirthDate",
    "PatientID",
    "AccessionNumber",
    "StudyDate",
]


def identifiers(path):
    return open_dicom(path).identifiers


def test_identifiers_are_those_of_the_header(make_dicom):
    assert identifiers(make_dicom(GREY)) == Identifiers(
        study_instance_uid="1.2.826.0.1.3680043.8.498.2",
        sop_instance_uid="1.2.826.0.1.3680043.8.498.1",
        patient_id="P-17",
        accession_number="A-4",
        study_date="2025-11-21",
        view_position="PA",
        patient_age="081Y",  # from the dates of birth and of the study
    )


def test_a_header_without_any_identifier_gives_empty_ones(make_dicom):
    path = make_dicom(GREY, preamble=False, **dict.fromkeys(NOTHING))
    assert identifiers(path) == Identifiers()


def test_the_name_and_the_birth_date_appear_nowhere(make_dicom):
    image = open_dicom(make_dicom(GREY))
    for told in (repr(image), repr(image.header), repr(image.identifiers)):
        assert "Secretname" not in told
        assert "19440131" not in told


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param("20240229", "2024-02-29", id="DA"),
        pytest.param("1999.12.31", "1999-12-31", id="ACR-NEMA"),
        pytest.param("2024-02-29", "2024-02-29", id="ISO 8601"),
        pytest.param("20230229", "", id="no such day"),
        pytest.param("2024W011", "", id="a week"),
        pytest.param("202402", "", id="a month"),
        pytest.param("20240101-20240131", "", id="a range"),
        pytest.param("unknown", "", id="text"),
        pytest.param("", "", id="empty"),
        pytest.param(None, "", id="absent"),
    ],
)
def test_a_study_date_is_iso_8601_or_empty(make_dicom, written, told):
    assert identifiers(make_dicom(GREY, StudyDate=written)).study_date == told


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param("  P 1 ", "P 1", id="padded"),
        pytest.param("P\n1\t2", "P 1 2", id="control characters"),
        pytest.param(["P1", "P2"], "P1\\P2", id="two values"),
        pytest.param("9" * 300, "9" * 256, id="far too long"),
    ],
)
def test_an_identifier_is_one_line_of_clean_text(make_dicom, written, told):
    assert identifiers(make_dicom(GREY, PatientID=written)).patient_id == told


@pytest.mark.parametrize(
    "character_set", ["ISO_IR 999", "GARBAGE", ["ISO 2022 IR 6", "nonsense"], "ISO_IR 192"]
)
def test_a_wrong_character_set_costs_no_image(make_dicom, character_set):
    path = make_dicom(GREY, PatientID="M@@ller", SpecificCharacterSet=character_set)
    path.write_bytes(path.read_bytes().replace(b"M@@ller", b"M\xfc\xfeler"))
    told = identifiers(path).patient_id
    assert told[0] == "M"
    assert told.endswith("ler")
    told.encode("utf-8")


def test_an_age_without_its_unit_costs_no_image(make_dicom):
    path = make_dicom(GREY, PatientAge="62")
    assert b"AS\x02\x0062" in path.read_bytes()
    assert identifiers(path).patient_id == "P-17"


def test_a_header_tells_what_decides_eligibility(make_dicom):
    elements = {"StudyDescription": "Thorax", "SeriesDescription": " w pa ", "ProtocolName": ""}
    header = open_dicom(make_dicom(GREY, ViewPosition="pa", Modality="cr", **elements)).header
    assert (header.modality, header.body_part_examined, header.view_position) == ("CR", "CHEST", "PA")
    assert (header.study_words, header.series_words) == ("THORAX", "W PA")
    assert header.number_of_frames == 1
    assert header.has_pixels


@pytest.mark.parametrize("count", ["", "one", "1.5"])
def test_a_number_of_frames_that_is_none_is_no_crash(make_dicom, count):
    path = make_dicom(GREY, NumberOfFrames=7)
    path.write_bytes(path.read_bytes().replace(b"IS\x02\x007 ", b"IS\x04\x00" + count.encode().ljust(4)))
    try:
        assert open_dicom(path).header.number_of_frames == 1
    except UnreadableImageError as error:
        assert "header is damaged" in words(error)  # noqa: PT017


def test_a_file_that_has_gone_fails(tmp_path):
    with refusal(UnreadableImageError, match="cannot be opened: No such file"):
        open_dicom(tmp_path / "gone.dcm")
