"""Receiving images: what is acknowledged is on disk, and nobody but those named sends anything."""

import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import pydicom
import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode

from screener.archives.dimse import bounded_server
from screener.archives.dimse.contexts import IMAGES, TRANSFER_SYNTAXES, VERIFICATION
from screener.archives.dimse.entity import Peer, Tls, ae_title
from screener.archives.dimse.scp import Listening
from screener.arrivals import receive as receive_module
from screener.arrivals.inbox import open_inbox
from screener.arrivals.receive import ReceiveOptions, as_bytes, receiving
from screener.errors import LedgerHeldError, UsageError
from tests.archives.certificates import make_certificate
from tests.archives.images import SECRETS, image
from tests.archives.orthanc import free_port

pytestmark = pytest.mark.network

CONFORMANCE = Path(__file__).parents[2] / "docs" / "dicom-conformance.md"


@dataclass
class Running:
    """A receiver. lines: what it said; stop: ends it."""

    port: int
    inbox: Path
    lines: list[str]
    stop: threading.Event


@contextmanager
def receiver(tmp_path: Path, min_free: int = 0, **listening) -> Iterator[Running]:
    listening = {"aet": "SCREENER", "port": 0, "parts": tmp_path, "host": "127.0.0.1", **listening}
    options = ReceiveOptions(inbox=tmp_path / "inbox", listening=Listening(**listening), min_free=min_free)
    running = Running(0, tmp_path / "inbox", [], threading.Event())
    begun = threading.Event()

    def run() -> None:
        with receiving(options, lambda said: running.lines.append(str(said))) as running.port:
            begun.set()
            running.stop.wait(30)

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(20)
    try:
        yield running
    finally:
        running.stop.set()
        thread.join()
    for line in running.lines:
        assert not [each for each in SECRETS if each in line], line


@contextmanager
def sender(port: int, aet: str = "DXROOM1", called: str = "SCREENER", **options):
    entity = AE(ae_title=aet)
    for each in [*IMAGES, VERIFICATION, "1.2.840.10008.5.1.4.1.1.88.34"]:
        entity.add_requested_context(each)
    association = entity.associate("127.0.0.1", port, ae_title=called, **options)
    raw = getattr(association.dul.socket, "socket", None)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()
        if raw:
            raw.close()


def send(association, content: bytes) -> int:
    status = association.send_c_store(pydicom.dcmread(BytesIO(content)))
    return status.get("Status", -1)


def kept(running: Running) -> list[str]:
    found = (pydicom.dcmread(path) for path in running.inbox.rglob("*.dcm"))
    return sorted(str(each.SOPInstanceUID) for each in found)


def soon(condition) -> bool:
    until = time.monotonic() + 10
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return bool(condition())


def test_an_image_is_kept_as_it_came_and_acknowledged(tmp_path):
    with receiver(tmp_path) as running:
        with sender(running.port) as association:
            assert association.send_c_echo().Status == 0
            assert [send(association, image(number)) for number in (1, 2)] == [0, 0]
        assert kept(running) == ["1.2.826.77.3.1", "1.2.826.77.3.2"]
        path = next(running.inbox.rglob("*.dcm"))
        assert path.stat().st_mode & 0o777 == 0o640
        sent = {pydicom.dcmread(BytesIO(image(number))).PixelData for number in (1, 2)}
        assert pydicom.dcmread(path).PixelData in sent
        assert soon(lambda: running.lines)
        assert running.lines == ["DXROOM1 at 127.0.0.1: 2 images kept, 0 refused"]
        assert list(running.inbox.with_name("inbox.part").glob("*.dcm")) == []


def test_the_same_image_again_changes_nothing_and_another_of_its_uid_is_kept_beside_it(tmp_path):
    with receiver(tmp_path) as running, sender(running.port) as association:
        other = image(1, PatientAge="055Y")
        assert [send(association, each) for each in (image(1), image(1), other, other)] == [0, 0, 0, 0]
        assert kept(running) == ["1.2.826.77.3.1"] * 2
        assert sum("both are kept" in line for line in running.lines) == 1


def test_results_are_not_taken_only_images(tmp_path):
    with receiver(tmp_path) as running, sender(running.port) as association:
        accepted = {str(each.abstract_syntax) for each in association.accepted_contexts}
        assert accepted == {*IMAGES, VERIFICATION}


def test_the_conformance_statement_names_what_is_negotiated_and_nothing_else(tmp_path):
    statement = CONFORMANCE.read_text(encoding="utf-8").partition("## `screener receive`")[2]
    statement = statement.partition("## `screener pull`")[0]
    entity = AE(ae_title="DXROOM1")
    proposed = [uid for uid in UID_dictionary if pydicom.uid.UID(uid).type == "Transfer Syntax"]
    for syntax in proposed:
        entity.add_requested_context(pydicom.uid.DigitalXRayImageStorageForPresentation, syntax)
    with receiver(tmp_path) as running:
        association = entity.associate("127.0.0.1", running.port, ae_title="SCREENER")
        taken = {str(each.transfer_syntax[0]) for each in association.accepted_contexts}
        association.release()
    assert {uid for uid in proposed if f"`{uid}`" in statement} == taken
    assert all(f"`{uid}`" in statement for uid in (*IMAGES, VERIFICATION))


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ({"aet": "STRANGER"}, "--calling does not name"),
        ({"called": "OTHER"}, "another AE title than SCREENER"),
    ],
)
def test_strangers_are_refused_and_told(tmp_path, names, why):
    with receiver(tmp_path, calling=("DXROOM1",)) as running:
        with sender(running.port, **names) as association:
            assert not association.is_established
        with sender(running.port) as association:
            assert association.is_established
        assert soon(lambda: any(why in line for line in running.lines))


def test_no_image_is_taken_while_the_disk_is_low(tmp_path):
    with receiver(tmp_path, min_free=1 << 60) as running, sender(running.port) as association:
        assert send(association, image(1)) == 0xA700
        assert kept(running) == []
        assert "free on the disk" in running.lines[0]


def test_an_image_that_cannot_be_put_on_disk_is_refused(tmp_path, monkeypatch):
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(receive_module, "_sync", full)
    with receiver(tmp_path) as running, sender(running.port) as association:
        assert send(association, image(1)) == 0xA700
        assert kept(running) == []
        assert "the disk is full" in running.lines[0]


def test_a_disk_that_fills_up_while_an_image_comes_costs_that_image_alone(tmp_path, monkeypatch):
    full = True

    def temporary(*args, **options):
        file = NamedTemporaryFile(*args, **options)  # noqa: SIM115  # pynetdicom closes it
        write = file.write

        def fails(content: bytes) -> int:
            if full and len(content) > 1000:
                raise OSError(28, "No space left on device")
            return write(content)

        file.write = fails
        return file

    monkeypatch.setattr("pynetdicom.dimse_messages.NamedTemporaryFile", temporary)
    with receiver(tmp_path) as running:
        with sender(running.port) as association:
            assert send(association, image(1)) == -1
        assert soon(lambda: running.lines)
        assert "0 images kept, 0 refused, ended in the middle of one: the disk is full" in running.lines[0]
        assert kept(running) == list(running.inbox.with_name("inbox.part").glob("tmp*")) == []
        full = False
        with sender(running.port) as association:
            assert send(association, image(1)) == 0
        assert kept(running) == ["1.2.826.77.3.1"]


def test_an_image_whose_header_names_another_is_refused(tmp_path):
    with receiver(tmp_path) as running, sender(running.port) as association:
        answers: list[int] = []
        association.bind(evt.EVT_DIMSE_RECV, lambda event: answers.append(event.message.command_set.Status))
        for piece in _pieces(association, "1.2.826.77.3.9"):
            association.dul.send_pdu(piece)
        assert soon(lambda: answers)
        assert answers == [0xC000]
        assert kept(running) == []


def _pieces(association, uid: str) -> list:
    """Return an image as the pieces in which it is sent, under a UID that need not be its own."""
    dataset = pydicom.dcmread(BytesIO(image(1)))
    context = next(
        each for each in association.accepted_contexts if each.abstract_syntax == dataset.SOPClassUID
    )
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = dataset.SOPClassUID, uid
    syntax = context.transfer_syntax[0]
    request.DataSet = BytesIO(encode(dataset, syntax.is_implicit_VR, syntax.is_little_endian))
    message = C_STORE_RQ()
    message.primitive_to_message(request)
    message.context_id = context.context_id
    return list(message.encode_msg(context.context_id, 2000))


def test_no_more_associations_than_allowed(tmp_path):
    with receiver(tmp_path, associations=1) as running, sender(running.port) as first:
        assert first.is_established
        with sender(running.port) as second:
            assert not second.is_established
        assert soon(lambda: any("1 associations are open" in line for line in running.lines))


def test_who_is_silent_is_dropped(tmp_path):
    with receiver(tmp_path, silence=1) as running, sender(running.port) as association:
        assert soon(lambda: not association.is_established)
        with sender(running.port) as again:
            assert send(again, image(1)) == 0


@pytest.mark.parametrize(
    "begins",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x01\x00\x00", id="half a header"),
        pytest.param(b"\x01\x00\xff\xff\xff\xff", id="four gigabytes announced"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="a web browser"),
    ],
)
def test_who_speaks_no_dicom_holds_nobody_up(tmp_path, begins):
    with (
        receiver(tmp_path, silence=1) as running,
        socket.create_connection(("127.0.0.1", running.port)) as odd,
    ):
        odd.sendall(begins)
        with sender(running.port) as association:
            assert send(association, image(1)) == 0
        odd.settimeout(10)
        with suppress(ConnectionError):
            while odd.recv(100):  # a TimeoutError, if the receiver never hung up
                pass


def test_a_request_that_trickles_is_given_up(tmp_path):
    with (
        receiver(tmp_path, silence=0.3) as running,
        socket.create_connection(("127.0.0.1", running.port)) as slow,
    ):
        slow.sendall(b"\x01\x00\x00\x00\xff\xff")
        assert soon(lambda: _sent(slow, b"\x00") is False)


def test_a_piece_that_trickles_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(bounded_server, "PDU_SECONDS", 0.3)
    with receiver(tmp_path) as running, sender(running.port) as association:
        raw = association.dul.socket.socket
        raw.sendall(b"\x04\x00\x00\x01\x00\x00")
        assert soon(lambda: _sent(raw, b"\x00") is False)


def _sent(raw: socket.socket, content: bytes) -> bool:
    time.sleep(0.05)
    try:
        raw.sendall(content)
    except OSError:
        return False
    return True


def test_an_object_larger_than_any_image_is_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(bounded_server, "MOST_OBJECT_BYTES", 5000)
    with receiver(tmp_path) as running, sender(running.port) as association:
        assert send(association, image(1)) == -1
        assert kept(running) == []


def test_a_hundred_connections_at_once_leave_the_receiver_as_it_was(tmp_path):
    with receiver(tmp_path, associations=3, silence=5) as running:
        before = threading.active_count()
        crowd = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(100)]
        assert soon(lambda: sum(map(_is_closed, crowd)) >= 80)
        assert threading.active_count() - before < 40
        for each in crowd:
            each.close()
        assert soon(lambda: _takes_an_image(running.port))
        assert kept(running) == ["1.2.826.77.3.1"]


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _takes_an_image(port: int) -> bool:
    with sender(port) as association:
        return association.is_established and send(association, image(1)) == 0


def test_a_deflated_image_is_not_taken_for_it_may_inflate_without_end(tmp_path):
    entity = AE(ae_title="DXROOM1")
    for each in IMAGES:
        entity.add_requested_context(each, DeflatedExplicitVRLittleEndian)
    with receiver(tmp_path) as running:
        association = entity.associate("127.0.0.1", running.port, ae_title="SCREENER")
        assert association.accepted_contexts == []
        assert soon(lambda: not association.is_alive())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls") / "all.pem")


def test_tls_takes_senders_with_a_certificate_alone(tmp_path, certificate):
    tls = Tls.of(certificate, certificate, certificate)
    with receiver(tmp_path, tls=tls, silence=5) as running:
        with sender(running.port, tls_args=(tls.context(ssl.Purpose.SERVER_AUTH), "localhost")) as known:
            assert send(known, image(1)) == 0
        without = ssl.create_default_context(cafile=certificate)
        with sender(running.port, tls_args=(without, "localhost")) as unknown:
            assert not unknown.is_established
        with sender(running.port) as plain:
            assert not plain.is_established
        assert kept(running) == ["1.2.826.77.3.1"]


def test_a_tls_handshake_that_never_comes_holds_nobody_up(tmp_path, certificate):
    tls = Tls.of(certificate, certificate, certificate)
    arguments = (tls.context(ssl.Purpose.SERVER_AUTH), "localhost")
    with receiver(tmp_path, tls=tls) as running:
        silent = socket.create_connection(("127.0.0.1", running.port))
        with silent, sender(running.port, tls_args=arguments) as known:
            assert send(known, image(1)) == 0


def test_certificates_belong_together(tmp_path, certificate):
    with pytest.raises(UsageError, match="all three"):
        Tls.of(certificate, None, None)
    (tmp_path / "none.pem").write_text("none")
    with pytest.raises(UsageError, match="belong together"):
        Tls(certificate, tmp_path / "none.pem", certificate).context(ssl.Purpose.CLIENT_AUTH)
    with pytest.raises(UsageError, match="cannot be read"):
        Tls(tmp_path / "absent.pem", certificate, certificate).context(ssl.Purpose.CLIENT_AUTH)


def test_a_port_that_is_taken_is_named(tmp_path):
    with receiver(tmp_path) as running:
        taken = Listening(aet="SCREENER", port=running.port, parts=tmp_path, host="127.0.0.1")
        options = ReceiveOptions(inbox=tmp_path / "other", listening=taken)
        with pytest.raises(UsageError, match=f"--port {running.port}: another"), receiving(options, print):
            pass


def test_one_receiver_for_one_inbox(tmp_path):
    with receiver(tmp_path):
        listening = Listening(aet="SCREENER", port=0, parts=tmp_path)
        options = ReceiveOptions(inbox=tmp_path / "inbox", listening=listening)
        with pytest.raises(LedgerHeldError, match="another 'screener receive'"), receiving(options, print):
            pass


def test_what_a_killed_receiver_left_is_removed_at_the_next_start(tmp_path):
    with open_inbox(tmp_path / "inbox", "receive") as inbox:
        (inbox.parts / "tmpabcd.dcm").write_bytes(b"half")
        (inbox.parts / "pull-1.part").write_bytes(b"another's")
    with open_inbox(tmp_path / "inbox", "receive"):
        assert [each.name for each in inbox.parts.glob("*.*") if each.suffix != ".lock"] == ["pull-1.part"]


def test_a_sender_that_breaks_off_leaves_nothing(tmp_path):
    with receiver(tmp_path) as running:
        with sender(running.port) as association:
            _begin_image(association)
            assert soon(lambda: list(running.inbox.with_name("inbox.part").glob("tmp*")))
            association.abort()
        assert soon(lambda: running.lines)
        assert running.lines == [
            "DXROOM1 at 127.0.0.1: 0 images kept, 0 refused, broke off in the middle of one"
        ]
        assert list(running.inbox.with_name("inbox.part").glob("tmp*")) == []


def _begin_image(association) -> list:
    """Send all of an image but its last piece, which is returned."""
    *first, last = _pieces(association, "1.2.826.77.3.1")
    for piece in first:
        association.dul.send_pdu(piece)
    return [last]


def test_a_stop_waits_for_the_image_in_hand(tmp_path):
    with receiver(tmp_path) as running, sender(running.port) as association:
        answers: list[int] = []
        association.bind(evt.EVT_DIMSE_RECV, lambda event: answers.append(event.message.command_set.Status))
        rest = _begin_image(association)
        assert soon(lambda: list(running.inbox.with_name("inbox.part").glob("tmp*")))
        running.stop.set()
        time.sleep(0.2)
        for piece in rest:
            association.dul.send_pdu(piece)
        assert soon(lambda: answers)
        assert answers == [0]
        assert kept(running) == ["1.2.826.77.3.1"]
        assert soon(lambda: not association.is_established)


@pytest.mark.slow
def test_a_receiver_that_is_killed_has_every_image_that_it_acknowledged(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "screener", "receive", "--to", tmp_path / "inbox", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--min-free", "1MB", "--calling", "DXROOM1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert "listening on port" in process.stderr.readline()
    acknowledged = 0
    with sender(port) as association:
        for number in range(200):
            if number == 20:
                process.kill()
            if send(association, image(number)) != 0:
                break
            acknowledged += 1
    process.communicate(timeout=10)
    assert 20 <= acknowledged < 200
    assert acknowledged <= len(list((tmp_path / "inbox").rglob("*.dcm"))) <= acknowledged + 1


@pytest.mark.slow
def test_sigterm_ends_the_service_with_0(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "screener", "receive", "--to", tmp_path / "inbox", "--port", str(port)]
    process = subprocess.Popen([*command, "--host", "127.0.0.1"], stderr=subprocess.PIPE, text=True)
    assert "any sender: name those that may send" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "stopped" in said


def test_titles_addresses_and_sizes_are_checked():
    assert Peer.of("dicom://PACS@10.0.0.1:104") == Peer("PACS", "10.0.0.1", 104)
    for url in ("dicom://PACS@host", "https://PACS@host:104", "dicom://@host:104", "dicom://A@host:99999"):
        with pytest.raises(UsageError, match="dicom://AET@HOST:PORT"):
            Peer.of(url)
    with pytest.raises(UsageError, match="16 ASCII"):
        ae_title("--aet", "MORE THAN SIXTEEN")
    assert as_bytes("--min-free", "500MB") == 500_000_000
    with pytest.raises(UsageError, match="MB, GB or TB"):
        as_bytes("--min-free", "2")


def test_every_transfer_syntax_offered_is_one_that_scan_decodes():
    from screener.intake.decode.dispatch import decoders

    assert len(TRANSFER_SYNTAXES) == 15
    assert all(pydicom.uid.UID(each).is_transfer_syntax for each in TRANSFER_SYNTAXES)
    assert decoders()
