"""A request to a watching service when a run begins and when it ends, as healthchecks.io understands it.

Who watches learns of a night that never began: nothing comes. The address is a secret of its own, and is in
no log, error or report.
"""

import threading
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from screener.errors import UsageError

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
        raise UsageError(
            "--ping takes an address such as https://hc.example.org/ping/…, without ? or #, or @FILE for a "
            "file that holds one."
        )
    return address.strip().rstrip("/")


def ping_and_go_on(address: str) -> None:
    """Ask an address in the background, without waiting for an answer."""
    threading.Thread(target=_ask, args=(address, []), daemon=True).start()


def ping_and_wait(address: str, seconds: float = SECONDS) -> str:
    """Ask an address, a few times, and return what went wrong, in words; empty if it answered.

    Takes no longer than so many seconds, whatever names, networks and servers do.
    """
    outcome: list[str] = []
    thread = threading.Thread(target=_ask, args=(address, outcome), daemon=True)
    thread.start()
    thread.join(seconds)
    return (
        f"--ping: {outcome[0] if outcome else f'no answer within {seconds:g} s'}" if outcome != [""] else ""
    )


def _ask(address: str, outcome: list[str]) -> None:
    """Ask until there is an answer; add why there was none, empty if there was one."""
    why = ""
    for _ in range(_TRIES):
        try:
            with urllib.request.urlopen(address, timeout=_AT_ONCE) as answer:
                answer.read(1)
            outcome.append("")
            return
        except urllib.error.HTTPError as error:
            why = f"the service answered {error.code}"
            if error.code < 500:
                break
        except Exception as error:  # noqa: BLE001  # whatever a network does, the night has ended as it has
            why = f"the service could not be asked ({type(error).__name__})"
    outcome.append(why)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not ASCII"
        raise UsageError(f"--ping @{file}: cannot be read: {why}.") from error
