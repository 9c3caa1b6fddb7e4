"""Publishing by DICOMweb: every answer is looked at, and nothing is sent to the wrong patient."""

import json
from collections.abc import Iterator
from io import BytesIO

import pydicom
import pytest
from typer.testing import CliRunner, Result

from screener.archives.credentials import VARIABLE
from screener.cli import app
from screener.errors import ExitCode
from tests.archives.web_server import Reply, WebServer, web_server
from tests.publishing.fake_archive import PART, FakeArchive
from tests.publishing.hospital import Hospital, screened

pytestmark = pytest.mark.network
CREDENTIALS = "screener:SECRETPASSWORD"
SECRETS = {
    "PatientName": "SECRETNAME^A",
    "PatientID": "SECRETPATIENT",
    "AccessionNumber": "SECRETACCESSION",
    "StudyDescription": "SECRETDESCRIPTION",
    "ReferringPhysicianName": "SECRETDOCTOR",
    "StudyInstanceUID": "1.2.826.999.1",
    "SOPInstanceUID": "1.2.826.999.2",
    "SeriesInstanceUID": "1.2.826.999.3",
}


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def server(archive: FakeArchive, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setenv(VARIABLE, CREDENTIALS)
    monkeypatch.setattr("screener.archives.http.time.sleep", lambda seconds: None)
    with web_server(archive) as running:
        yield running


@pytest.fixture
def night(hospital: Hospital, archive: FakeArchive) -> Hospital:
    """A night of two studies, both in the archive."""
    images = hospital.image("a"), hospital.image("b", "1.2.2")
    hospital.night(*map(screened, images))
    archive.put(*images)
    return hospital


def publish(hospital: Hospital, server: WebServer, *options: str) -> Result:
    address = f"{server.url}/dicom-web/"
    return CliRunner().invoke(app, ["publish", "--ledger", str(hospital.ledger), "--to", address, *options])


def stores(server: WebServer) -> int:
    return sum(request.method == "POST" for request in server.requests)


def test_each_study_gets_its_report_and_nothing_is_sent_twice(night, archive, server):
    first = publish(night, server)
    assert (first.exit_code, len(archive.stored)) == (ExitCode.DONE, 2)
    asked = len(server.requests)
    assert publish(night, server).exit_code == ExitCode.DONE
    assert "2 known there already" in publish(night, server, "--run", "1").output
    assert len(server.requests) == asked  # not even a header


def test_the_report_carries_what_the_archive_says_of_the_patient_now(night, archive, server):
    """A name may be put right in the archive after the scan; patient ID and study may not."""
    archive.put(night.image("a", PatientName="Corrected^Name", PatientBirthDate="19540322"))
    publish(night, server)
    report = next(each for each in map(archive.objects.get, archive.stored) if b"Corrected^Name" in each)
    assert b"19540322" in report


@pytest.mark.parametrize("name", ["Müller^Jörg", "Иванов^Иван", "Yamada^Tarou=山田^太郎=やまだ^たろう"])
def test_names_of_every_script_reach_the_report(night, archive, server, name):
    """pydicom reads a name out of JSON as Latin-1, and would write question marks."""
    archive.put(night.image("a", SpecificCharacterSet="ISO_IR 192", PatientName=name))
    publish(night, server)
    names = [str(pydicom.dcmread(BytesIO(archive.objects[each])).PatientName) for each in archive.stored]
    assert name in names


@pytest.mark.parametrize(
    "tags",
    [{"PatientID": "P-2"}, {"AccessionNumber": "A-2"}],
    ids=["merged into another patient", "other order"],
)
def test_nothing_is_sent_where_the_archive_has_another_identity(night, archive, server, tags):
    archive.put(night.image("a", **tags))
    result = publish(night, server)
    assert result.exit_code == ExitCode.SOME_FAILED
    assert "refused: a.dcm: patient ID, accession number or UIDs have changed" in result.output
    assert len(archive.stored) == 1


def test_nothing_is_sent_of_a_study_that_is_gone(night, archive, server):
    del archive.objects["1.2.1.97"]
    result = publish(night, server)
    assert result.exit_code == ExitCode.SOME_FAILED
    assert "refused: a.dcm: the image is not there any more" in result.output


@pytest.mark.parametrize("reason", [0x0111, 45070, 0x0110])
def test_a_duplicate_of_our_own_is_stored_if_the_archive_really_holds_it(night, archive, server, reason):
    """As after a kill between answer and ledger; archives have three ways to say so."""
    kept = {}

    def keep_then_refuse(request):
        if request.method != "POST":
            return None
        archive.store(request)
        kept.update(archive.objects)
        return archive.store(request, failed=reason)

    archive.before = keep_then_refuse
    result = publish(night, server)
    assert (result.exit_code, "2 sr stored" in result.output) == (ExitCode.DONE, True)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(0xA700, "out of resources (0xA700)", id="disk full there"),
        pytest.param(0x0122, "its SOP class is not supported (0x0122)", id="no reports there"),
        pytest.param(Reply(200), "did not say that it is stored", id="success with an empty body"),
        pytest.param(Reply(200, body=b"<xml/>"), "did not say that it is stored", id="XML"),
        pytest.param(Reply(409, body=b"{}"), "did not say that it is stored", id="409, study URL mismatch"),
        pytest.param(Reply(500), "HTTP 500", id="server error"),
        pytest.param(Reply(413), "HTTP 413", id="too large for a proxy"),
    ],
)
def test_what_is_not_stored_is_named_and_tried_again_the_next_time(night, archive, server, reply, words):
    def refuse(request):
        if request.method != "POST":
            return None
        return archive.store(request, failed=reply) if isinstance(reply, int) else reply

    archive.before = refuse
    result = publish(night, server)
    assert result.exit_code == ExitCode.SOME_FAILED
    assert result.output.count(words) == 2
    archive.before = lambda request: None
    assert "2 sr stored" in publish(night, server).output


def test_of_two_objects_only_the_one_that_was_refused_is_sent_again(night, archive, server):
    """A partial FailedSOPSequence: HTTP 202, one object in each list."""

    def no_documents(request):
        if request.method != "POST":
            return None
        kinds = [pydicom.dcmread(BytesIO(each)).Modality for each in PART.findall(request.body)]
        return archive.store(request, failed=0x0122, of={"DOC"}) if "DOC" in kinds else None

    archive.before = no_documents
    result = publish(night, server, "--dicom", "sr,pdf")
    assert (result.exit_code, "2 sr stored" in result.output) == (ExitCode.SOME_FAILED, True), result.output
    assert result.output.count("its SOP class is not supported (0x0122)") == 2
    archive.before = lambda request: None
    assert "2 pdf stored" in publish(night, server, "--dicom", "sr,pdf").output


def test_a_study_that_is_merged_between_the_look_at_its_header_and_the_store_is_refused_there(
    night, archive, server
):
    def merge(request):
        if request.method == "POST":
            archive.objects.clear()  # it stands under another UID now
            return Reply(409, body=b"{}")
        return None

    archive.before = merge
    result = publish(night, server)
    assert (result.exit_code, archive.stored) == (ExitCode.SOME_FAILED, [])


@pytest.mark.parametrize(
    "tags",
    [
        {"AccessionNumber": None},
        {"StudyDate": None, "StudyTime": None},
        {"StudyID": None, "ReferringPhysicianName": None},
        {"PatientID": "9" * 64, "AccessionNumber": "8" * 16, "IssuerOfPatientID": "7" * 64},
    ],
    ids=["no accession number", "no study date", "no study ID", "longest IDs"],
)
def test_what_the_header_lacks_or_has_to_the_full_goes_into_the_report_as_it_is(
    hospital, archive, server, tags
):
    image = hospital.image("a", **tags)
    hospital.night(screened(image))
    archive.put(image)
    assert "1 sr stored" in publish(hospital, server).output
    report = pydicom.dcmread(BytesIO(archive.objects[archive.stored[0]]))
    assert {keyword: report.get(keyword) or None for keyword in tags} == tags


def test_success_with_an_empty_body_is_believed_where_the_archive_holds_the_object(night, archive, server):
    def silent(request):
        if request.method != "POST":
            return None
        archive.store(request)
        return Reply(200)

    archive.before = silent
    assert "2 sr stored" in publish(night, server).output


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(Reply(503), ExitCode.INTERRUPTED, id="overloaded"),
        pytest.param(Reply(429), ExitCode.INTERRUPTED, id="too many requests"),
        pytest.param(Reply(502), ExitCode.INTERRUPTED, id="proxy without archive"),
        pytest.param(
            Reply(307, {"Location": "https://elsewhere.example/dicom-web"}),
            ExitCode.USAGE,
            id="redirect away",
        ),
        pytest.param(Reply(401), ExitCode.USAGE, id="wrong password"),
        pytest.param(Reply(403), ExitCode.USAGE, id="may not store"),
    ],
)
def test_an_archive_that_goes_away_or_refuses_us_ends_the_run_and_what_it_answered_is_known(
    night, archive, server, reply, code
):
    def after_the_first(request):
        return reply if request.method == "POST" and archive.stored else None

    archive.before = after_the_first
    result = publish(night, server)
    assert result.exit_code == code
    assert "1 sr stored" in result.output
    archive.before = lambda request: None
    again = publish(night, server)
    assert (again.exit_code, "1 sr stored, 1 known" in again.output) == (ExitCode.DONE, True)


def test_an_archive_that_answers_nothing_but_nonsense_is_not_asked_of_every_study(hospital, archive, server):
    images = [hospital.image(chr(97 + number), f"1.2.{number + 1}") for number in range(25)]
    hospital.night(*map(screened, images))
    archive.before = lambda request: Reply(200, body=b"<html>Please log in</html>")
    result = publish(hospital, server)
    assert result.exit_code == ExitCode.SOME_FAILED
    assert len(server.requests) == 20
    assert "not DICOM JSON" in result.output


def test_a_killed_run_sends_the_same_bytes_again(night, archive, server, monkeypatch):
    posted = []

    def remember(request):
        if request.method == "POST":
            posted.append(request.body)

    archive.before = remember
    monkeypatch.setattr(
        "screener.ledger.published.Published.add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    publish(night, server)
    monkeypatch.undo()
    monkeypatch.setenv(VARIABLE, CREDENTIALS)
    publish(night, server)
    assert len(posted) == 3
    assert posted[0] in posted[1:]


def test_a_dry_run_asks_for_headers_and_sends_nothing(night, archive, server):
    archive.put(night.image("b", "1.2.2", PatientID="P-2"))
    result = publish(night, server, "--dry-run")
    assert "1 sr would be sent, 0 known there already, 1 refused" in result.output
    assert stores(server) == 0


@pytest.mark.parametrize("fault", ["gone", "identity", "refused", "nonsense", "away"])
def test_no_identifier_and_no_password_reaches_any_message(hospital, archive, server, fault):
    image = hospital.image("a", **SECRETS)
    hospital.night(screened(image))
    if fault != "gone":
        archive.put(image)
    if fault == "identity":
        archive.put(hospital.image("a", **{**SECRETS, "PatientID": "SECRETOTHER"}))
    replies = {
        "refused": Reply(409, body=json.dumps(SECRETS).encode()),
        "nonsense": Reply(200, body=b"SECRET"),
    }
    if fault in replies or fault == "away":
        archive.before = lambda request: (
            replies.get(fault, Reply(503)) if request.method == "POST" or fault != "refused" else None
        )
    result = publish(hospital, server)
    assert result.exit_code != ExitCode.DONE
    assert "SECRET" not in result.output
    assert "1.2.826.999" not in result.output


def test_the_ledger_holds_no_password(night, server):
    publish(night, server)
    content = b"".join(path.read_bytes() for path in night.folder.glob("ledger.sqlite*"))
    assert b"SECRETPASSWORD" not in content
    assert b"/dicom-web" in content


def test_a_uid_out_of_a_header_never_becomes_a_part_of_an_address(hospital, archive, server):
    hospital.night(screened(hospital.image("a", StudyInstanceUID="1.2/../../instances")))
    result = publish(hospital, server)
    assert "1 without a Study or SOP Instance UID" in result.output
    assert server.requests == []
