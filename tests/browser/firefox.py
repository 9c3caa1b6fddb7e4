"""Firefox as the machine has it, driven by WebDriver BiDi (w3.org/TR/webdriver-bidi).

Playwright asks of it what Firefox ESR does not know yet, or comes with a Firefox of its own, which CI cannot
fetch.
"""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from websockets.sync.client import ClientConnection, connect

_ADDRESS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_SECONDS = 60.0  # for Firefox to start, and for an answer: the machine may be busy
_KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "ArrowDown": "\ue015", "ArrowUp": "\ue013"}
_PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "ui.systemUsesDarkTheme": 1,
}


def firefox() -> str | None:
    return os.environ.get("SCREENER_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


class Window:
    """A window of Firefox with a page, and what a user would do to it.

    troubles: what the page wrote to the console, and what it asked for besides files.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._asked = 0
        self.troubles: list[str] = []
        self.send("session.new", capabilities={})
        self._context = ""
        self.send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def send(self, method: str, **params: Any) -> Any:
        """Send a command and return its result; events that come before it are noted."""
        self._asked += 1
        self._connection.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while True:
            told = json.loads(self._connection.recv(_SECONDS))
            if told.get("id") == self._asked:
                assert told["type"] == "success", told
                return told["result"]
            self._note(told)

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "log.entryAdded":
            self.troubles.append(f"{params['level']}: {params['text']}")
        elif event.get("method") == "network.beforeRequestSent":
            url = params["request"]["url"]
            if not url.startswith(("file:", "data:", "blob:")):
                self.troubles.append(f"request: {url}")

    def open(self, file: Path, anchor: str = "", width: int = 1440, height: int = 900) -> None:
        """Open a page in a window of this size, which knows nothing of what was open before."""
        if self._context:
            self.send("browsingContext.close", context=self._context)
        user = self.send("browser.createUserContext")["userContext"]
        self._context = self.send("browsingContext.create", type="tab", userContext=user)["context"]
        size = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self._context, viewport=size)
        address = file.as_uri() + anchor
        self.send("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def reload(self) -> None:
        self.send("browsingContext.reload", context=self._context, wait="complete")

    def back(self) -> None:
        self.send("browsingContext.traverseHistory", context=self._context, delta=-1)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page, awaited; it must be JSON."""
        told = self.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])

    def wait_for(self, condition: str) -> None:
        """Wait until an expression holds; the page itself looks again before each of its frames."""
        waits = f"(async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }})()"
        self.evaluate(waits)

    def press(self, *keys: str) -> None:
        """Press and release keys, one after the other."""
        values = [_KEYS.get(key, key) for key in keys]
        actions = [{"type": kind, "value": value} for value in values for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.send("input.performActions", context=self._context, actions=[source])

    def text(self, selector: str) -> str:
        """Return what an element says, once the next frame is drawn."""
        shown = f"document.querySelector({json.dumps(selector)}).innerText"
        found: str = self.evaluate(f"new Promise(requestAnimationFrame).then(() => {shown})")
        return found

    def screenshot(self) -> bytes:
        """Return the window as PNG."""
        return base64.b64decode(self.send("browsingContext.captureScreenshot", context=self._context)["data"])

    def printed(self) -> bytes:
        """Return the page as Firefox prints it, a PDF."""
        return base64.b64decode(self.send("browsingContext.print", context=self._context)["data"])


@contextmanager
def started(path: str, folder: Path) -> Iterator[Window]:
    """Start Firefox, unseen, with a profile of its own in a folder; end it at the end."""
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
    (folder / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [
        path,
        "--headless",
        "--no-remote",
        "--profile",
        str(folder),
        "--remote-debugging-port=0",
        "about:blank",
    ]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env={**os.environ, "HOME": str(folder)},  # whatever it puts there
    ) as process:
        try:
            assert process.stderr is not None
            told = (_ADDRESS.search(line) for line in process.stderr)
            address = next((found[1] for found in told if found), None)
            assert address, "Firefox ended before it could be asked for anything"
            Thread(target=process.stderr.read, daemon=True).start()  # or it would block once the pipe is full
            session = f"{address}/session"
            with connect(session, open_timeout=_SECONDS, max_size=None, compression=None) as connection:
                yield Window(connection)
        finally:
            process.kill()
