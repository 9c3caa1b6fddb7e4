"""A watching service is asked at start and end, in bounded time, and its address is told nobody."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.notices.ping import ping_address, ping_and_go_on, ping_and_wait

pytestmark = pytest.mark.network


class Service:
    """A server on loopback that keeps what it was asked and answers with the codes given, then 200."""

    def __init__(self, *codes: int) -> None:
        self.asked: list[str] = []
        left, asked = list(codes), self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(left.pop(0) if left else 200)
                self.end_headers()

            def log_message(self, *given: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/ping/secret"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def services() -> Iterator[list[Service]]:
    started: list[Service] = []
    yield started
    for each in started:
        each.close()


def test_a_service_that_answers_is_asked_once(services: list[Service]) -> None:
    services.append(Service())
    assert ping_and_wait(services[0].address) is None
    assert services[0].asked == ["/ping/secret"]


def test_a_service_that_is_busy_is_asked_again_and_one_that_refuses_is_not(services: list[Service]) -> None:
    services += [Service(503), Service(404, 404)]
    assert ping_and_wait(services[0].address) is None
    assert len(services[0].asked) == 2
    assert str(ping_and_wait(services[1].address)) == "--ping: the service answered 404"
    assert len(services[1].asked) == 1


def test_one_that_never_answers_costs_no_more_than_the_time_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/secret"
        began = time.monotonic()
        assert str(ping_and_wait(address, 0.3)) == "--ping: no answer within 0.3 s"
        ping_and_go_on(address)
        assert time.monotonic() - began < 2


def test_one_that_is_not_there_is_told_without_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    words = ping_and_wait(f"http://127.0.0.1:{port}/secret")
    assert str(words) == "--ping: the service could not be asked (URLError)"


def test_an_address_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ping"
    file.write_text("https://hc.example.org/ping/secret/\n")
    assert ping_address(f"@{file}") == "https://hc.example.org/ping/secret"


@pytest.mark.parametrize(
    "given",
    ["ftp://example.org/secret", "hc.example.org/secret", "https://e.org/secret?x=1", "https:///secret"],
)
def test_what_is_no_address_is_refused_and_not_quoted(given: str) -> None:
    with pytest.raises(UsageError, match="--ping takes an address") as refused:
        ping_address(given)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        ping_address(f"@{tmp_path}/nowhere")
