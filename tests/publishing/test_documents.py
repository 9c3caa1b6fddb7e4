"""FHIR and HL7, as validators that are not ours read them."""

import json
import warnings

import pytest
from typer.testing import CliRunner, Result

from screener.cli import app
from screener.errors import ExitCode
from tests.publishing.hospital import Hospital, missed, screened

KINDS = {"ImagingStudy", "Device", "Observation", "DiagnosticReport", "Provenance"}
ODD_ID = "P|1^2&3~4"


def publish(hospital: Hospital, *options: str) -> Result:
    for name in ("fhir", "hl7"):
        (hospital.folder / name).mkdir(exist_ok=True)
    places = ["--fhir", str(hospital.folder / "fhir"), "--hl7", str(hospital.folder / "hl7")]
    command = ["publish", "--ledger", str(hospital.ledger), "--to", str(hospital.outbox), *places, *options]
    return CliRunner().invoke(app, command)


def bundles(hospital: Hospital) -> list[dict]:
    return [json.loads(path.read_text("utf-8")) for path in sorted((hospital.folder / "fhir").glob("*.json"))]


def messages(hospital: Hospital) -> list[str]:
    return [path.read_bytes().decode() for path in sorted((hospital.folder / "hl7").glob("*.hl7"))]


def resources(bundle: dict, kind: str) -> list[dict]:
    return [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind]


@pytest.fixture
def told(hospital: Hospital) -> Hospital:
    hospital.night(
        screened(hospital.image("a", PatientID=ODD_ID)),
        missed(hospital.image("b", PatientID=ODD_ID)),
        missed(hospital.image("c", "1.2.2")),
    )
    assert publish(hospital).exit_code == ExitCode.DONE
    return hospital


def test_fhir_resources_finds_every_bundle_valid(told):
    with warnings.catch_warnings(action="ignore"):  # pydantic's, of the library's own models
        from fhir.resources.R4B.bundle import Bundle

        read = [Bundle.model_validate_json(json.dumps(each)) for each in bundles(told)]
    assert len(read) == 2
    kinds = [entry.resource.get_resource_type() for entry in read[0].entry]
    assert set(kinds) == KINDS


@pytest.fixture
def told_in_r5(hospital: Hospital) -> Hospital:
    hospital.night(screened(hospital.image("a")), missed(hospital.image("c", "1.2.2")))
    assert "2 fhir-r5" in publish(hospital, "--fhir-release", "R5").output
    return hospital


def test_fhir_resources_finds_every_bundle_in_r5_valid(told_in_r5):
    with warnings.catch_warnings(action="ignore"):
        from fhir.resources.bundle import Bundle

        read = [Bundle.model_validate_json(json.dumps(each)) for each in bundles(told_in_r5)]
    assert {entry.resource.get_resource_type() for entry in read[0].entry} == KINDS


def test_a_bundle_in_r5_names_profiles_and_holds_what_they_ask_for(told_in_r5):
    """Of HL7's guide: a study, a device and the time of each observation; a category of evaluations."""
    claimed = set()
    for bundle in bundles(told_in_r5):
        [device], [report] = resources(bundle, "Device"), resources(bundle, "DiagnosticReport")
        assert (device["displayName"], report["study"]) == ("Screener net", [{"reference": study_of(bundle)}])
        assert "operating point" in device["property"][0]["valueString"]
        for each in resources(bundle, "Observation"):
            [part] = each["partOf"]
            assert (part["reference"], part["identifier"]["system"]) == (study_of(bundle), "urn:dicom:uid")
            assert each["issued"] == report["issued"]
            [profile] = each["meta"]["profile"]
            assert ("category" in each) == profile.endswith("imaging-qualitative-evaluation")
            claimed.add(profile.rpartition("/")[2])
    assert claimed == {"imaging-measurement", "imaging-qualitative-evaluation"}


def study_of(bundle: dict) -> str:
    return next(
        each["fullUrl"] for each in bundle["entry"] if each["resource"]["resourceType"] == "ImagingStudy"
    )


def test_another_release_of_fhir_goes_into_the_same_folder_beside_the_first(told_in_r5):
    assert "2 fhir stored" in publish(told_in_r5, "--run", "1").output
    assert len(bundles(told_in_r5)) == 4


def test_a_release_of_fhir_that_is_none_of_ours_is_refused(hospital):
    hospital.night(screened(hospital.image("a")))
    result = publish(hospital, "--fhir-release", "R3")
    assert (result.exit_code, "R4 or R5" in result.output) == (ExitCode.USAGE, True)


def test_a_bundle_names_the_patient_by_the_id_alone_and_says_that_software_made_it(told):
    for bundle in bundles(told):
        text = json.dumps(bundle)
        assert "Yamada" not in text
        assert "1954" not in text
        for entry in bundle["entry"]:
            labels = {each["code"] for each in entry["resource"]["meta"]["security"]}
            assert labels == {"AIAST", "HRESCH"}
        [report] = resources(bundle, "DiagnosticReport")
        assert report["status"] == "preliminary"
        assert "RESEARCH, NOT FOR CLINICAL USE" in report["conclusion"]


def test_every_reference_in_a_bundle_leads_to_one_of_its_resources(told):
    for bundle in bundles(told):
        names = {each["fullUrl"] for each in bundle["entry"]}
        assert len(names) == len(bundle["entry"])
        text = json.dumps(bundle)
        assert {each.split('"')[0] for each in text.split('"reference": "')[1:]} <= names


def test_an_image_that_was_not_screened_has_no_number(told):
    values = [
        each.get("valueQuantity", {}).get("value")
        for bundle in bundles(told)
        for each in resources(bundle, "Observation")
    ]
    assert [each for each in values if each is not None] == [0.880797]
    codes = [
        each["valueCodeableConcept"]["coding"][0]["code"]
        for bundle in bundles(told)
        for each in resources(bundle, "Observation")
        if "valueCodeableConcept" in each
    ]
    assert sorted(codes) == ["111242", "111245", "111245"]


def test_hl7apy_finds_every_message_valid_and_preliminary(told):
    from hl7apy.parser import parse_message

    for text in messages(told):
        message = parse_message(text, find_groups=True)
        assert message.validate()
        assert message.msh.msh_9.value == "ORU^R01^ORU_R01"
        segments = [line.split("|") for line in text.split("\r")]
        assert {line[25] for line in segments if line[0] == "OBR"} == {"P"}
        assert {line[11] for line in segments if line[0] == "OBX"} == {"P"}
        assert not any(len(line) > 27 and line[27] for line in segments if line[0] == "OBR")  # no priority


def test_an_identifier_cannot_break_out_of_its_field(told):
    [line] = [
        line
        for text in messages(told)
        for line in text.split("\r")
        if line.startswith("PID") and "P\\F\\" in line
    ]
    assert line.split("|")[3].split("^")[0] == "P\\F\\1\\S\\2\\T\\3\\R\\4"


def test_documents_are_written_once_and_the_same_again_elsewhere(told):
    before = {path.name: path.read_bytes() for path in (told.folder / "fhir").iterdir()}
    for path in (told.folder / "fhir").iterdir():
        path.unlink()
    publish(told, "--run", "1")
    assert list((told.folder / "fhir").iterdir()) == []
    other = told.folder / "other"
    other.mkdir()
    command = [
        "publish",
        "--ledger",
        str(told.ledger),
        "--to",
        str(told.outbox),
        "--run",
        "1",
        "--fhir",
        str(other),
    ]
    assert "2 fhir stored" in CliRunner().invoke(app, command).output
    assert {path.name: path.read_bytes() for path in other.iterdir()} == before


def test_both_documents_tell_times_with_the_offset_of_the_zone_that_was_asked_for(hospital):
    hospital.night(screened(hospital.image("a")))
    publish(hospital, "--timezone", "Asia/Kolkata")
    [message], [bundle] = messages(hospital), bundles(hospital)
    assert message.split("\r")[0].split("|")[6] == "20261120073000+0530"
    [report] = resources(bundle, "DiagnosticReport")
    assert report["effectiveDateTime"] == report["issued"] == "2026-11-20T07:30:00+05:30"
