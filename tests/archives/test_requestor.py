"""Associations that are not made: what the archive did is told, and no accident is taken for an answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from pynetdicom import AE
from pynetdicom.acse import ACSE

from screener.archives.dimse.contexts import VERIFICATION
from screener.archives.dimse.entity import Peer
from screener.archives.dimse.requestor import Requestor, Service
from screener.archives.words import ArchiveAwayError, ArchiveRefusedError
from tests.archives.orthanc import free_port

# pynetdicom 3.0.4 leaves the socket of a broken association to the garbage collector.
pytestmark = [
    pytest.mark.network,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

BREAKS_OFF, SILENT = b"", None


def rejection(result: int, source: int, reason: int) -> bytes:
    """Return an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
    return bytes((3, 0, 0, 0, 0, 4, 0, result, source, reason))


@contextmanager
def archive(answer: bytes | None) -> Iterator[Peer]:
    """Give an archive that answers one request for an association."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                if answer is SILENT:
                    over.wait(10)
                elif answer is not BREAKS_OFF:
                    connection.recv(1 << 16)
                    connection.sendall(answer)
                    connection.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield Peer("PACS", "127.0.0.1", listener.getsockname()[1])
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def asked(peer: Peer) -> None:
    requestor = Requestor(peer, "SCREENER", None, {VERIFICATION: Service("C-ECHO")})
    try:
        requestor.offering(VERIFICATION)
    finally:
        requestor.close()


def test_a_rejection_is_told_though_it_comes_before_this_thread_looks(monkeypatch) -> None:
    """As on a busy machine, where pynetdicom's other thread has closed the connection by then."""
    ask = ACSE.send_request

    def late(acse: ACSE) -> None:
        ask(acse)
        acse.dul.join(10)

    monkeypatch.setattr(ACSE, "send_request", late)
    with archive(rejection(1, 1, 7)) as peer, pytest.raises(ArchiveRefusedError, match="another AE title"):
        asked(peer)


def test_an_archive_that_breaks_off_is_away() -> None:
    with archive(BREAKS_OFF) as peer, pytest.raises(ArchiveAwayError, match="makes no association"):
        asked(peer)


def test_an_archive_that_is_silent_is_away(monkeypatch) -> None:
    monkeypatch.setattr("screener.archives.dimse.entity.SILENCE_SECONDS", 0.2)
    with archive(SILENT) as peer, pytest.raises(ArchiveAwayError, match="makes no association"):
        asked(peer)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param((1, 1, 3), ArchiveRefusedError, "does not know this machine's AE title", id="calling"),
        pytest.param((1, 1, 1), ArchiveRefusedError, "no reason that helps", id="no reason"),
        pytest.param((2, 3, 2), ArchiveAwayError, "for now", id="too many associations"),
    ],
)
def test_a_rejection_is_told_with_its_reason(answer, error, words) -> None:
    with archive(rejection(*answer)) as peer, pytest.raises(error, match=words):
        asked(peer)


def test_an_archive_that_accepts_nothing_of_what_is_asked_is_told_from_one_that_is_away() -> None:
    entity = AE(ae_title="PACS")
    entity.add_supported_context("1.2.840.10008.5.1.4.1.1.2")
    port = free_port()
    server = entity.start_server(("127.0.0.1", port), block=False)
    try:
        with pytest.raises(ArchiveRefusedError, match="does not offer C-ECHO to AE title SCREENER"):
            asked(Peer("PACS", "127.0.0.1", port))
    finally:
        server.shutdown()
