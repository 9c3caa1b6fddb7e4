"""Chromium and Firefox as the machine has them, driven by Playwright."""

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

CHROMIUM, FIREFOX = "chromium", "firefox"
BROWSERS = (CHROMIUM, FIREFOX)

# A test that asks for what Playwright can do in Chromium alone, or in whose answer no browser has a part.
CHROMIUM_ONLY = pytest.mark.parametrize("browser_name", [CHROMIUM], indirect=True)

_COMMANDS = {CHROMIUM: ("chromium", "google-chrome"), FIREFOX: ("firefox-esr", "firefox")}
_ABSENT = {
    CHROMIUM: "no Chromium (Debian: apt install chromium; SCREENER_CHROMIUM names another)",
    FIREFOX: "no Firefox (Debian: apt install firefox-esr; SCREENER_FIREFOX names another)",
}
_PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.download.alwaysOpenPanel": False,  # it takes the focus
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "ui.prefersReducedMotion": 1,  # Playwright cannot ask for it later
}


def browser_path(name: str) -> str | None:
    """Return where a browser is: what SCREENER_CHROMIUM or SCREENER_FIREFOX names, or what is installed."""
    found = (shutil.which(command) for command in _COMMANDS[name])
    return os.environ.get(f"SCREENER_{name.upper()}") or next((path for path in found if path), None)


def started(playwright: Playwright, name: str, folder: Path) -> Browser:
    """Start a browser, unseen; where it is not installed skip the test, unless it is said to be there.

    folder: for what Firefox writes into a home folder, and for the command that starts it.
    """
    path = browser_path(name)
    if path is None and os.environ.get("REQUIRE_BROWSER_TESTS"):
        pytest.fail(_ABSENT[name])
    if path is None:
        pytest.skip(_ABSENT[name])
    if name == CHROMIUM:
        return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    command = folder / "firefox"
    relay = Path(__file__).with_name("relay.py")
    command.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(relay), path])} "$@"\n')
    command.chmod(0o700)
    return playwright.firefox.launch(
        channel="moz-firefox",  # Firefox as its makers build it, by WebDriver BiDi
        executable_path=command,
        firefox_user_prefs=_PREFERENCES,
        env={**os.environ, "HOME": str(folder)},
        timeout=120_000,  # milliseconds: the machine may be busy
    )
