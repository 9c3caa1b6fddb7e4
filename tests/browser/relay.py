"""Stands between Playwright and Firefox, and knows what Firefox ESR does not know yet.

Both speak WebDriver BiDi (w3.org/TR/webdriver-bidi). Playwright tells each new context which colours it
prefers (emulation.setMediaFeaturesOverride), and gives up where that is unknown: here Firefox's own one
is set. Of a download it wants to know which one it is: here that is its address. Everything else goes through
as it came. Run as: relay.py FIREFOX ARGUMENTS…
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from queue import Queue
from threading import Thread
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

_SAID = "WebDriver BiDi listening on "
_ADDRESS = re.compile(rf"{_SAID}(ws://\S+)")
_OWN = (
    2**40
)  # ids from here on are the relay's own; Playwright counts from 1, and ends with 2**53 - 1 and - 2
_DOWNLOADS = ("browsingContext.downloadWillBegin", "browsingContext.downloadEnd")
_SECONDS = 60.0  # for an answer: the machine may be busy
_SCHEMES = {
    "dark": 0,
    "light": 1,
}  # of layout.css.prefers-color-scheme.content-override; 2 follows the system


class Relay:
    """One connection of Playwright to Firefox."""

    def __init__(self, playwright: ServerConnection, firefox: ClientConnection) -> None:
        self._playwright, self._firefox = playwright, firefox
        self._answers: Queue[dict[str, Any]] = Queue()
        self._asked = _OWN

    def run(self) -> None:
        """Pass messages on in both directions until Playwright leaves."""
        Thread(target=self._pass_back, daemon=True).start()
        for message in self._playwright:
            asked = json.loads(message)
            if asked["method"] == "emulation.setMediaFeaturesOverride":
                self._prefer(asked["params"]["features"].get("prefers-color-scheme"))
                done = {"type": "success", "id": asked["id"], "result": {}}
                self._playwright.send(json.dumps(done))
            else:
                self._firefox.send(message)

    def _pass_back(self) -> None:
        try:
            for message in self._firefox:
                told = json.loads(message)
                if _OWN <= (told.get("id") or 0) <= self._asked:
                    self._answers.put(told)
                elif told.get("method") in _DOWNLOADS and not told["params"].get("navigation"):
                    told["params"].setdefault("download", told["params"]["url"])
                    self._playwright.send(json.dumps(told))
                else:
                    self._playwright.send(message)
        except ConnectionClosed:
            pass
        self._playwright.close()

    def _prefer(self, scheme: str | None) -> None:
        """Let all pages believe that the system prefers these colours."""
        windows = self._ask("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"]
        name = "layout.css.prefers-color-scheme.content-override"
        self._ask(
            "script.evaluate",
            expression=f"Services.prefs.setIntPref('{name}', {_SCHEMES.get(scheme or '', 2)})",
            target={"context": windows[0]["context"]},
            awaitPromise=False,
        )

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._asked += 1
        self._firefox.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        told = self._answers.get(timeout=_SECONDS)
        assert told["type"] == "success", told
        result: dict[str, Any] = told["result"]
        return result


def _repeat(lines: Iterable[str]) -> None:
    """Repeat what Firefox says: Playwright shows it if it ends too early, and a full pipe would block it."""
    for line in lines:
        sys.stderr.write(line)


def main(command: list[str]) -> int:
    """Start Firefox, say where the relay listens, and end with Firefox; return its exit code."""
    command = [*command, "--remote-allow-system-access"]  # preferences are the browser's, not a page's
    firefox = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace")
    assert firefox.stderr is not None
    address = next((found[1] for found in map(_ADDRESS.search, firefox.stderr) if found), None)
    if address is None:
        return firefox.wait()
    Thread(target=_repeat, args=(firefox.stderr,), daemon=True).start()

    def relay(playwright: ServerConnection) -> None:
        assert playwright.request is not None
        with connect(address + playwright.request.path, max_size=None, compression=None) as opened:
            Relay(playwright, opened).run()

    with serve(relay, "127.0.0.1", 0, max_size=None, compression=None) as server:
        sys.stderr.write(f"{_SAID}ws://127.0.0.1:{server.socket.getsockname()[1]}\n")
        sys.stderr.flush()
        Thread(target=server.serve_forever, daemon=True).start()
        return firefox.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
