"""Publishing by DIMSE: to a real archive, and to one that breaks as a test tells it to."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind
from typer.testing import CliRunner, Result

from screener.archives.dimse.contexts import COMMITMENT, STORED
from screener.archives.dimse.entity import Peer, Tls
from screener.cli import app
from screener.errors import ExitCode, UsageError
from screener.ledger import Ledger
from tests.archives.certificates import make_certificate
from tests.archives.orthanc import AET, Orthanc, free_port
from tests.publishing.hospital import Hospital, screened
from tests.publishing.test_web import SECRETS

CONFORMANCE = Path(__file__).parents[2] / "docs" / "dicom-conformance.md"
pytestmark = pytest.mark.network


def publish(hospital: Hospital, to: str, *options: str) -> Result:
    return CliRunner().invoke(app, ["publish", "--ledger", str(hospital.ledger), "--to", to, *options])


def answers_in(hospital: Hospital) -> list[str]:
    """Return what the ledger holds of each object."""
    with Ledger(hospital.ledger) as ledger:
        return [row[0] for row in ledger._database.execute("SELECT answer FROM published ORDER BY id")]


def test_a_report_is_stored_and_committed_by_a_real_archive(hospital: Hospital, orthanc: Orthanc) -> None:
    image = hospital.image("a", SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg")
    hospital.night(screened(image))
    orthanc.store(image)
    to = f"dicom://{AET}@127.0.0.1:{orthanc.port}"
    first = publish(hospital, to, "--commit-port", str(orthanc.receive_port))
    assert (first.exit_code, "1 sr stored" in first.output) == (ExitCode.DONE, True), first.output
    assert answers_in(hospital) == ["stored", "committed"]
    tags = [orthanc.ask(f"/instances/{each}/simplified-tags") for each in orthanc.ask("/instances")]
    [report] = [each for each in tags if each["Modality"] == "SR"]
    assert (report["StudyInstanceUID"], report["PatientName"]) == ("1.2.1", "Müller^Jörg")
    assert "1 known there already" in publish(hospital, to, "--run", "1").output


def test_a_patient_corrected_in_the_archive_gets_nothing(hospital: Hospital, orthanc: Orthanc) -> None:
    hospital.night(screened(hospital.image("a")))
    orthanc.store(hospital.image("a", PatientID="P-2"))
    result = publish(hospital, f"dicom://{AET}@127.0.0.1:{orthanc.port}")
    assert (result.exit_code, len(orthanc.ask("/instances"))) == (ExitCode.SOME_FAILED, 1)
    assert "have changed since it was screened" in result.output


def test_an_ae_title_that_is_not_known_is_named_with_the_entry_to_add(
    hospital: Hospital, orthanc: Orthanc
) -> None:
    hospital.night(screened(hospital.image("a")))
    result = publish(hospital, f"dicom://WRONG@127.0.0.1:{orthanc.port}")
    assert result.exit_code == ExitCode.USAGE
    assert "refuses the association" in result.output
    assert "SCREENER" in result.output


@dataclass
class FakeScp:
    """status: of each C-STORE. finds: what C-FIND answers at each level."""

    status: int = 0x0000
    finds: dict[str, list[Any]] = field(default_factory=dict)
    stored: list[str] = field(default_factory=list)


@contextmanager
def running(
    scp: FakeScp,
    commitment: bool = True,
    seen: Callable[[Any], None] = lambda event: None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[str]:
    ae = AE(ae_title="PACS")
    for each in (*STORED, StudyRootQueryRetrieveInformationModelFind, *[COMMITMENT] * commitment):
        ae.add_supported_context(each)

    def find(event: Any) -> Iterator[tuple[int, Any]]:
        for each in scp.finds[event.identifier.QueryRetrieveLevel]:
            yield 0xFF00, each

    def store(event: Any) -> int:
        if scp.status == 0x0000:
            scp.stored.append(str(event.dataset.SOPInstanceUID))
        return scp.status

    port = free_port()
    handlers = [
        (evt.EVT_C_FIND, find),
        (evt.EVT_C_STORE, store),
        (evt.EVT_REQUESTED, seen),
        (evt.EVT_N_ACTION, lambda event: (0x0000, None)),  # and then never a word
    ]
    server = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers, ssl_context=tls)
    try:
        yield f"dicom://PACS@127.0.0.1:{port}"
    finally:
        server.shutdown()


def known(image: Any) -> dict[str, list[Any]]:
    """Return what C-FIND answers of an image's study, series and image."""
    header = pydicom.dcmread(image, stop_before_pixels=True)
    del header.file_meta
    study, series, image = pydicom.Dataset(), pydicom.Dataset(), pydicom.Dataset()
    for keyword in ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID", "StudyDate"):
        study[keyword] = header[keyword]
    for keyword in ("SeriesInstanceUID", "Modality"):
        series[keyword] = header[keyword]
    for keyword in ("SOPInstanceUID", "SOPClassUID"):
        image[keyword] = header[keyword]
    return {"STUDY": [study], "SERIES": [series], "IMAGE": [image]}


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        pytest.param(0xA701, ExitCode.SOME_FAILED, "out of resources (0xA701)", id="full"),
        pytest.param(0xC001, ExitCode.SOME_FAILED, "cannot be understood (0xC001)", id="error"),
        pytest.param(0xB000, ExitCode.DONE, "1 sr stored", id="stored, with a warning"),
    ],
)
def test_every_answer_to_a_store_is_looked_at(hospital, status, code, words):
    image = hospital.image("a")
    hospital.night(screened(image))
    scp = FakeScp(status, known(image))
    with running(scp) as to:
        result = publish(hospital, to)
    assert (result.exit_code, words in result.output) == (code, True), result.output


def test_a_commitment_that_never_comes_is_told_and_the_report_stays_stored(hospital, monkeypatch):
    image = hospital.image("a")
    hospital.night(screened(image))
    monkeypatch.setattr("screener.archives.dimse.storage_scu.COMMITMENT_SECONDS", 0.1)
    with running(FakeScp(finds=known(image))) as to:
        result = publish(hospital, to, "--commit-port", str(free_port()))
    assert result.exit_code == ExitCode.SOME_FAILED
    assert "did not say in time" in result.output
    assert answers_in(hospital) == ["stored"]


def test_an_archive_without_storage_commitment_is_named_after_everything_is_stored(hospital):
    image = hospital.image("a")
    hospital.night(screened(image))
    with running(FakeScp(finds=known(image)), commitment=False) as to:
        result = publish(hospital, to, "--commit-port", str(free_port()))
    assert result.exit_code == ExitCode.USAGE
    assert "does not offer storage commitment" in result.output
    assert answers_in(hospital) == ["stored"]


@pytest.mark.parametrize("fault", ["refused", "identity", "gone", "away", "silent"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see below
def test_no_identifier_reaches_any_message_or_log(hospital, caplog, monkeypatch, fault):
    monkeypatch.setattr("screener.archives.dimse.storage_scu.COMMITMENT_SECONDS", 0.1)
    image = hospital.image("a", **SECRETS)
    hospital.night(screened(image))
    if fault == "identity":
        image = hospital.image("a", **{**SECRETS, "PatientID": "SECRETOTHER"})
    finds = {level: [] for level in ("STUDY", "SERIES", "IMAGE")} if fault == "gone" else known(image)
    with running(FakeScp(0xA700 if fault == "refused" else 0, finds)) as to:
        if fault == "away":
            to = f"dicom://PACS@127.0.0.1:{free_port()}"
        result = publish(hospital, to, *(("--commit-port", str(free_port())) if fault == "silent" else ()))
    assert result.exit_code != ExitCode.DONE
    for told in (result.output, caplog.text):
        assert "SECRET" not in told
        assert "1.2.826.999" not in told


def test_the_conformance_statement_names_what_is_proposed_and_nothing_else(hospital):
    """Contexts as an archive sees them, against the page that its administrator reads."""
    image = hospital.image("a")
    hospital.night(screened(image))
    proposed: list[Any] = []
    scp = FakeScp(finds=known(image))
    with running(scp, seen=lambda event: proposed.extend(event.assoc.requestor.requested_contexts)) as to:
        publish(hospital, to)
    page = CONFORMANCE.read_text(encoding="utf-8").partition("## `screener receive`")[0]
    rows = {
        line.split("`")[1]: line for line in page.splitlines() if line.startswith("|") and "| SCU" in line
    }
    assert set(rows) == {str(each.abstract_syntax) for each in proposed}
    for each in proposed:
        assert all(syntax.name in rows[each.abstract_syntax] for syntax in each.transfer_syntax)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    return [make_certificate(folder / name, "127.0.0.1") for name in ("ours.pem", "other.pem")]


@pytest.mark.parametrize(
    ("trusted", "options", "code", "said"),
    [
        pytest.param(0, 3, ExitCode.DONE, "1 sr stored", id="both sides know each other"),
        pytest.param(1, 3, ExitCode.USAGE, "--tls-ca FILE", id="the archive is not trusted"),
        pytest.param(0, 0, ExitCode.INTERRUPTED, "whether the archive wants TLS", id="no TLS"),
        pytest.param(0, 2, ExitCode.USAGE, "belong together", id="a file is missing"),
    ],
)
def test_reports_go_to_an_archive_over_tls(hospital, certificates, caplog, trusted, options, code, said):
    ours, image = certificates[0], hospital.image("a", **SECRETS)
    hospital.night(screened(image))
    named = ("--tls-cert", ours, "--tls-key", ours, "--tls-ca", certificates[trusted])[: 2 * options]
    scp = FakeScp(finds=known(image))
    with running(scp, tls=Tls(ours, ours, ours).context(ssl.Purpose.CLIENT_AUTH)) as to:
        result = publish(hospital, to, *map(str, named))
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert len(scp.stored) == (code == ExitCode.DONE)
    assert "SECRET" not in result.output + caplog.text


def test_an_archive_that_speaks_no_tls_is_told_from_one_that_is_away(hospital, certificates):
    image, ours = hospital.image("a"), str(certificates[0])
    hospital.night(screened(image))
    with running(FakeScp(finds=known(image))) as to:
        result = publish(hospital, to, "--tls-cert", ours, "--tls-key", ours, "--tls-ca", ours)
    assert (result.exit_code, "TLS" in result.output) == (ExitCode.USAGE, True), result.output


# pynetdicom 3.0.4 leaves the socket of a refused connection to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_archive_out_of_reach_ends_the_run_to_be_run_again(hospital):
    hospital.night(screened(hospital.image("a")))
    result = publish(hospital, f"dicom://PACS@127.0.0.1:{free_port()}")
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "makes no association" in result.output


@pytest.mark.parametrize(
    "url", ["dicom://host:104", "dicom://AET@host", "dicom://A@h:1/x", "dicom://TOOLONGFORANAETITLE@h:1"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(UsageError, match=r"AET@HOST:PORT|1 to 16"):
        Peer.of(url)
