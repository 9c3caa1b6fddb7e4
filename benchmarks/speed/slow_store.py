"""A store on loopback that speaks as much of S3 as a scan needs, and waits before each answer."""

import math
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "images"
PAGE = 1000
FOREVER = math.inf
_WRITTEN = "2026-11-20T00:00:00.000Z"


@contextmanager
def slow_store(
    folder: Path, latency: float = 0.0, faults: Mapping[str, float] | None = None
) -> Iterator[dict[str, str]]:
    """Serve the files of one folder as s3://images; yield the environment that finds it.

    latency: seconds before each answer, as a store some way off takes. faults: of a file, an HTTP status that
    is answered instead, or FOREVER for no answer; they may change meanwhile.
    """
    files = sorted(each.name for each in folder.iterdir())
    handler = type(
        "Handler",
        (_Handler,),
        {"folder": folder, "files": files, "latency": latency, "faults": {} if faults is None else faults},
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "AWS_ACCESS_KEY_ID": "anybody",
            "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        }
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder: Path
    files: list[str]
    latency: float
    faults: Mapping[str, float]

    def do_GET(self) -> None:
        time.sleep(self.latency)
        asked = urlsplit(self.path)
        if "list-type" in asked.query:
            self._answer(200, self._page(parse_qs(asked.query)))
            return
        name = unquote(asked.path).rpartition("/")[2]
        fault = self.faults.get(name, 0)
        if fault == FOREVER:
            time.sleep(3600)
        if fault:
            self._answer(int(fault), b"")
            return
        content = (self.folder / name).read_bytes()
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        first, last = (int(match[1]), int(match[2])) if match else (0, len(content))
        last = min(last, len(content) - 1)
        self._answer(206, content[first : last + 1], f"bytes {first}-{last}/{len(content)}")

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002  # its name in the library
        """Say nothing."""

    def _page(self, asked: dict[str, list[str]]) -> bytes:
        start = int(asked.get("continuation-token", ["0"])[0])
        entries = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>{_WRITTEN}</LastModified>"
            f"<ETag>&quot;{name}&quot;</ETag><Size>{(self.folder / name).stat().st_size}</Size></Contents>"
            for name in self.files[start : start + PAGE]
        )
        more = start + PAGE < len(self.files)
        token = f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>" if more else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{BUCKET}</Name><IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}"
            "</ListBucketResult>"
        ).encode()

    def _answer(self, status: int, body: bytes, of: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if of:
            self.send_header("Content-Range", of)
        self.end_headers()
        self.wfile.write(body)
