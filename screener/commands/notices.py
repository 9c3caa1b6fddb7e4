"""Notices of a scan: other programs learn that it began and how it ended, whatever ended it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from screener import __version__
from screener.commands.console_language import here
from screener.commands.ending import Ending
from screener.errors import ExitCode, ScreenerError
from screener.notices.hooks import hook_environment, run_hook
from screener.notices.metrics import check_metrics_file, write_metrics
from screener.notices.ping import FAIL, START, SUCCESS, ping_address, ping_and_go_on, ping_and_wait
from screener.notices.run_end import RunEnd
from screener.said import Said, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Who hears of a run. on_success, on_failure: commands. ping: an address, or @FILE. metrics: a file."""

    on_success: str | None = None
    on_failure: str | None = None
    ping: str | None = None
    metrics: Path | None = None
    ledger: Path | None = None


def watch_with_notices(ending: Ending, run: Callable[[Ending], ExitCode], notices: Notices) -> ExitCode:
    """Run a command and send notices of how it ended; return its exit code, which no notice changes.

    A notice that cannot be given as asked ends the run with its error before it begins.
    """
    started = datetime.now().astimezone()
    address = _Address(notices.ping)

    def checked(ending: Ending) -> ExitCode:
        if notices.metrics is not None:
            check_metrics_file(notices.metrics)
        address.find()
        if address.found:
            ping_and_go_on(address.found + START)
        return run(ending)

    code = ending.watch(checked)
    finished = datetime.now().astimezone()
    end = RunEnd(code, started, finished, ending.summary, ending.options, notices.ledger, __version__)
    try:
        _notify(end, notices, address.found)
    except KeyboardInterrupt:  # of somebody who will not wait for a hook: the night itself has ended
        _tell(say("notices.interrupted"))
    return code


class _Address:
    """The address to ping, once it has been found: a bad one is the run's own error, and reported as such."""

    def __init__(self, given: str | None) -> None:
        self._given = given
        self.found = ""

    def find(self) -> None:
        if self._given is not None:
            self.found = ping_address(self._given)


def _notify(end: RunEnd, notices: Notices, address: str) -> None:
    if notices.metrics is not None:
        try:
            write_metrics(end, notices.metrics)
        except ScreenerError as error:
            _tell(error.said)
    command = notices.on_success if end.success else notices.on_failure
    if command is not None:
        option = "--on-success" if end.success else "--on-failure"
        _tell(run_hook(option, command, hook_environment(end)))
    if address:
        _tell(ping_and_wait(address + (SUCCESS if end.success else FAIL)))


def _tell(said: Said | None) -> None:
    """Tell what went wrong with a notice, where cron mails it; nothing where nothing did."""
    if said:
        sys.stderr.write(f"{here(said)}\n")
        sys.stderr.flush()
