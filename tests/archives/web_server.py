"""A web server on loopback that answers as a test tells it to."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Reply:
    """What a server sends. cut: bytes after which the connection ends; told: a false Content-Length.

    raw: all of it, head and body, in place of the others; then the connection ends.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    told: int | None = None
    cut: int | None = None
    raw: bytes = b""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answers = Callable[[Request], Reply]


@dataclass
class WebServer:
    """A server that runs. requests: all that were asked, in order."""

    url: str
    requests: list[Request]


@contextmanager
def web_server(answers: Answers, certificate: Path | None = None) -> Iterator[WebServer]:
    """Give a server that answers on a port of its own; certificate: a PEM file with key, for TLS."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Request(self.command, self.path, self.headers, body)
            requests.append(request)
            _send(self, answers(request))

        do_GET = do_POST = _answer  # noqa: N815  # the library's names

        def log_message(self, *args: object) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield WebServer(f"{scheme}://localhost:{server.server_address[1]}", requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    if reply.raw:
        handler.wfile.write(reply.raw)
        handler.close_connection = True
        return
    handler.send_response_only(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(reply.body) if reply.told is None else reply.told))
    handler.end_headers()
    if reply.cut is None:
        handler.wfile.write(reply.body)
        return
    handler.wfile.write(reply.body[: reply.cut])
    handler.close_connection = True


class _Quiet(ThreadingHTTPServer):
    """Says nothing where a client goes away, which tests provoke."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass
