"""One small HTTP client for archives: verified, bounded in time and size, silent about patients."""

import http.client
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

from screener.archives.address import WebAddress
from screener.archives.credentials import Credentials
from screener.archives.http_answer import CHUNK_BYTES, HttpAnswer
from screener.archives.http_errors import translated
from screener.archives.words import ArchiveAnswerError, ArchiveAwayError, ArchiveRefusedError
from screener.errors import UsageError, why
from screener.said import say

_TRIES = 4
_FIRST_WAIT_SECONDS = 1.0
_MOST_WAIT_SECONDS = 10.0
_CONNECT_SECONDS = 10.0
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 503)
_AWAY = (502, 504)  # a proxy speaks, whose archive does not


@dataclass(frozen=True, slots=True)
class Access:
    """How one archive is asked.

    ca: file of the certificates that are trusted; None for the machine's own. seconds: longest silence.
    answer_seconds: longest time for one whole answer.
    """

    address: WebAddress
    credentials: Credentials = field(default_factory=Credentials)
    ca: Path | None = None
    seconds: float = 60.0
    answer_seconds: float = 900.0


class Client:
    """Asks one archive over one connection, which it keeps; for one thread."""

    def __init__(self, access: Access, pause: Callable[[float], None] | None = None) -> None:
        """Take how to ask; nothing is sent yet.

        Raises:
            UsageError: The file of trusted certificates cannot be used.
        """
        self._access, self._pause = access, pause or time.sleep
        self._place = str(access.address)
        self._tls = _trusting(access.ca) if access.address.scheme == "https" else None
        self._connection: http.client.HTTPConnection | None = None

    @contextmanager
    def get(
        self, path: str, query: Mapping[str, str] | None = None, accept: str = "application/dicom+json"
    ) -> Iterator[HttpAnswer]:
        """Give the answer to a GET below the service's root, of status 200, 204 or 206.

        Raises:
            ArchiveAwayError, ArchiveRefusedError, ArchiveAnswerError: It is of another status, or none came.
        """
        target = self._access.address.root + path + (f"?{urlencode(query)}" if query else "")
        answer = self._asked("GET", target, {"Accept": accept}, None)
        with self._open(answer):
            if answer.status not in (200, 204, 206):
                self._refuse(answer.status)
            yield answer

    @contextmanager
    def post(
        self, path: str, body: bytes, content_type: str, accept: str = "application/dicom+json"
    ) -> Iterator[HttpAnswer]:
        """Give the answer to a POST below the service's root, of status 2xx or 409 (STOW-RS: some refused).

        The body may arrive twice, since a broken connection does not say whether it arrived.

        Raises:
            ArchiveAwayError, ArchiveRefusedError, ArchiveAnswerError: It is of another status, or none came.
        """
        headers = {"Accept": accept, "Content-Type": content_type, "Content-Length": str(len(body))}
        answer = self._asked("POST", self._access.address.root + path, headers, body)
        with self._open(answer):
            if not (200 <= answer.status < 300 or answer.status == 409):
                self._refuse(answer.status)
            yield answer

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _open(self, answer: HttpAnswer) -> Iterator[None]:
        """Keep the connection only where an answer was read to its end."""
        try:
            yield
        finally:
            if not answer.whole:
                self.close()

    def _asked(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> HttpAnswer:
        """Return an answer that is no redirect; ask again where the archive is busy or breaks off."""
        redirects = 0
        for tried in range(1, _TRIES + 1):
            try:
                answer = self._sent(method, target, headers, body)
                while answer.status in _REDIRECTS:
                    redirects += 1
                    target = self._redirected(answer, method, redirects)
                    answer = self._sent(method, target, headers, body)
            except ArchiveAwayError:
                self.close()
                if tried == _TRIES:
                    raise
                self._pause(_wait(tried, None))
                continue
            if answer.status not in _BUSY:
                return answer
            self.close()
            if tried < _TRIES:
                self._pause(_wait(tried, answer.headers.get("Retry-After")))
        raise ArchiveAwayError.of(self._place, "busy", status=answer.status, tries=_TRIES)

    def _sent(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> HttpAnswer:
        access = self._access
        always = {"Accept-Encoding": "identity", "User-Agent": "screener"}
        if access.credentials.header:
            always["Authorization"] = access.credentials.header
        fresh = self._connection is None
        connection = self._connected()
        try:
            with translated(self._place, "broken", access.seconds):
                connection.request(method, target, body, {**always, **headers})
                response = connection.getresponse()
        except ArchiveAwayError:
            self.close()
            if fresh:
                raise
            return self._sent(method, target, headers, body)  # a kept connection that had timed out there
        return HttpAnswer(response, self._place, access.answer_seconds)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            connection = self._unconnected()
            with translated(self._place, "broken", _CONNECT_SECONDS):
                connection.connect()
            connection.timeout = self._access.seconds
            connection.sock.settimeout(self._access.seconds)
            self._connection = connection
        return self._connection

    def _unconnected(self) -> http.client.HTTPConnection:
        host, port = self._access.address.host, self._access.address.port
        if self._tls is None:
            return http.client.HTTPConnection(host, port, timeout=_CONNECT_SECONDS, blocksize=CHUNK_BYTES)
        return http.client.HTTPSConnection(
            host, port, timeout=_CONNECT_SECONDS, blocksize=CHUNK_BYTES, context=self._tls
        )

    def _redirected(self, answer: HttpAnswer, method: str, redirects: int) -> str:
        location = answer.headers.get("Location", "")
        status = answer.status
        self.close()
        target = self._access.address.leads_to(location)
        if target is None:
            host = urlsplit(location).hostname or say("archives.redirect_unknown")
            raise ArchiveRefusedError.of(self._place, "elsewhere", host=host)
        if redirects > _MOST_REDIRECTS or not location or (method == "POST" and status not in (307, 308)):
            raise ArchiveAnswerError.of(self._place, "unexpected", status=status)
        return target

    def _refuse(self, status: int) -> NoReturn:
        if status == 401:
            raise ArchiveRefusedError.of(self._place, "unknown_user", status=status)
        if status == 403:
            raise ArchiveRefusedError.of(self._place, "forbidden", status=status)
        if status in _AWAY:
            raise ArchiveAwayError.of(self._place, "out_of_order", status=status)
        raise ArchiveAnswerError.of(self._place, "unexpected", status=status)


def _wait(tried: int, told: str | None) -> float:
    """Return how long to wait before asking again; told: the header Retry-After, where it counts seconds."""
    if told is not None and told.strip().isdecimal():
        return min(float(told), _MOST_WAIT_SECONDS)
    return min(_FIRST_WAIT_SECONDS * 2.0 ** (tried - 1), _MOST_WAIT_SECONDS)


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError:
        raise UsageError("archives.ca_no_certificate", ca=ca) from None
    except OSError as error:
        raise UsageError("archives.ca_unreadable", ca=ca, error=why(error)) from error
