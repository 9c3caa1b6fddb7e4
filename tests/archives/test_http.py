"""The client that asks archives: what it sends, what it bears, and what it says of it."""

import gzip
import os
import socket
import time

import pytest

from screener.archives.address import WebAddress
from screener.archives.credentials import VARIABLE, Credentials
from screener.archives.http import Access, Client
from screener.archives.words import ArchiveAnswerError, ArchiveAwayError, ArchiveRefusedError
from screener.errors import ExitCode, UsageError
from tests.archives.certificates import make_certificate
from tests.archives.web_server import Reply, web_server

pytestmark = pytest.mark.network

PATIENT = "/studies/1.2.826.99.SECRETUID"


def client_of(url: str, **access: object) -> Client:
    return Client(Access(WebAddress.of(url), **access), pause=lambda seconds: None)


def asked(url: str, **access: object) -> bytes:
    client = client_of(url, **access)
    try:
        with client.get(PATIENT) as answer:
            return answer.read(most=1 << 20)
    finally:
        client.close()


def test_an_answer_is_read_whole_and_asked_for_uncompressed():
    with web_server(lambda request: Reply(body=b"[]" * 1000)) as server:
        client = client_of(server.url + "/dicom-web/")
        for _ in range(2):
            with client.get("/studies", {"ModalitiesInStudy": "CR"}) as answer:
                assert answer.read() == b"[]" * 1000
        client.close()
    assert server.requests[0].path == "/dicom-web/studies?ModalitiesInStudy=CR"
    assert server.requests[0].headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in server.requests[0].headers


def test_what_a_proxy_compresses_all_the_same_is_read():
    reply = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"[1]"))
    with web_server(lambda request: reply) as server:
        assert asked(server.url) == b"[1]"


def test_a_small_answer_that_unpacks_without_end_is_not_read_to_it():
    reply = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(8 << 20)))
    with web_server(lambda request: reply) as server, pytest.raises(ArchiveAnswerError, match="more than"):
        asked(server.url)


def test_a_body_is_posted_as_it_is():
    with web_server(lambda request: Reply(409, body=b"{}")) as server:
        client = client_of(server.url)
        with client.post("/studies", b"\x00image", "multipart/related; boundary=b") as answer:
            assert (answer.status, answer.read()) == (409, b"{}")
        client.close()
    assert server.requests[0].body == b"\x00image"
    assert server.requests[0].headers["Content-Type"] == "multipart/related; boundary=b"


def test_a_busy_archive_is_asked_again_after_the_time_it_names():
    replies = iter([Reply(503, {"Retry-After": "7"}), Reply(429), Reply(body=b"[]")])
    waits: list[float] = []
    with web_server(lambda request: next(replies)) as server:
        client = Client(Access(WebAddress.of(server.url)), pause=waits.append)
        with client.get("/studies") as answer:
            assert answer.read() == b"[]"
        client.close()
    assert waits == [7, 2]


def test_an_archive_that_stays_busy_is_left_alone():
    with web_server(lambda request: Reply(503)) as server, pytest.raises(ArchiveAwayError) as caught:
        asked(server.url)
    assert len(server.requests) == 4
    assert caught.value.exit_code is ExitCode.INTERRUPTED
    assert caught.value.status == 503


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        pytest.param(Reply(401), ArchiveRefusedError, "--credentials FILE", id="401"),
        pytest.param(Reply(403), ArchiveRefusedError, "PACS administrator", id="403"),
        pytest.param(Reply(404), ArchiveAnswerError, "HTTP 404", id="404"),
        pytest.param(Reply(500), ArchiveAnswerError, "HTTP 500", id="500"),
        pytest.param(Reply(502), ArchiveAwayError, "out of order", id="502"),
        pytest.param(Reply(body=b"x" * 90, cut=40), ArchiveAnswerError, "before it was whole", id="cut"),
        pytest.param(Reply(body=b"x" * (2 << 20)), ArchiveAnswerError, "more than", id="huge"),
        pytest.param(
            Reply(headers={"Content-Encoding": "br"}, body=b"x"), ArchiveAnswerError, "'br'", id="encoding"
        ),
        pytest.param(
            Reply(302, {"Location": "https://elsewhere.example/SECRETUID"}),
            ArchiveRefusedError,
            r"another host \(elsewhere.example\)",
            id="redirect",
        ),
    ],
)
def test_each_bad_answer_has_its_words_and_names_no_study(reply, error, words):
    with web_server(lambda request: reply) as server, pytest.raises(error, match=words) as caught:
        asked(server.url)
    assert "SECRETUID" not in str(caught.value)
    assert caught.value.__cause__ is None


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_an_answer_in_chunks_is_read_to_its_end():
    with web_server(lambda request: Reply(raw=CHUNKED + b"2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n")) as server:
        assert asked(server.url) == b"[1]"


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"2\r\n[1\r\n9\r\n, SECRETUID"[:-5], id="within a chunk"),
        pytest.param(b"2\r\n[1\r\n", id="between two chunks"),
        pytest.param(b"", id="before the first"),
        pytest.param(b"2\r\n[1\r\nSECRETUID\r\n", id="no length of a chunk"),
    ],
)
def test_an_answer_in_chunks_that_breaks_off_is_never_taken_for_whole(rest):
    with (
        web_server(lambda request: Reply(raw=CHUNKED + rest)) as server,
        pytest.raises(ArchiveAnswerError, match="before it was whole") as caught,
    ):
        asked(server.url)
    assert "SECRET" not in str(caught.value)


def test_a_redirect_within_the_host_is_followed():
    def answers(request):
        return Reply(body=b"[]") if request.path == "/elsewhere" else Reply(307, {"Location": "/elsewhere"})

    with web_server(answers) as server:
        assert asked(server.url) == b"[]"


def test_redirects_in_a_circle_end():
    circle = Reply(307, {"Location": PATIENT})
    with web_server(lambda request: circle) as server, pytest.raises(ArchiveAnswerError, match="307"):
        asked(server.url)


def test_an_archive_that_is_silent_is_not_waited_for():
    def answers(request):
        time.sleep(0.2)
        return Reply()

    with web_server(answers) as server, pytest.raises(ArchiveAwayError, match=r"within 0\.05 seconds"):
        asked(server.url, seconds=0.05)


def test_an_answer_that_trickles_is_given_up():
    reply = Reply(body=b"x" * 9)
    with web_server(lambda request: reply) as server, pytest.raises(ArchiveAnswerError, match="not finished"):
        asked(server.url, answer_seconds=-1)


def test_nothing_at_the_port_is_told_with_a_remedy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ArchiveAwayError, match="nothing answers at this port") as caught:
            asked(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert "firewall" in str(caught.value)


def test_a_certificate_is_verified_and_ca_makes_it_trusted(tmp_path):
    certificate = make_certificate(tmp_path / "server.pem")
    with web_server(lambda request: Reply(body=b"[]"), certificate) as server:
        with pytest.raises(ArchiveRefusedError, match="--ca FILE") as caught:
            asked(server.url)
        assert asked(server.url, ca=certificate) == b"[]"
    assert "SECRETUID" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_certificate_of_another_host_is_refused(tmp_path):
    certificate = make_certificate(tmp_path / "server.pem", host="pacs.example")
    with (
        web_server(lambda request: Reply(), certificate) as server,
        pytest.raises(ArchiveRefusedError, match="not trusted"),
    ):
        asked(server.url, ca=certificate)


def test_tls_to_a_port_without_it_is_told():
    with web_server(lambda request: Reply()) as server, pytest.raises(ArchiveRefusedError, match="TLS"):
        asked(server.url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("line", "header"),
    [("nurse:pass:word\n", "Basic bnVyc2U6cGFzczp3b3Jk"), ("Bearer a.b.c", "Bearer a.b.c")],
)
def test_credentials_come_from_a_file_or_the_environment(tmp_path, monkeypatch, line, header):
    (tmp_path / "credentials").write_text(line)
    found = Credentials.found(tmp_path / "credentials")
    with web_server(lambda request: Reply(body=b"[]")) as server:
        asked(server.url, credentials=found)
    assert server.requests[0].headers["Authorization"] == header
    assert header not in repr(found)
    monkeypatch.setenv(VARIABLE, line)
    assert Credentials.found(None) == found


@pytest.mark.parametrize("text", ["secretword", "", "two\nlines:x"])
def test_what_are_no_credentials_is_refused_without_quoting_it(tmp_path, text):
    (tmp_path / "credentials").write_text(text)
    with pytest.raises(UsageError, match="USER:PASSWORD") as caught:
        Credentials.found(tmp_path / "credentials")
    assert "secretword" not in str(caught.value)


def test_credentials_in_a_url_are_refused_without_quoting_them():
    with pytest.raises(UsageError, match="--credentials FILE") as caught:
        WebAddress.of("https://nurse:secretword@pacs.example/dicom-web")
    assert "secretword" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://pacs", "/a/path", "https://", "https://h/?q=1", "https://h:port/"])
def test_what_is_no_url_of_an_archive_is_refused(url):
    with pytest.raises(UsageError, match="https://HOST"):
        WebAddress.of(url)


def test_a_file_without_certificates_is_named(tmp_path):
    empty = tmp_path / "ca.pem"
    empty.write_text("none")
    with pytest.raises(UsageError, match="no certificate"):
        client_of("https://localhost", ca=empty)
    with pytest.raises(UsageError, match="cannot be read"):
        client_of("https://localhost", ca=tmp_path / "absent.pem")


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")
    with web_server(lambda request: Reply(body=b"[]")) as server:
        assert asked(server.url) == b"[]"
