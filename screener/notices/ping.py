"""A request to a watching service when a run begins and when it ends, as healthchecks.io understands it.

Who watches learns of a night that never began: nothing comes. The address is a secret of its own, and is in
no log, error or report.
"""

import threading
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from screener.errors import UsageError, why
from screener.said import Said, say

SECONDS = 10.0  # that a run waits at its end, at most
_TRIES = 3
_AT_ONCE = 3.0  # seconds of silence after which a request has failed
_FROM_FILE = "@"
START, SUCCESS, FAIL = "/start", "", "/fail"


def ping_address(given: str) -> str:
    """Return the address to ask; given: the address, or @FILE for a file that holds it.

    Raises:
        UsageError: It is none of HTTP, or the file cannot be read; quotes nothing of it.
    """
    address = _read(Path(given[1:])) if given.startswith(_FROM_FILE) else given
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError("notices.ping_address")
    return address.strip().rstrip("/")


def ping_and_go_on(address: str) -> None:
    """Ask an address in the background, without waiting for an answer."""
    threading.Thread(target=_ask, args=(address, []), daemon=True).start()


def ping_and_wait(address: str, seconds: float = SECONDS) -> Said | None:
    """Ask an address, a few times, and return what went wrong; None if it answered.

    Takes no longer than so many seconds, whatever names, networks and servers do.
    """
    outcome: list[Said | None] = []
    thread = threading.Thread(target=_ask, args=(address, outcome), daemon=True)
    thread.start()
    thread.join(seconds)
    return outcome[0] if outcome else say("notices.ping_silent", seconds=seconds)


def _ask(address: str, outcome: list[Said | None]) -> None:
    """Ask until there is an answer; add why there was none, None if there was one."""
    failed = None
    for _ in range(_TRIES):
        try:
            with urllib.request.urlopen(address, timeout=_AT_ONCE) as answer:
                answer.read(1)
            outcome.append(None)
            return
        except urllib.error.HTTPError as error:
            failed = say("notices.ping_refused", code=error.code)
            if error.code < 500:
                break
        except Exception as error:  # noqa: BLE001  # whatever a network does, the night has ended as it has
            failed = say("notices.ping_not_asked", error=type(error).__name__)
    outcome.append(failed)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        found = why(error) if isinstance(error, OSError) else say("notices.not_ascii")
        raise UsageError("notices.ping_unreadable", file=file, error=found) from error
