"""What sockets, TLS and HTTP raise, in our words; theirs quote what the archive sent."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from screener.archives.words import ArchiveAnswerError, ArchiveAwayError, ArchiveError, ArchiveRefusedError
from screener.said import Said, say


@contextmanager
def translated(place: str, broken: str, seconds: float = 0.0) -> Iterator[None]:
    """Raise what sockets, TLS and http.client raise in our words; theirs quote what the archive sent.

    broken: the key of the words for a connection that breaks off.
    """
    try:
        yield
    except ArchiveError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise ArchiveRefusedError.of(place, "untrusted", why=_why_untrusted(error)) from None
    except (ConnectionError, ssl.SSLEOFError, http.client.IncompleteRead) as error:
        if isinstance(error, ConnectionRefusedError):
            raise ArchiveAwayError.of(place, "unreachable", why=say("archives.port_closed")) from None
        kind = ArchiveAnswerError if broken == "cut" else ArchiveAwayError
        raise kind.of(place, broken) from None
    except ssl.SSLError as error:
        raise ArchiveRefusedError.of(
            place, "no_tls", why=error.reason or say("archives.tls_failed")
        ) from None
    except socket.gaierror:
        raise ArchiveAwayError.of(place, "unreachable", why=say("archives.host_unknown")) from None
    except TimeoutError:
        kind = ArchiveAnswerError if broken == "cut" else ArchiveAwayError
        raise kind.of(place, "cut" if broken == "cut" else "silent", seconds=seconds) from None
    except http.client.HTTPException:
        raise ArchiveAnswerError.of(place, "not_http") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ArchiveAwayError.of(place, "unreachable", why=why) from None


def _why_untrusted(error: ssl.SSLCertVerificationError) -> str | Said:
    with suppress(AttributeError):
        return error.verify_message.rstrip(".")
    return say("archives.verification_failed")
