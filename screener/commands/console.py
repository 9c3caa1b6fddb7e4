"""Where commands print: results on standard output, progress and log lines on standard error."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from screener import __version__
from screener.commands.console_language import here, told
from screener.errors import OutputError, full_disk, why
from screener.outputs.atomic import refuse_image
from screener.runtime import OWN_BYTES
from screener.said import Spoken, say

PLAIN_SECONDS = 30.0  # between two progress lines in a log


def results() -> Console:
    """Return the console for what the user asked for; wide where it is no terminal, so logs do not wrap."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def progress_console() -> Console:
    """Return the console for what passes by."""
    return Console(stderr=True, highlight=False)


class _Rate(ProgressColumn):
    """Files or batches per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.0f}/s" if task.speed else "", style="progress.data.speed")


def make_progress(console: Console) -> Progress:
    """Return a progress display with count, rate and time to go."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TextColumn(told("scan.time_left")),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    )


@contextmanager
def shown(progress: Progress | None) -> Iterator[None]:
    """Show a progress display while the block runs, where there is one."""
    if progress is None:
        yield
        return
    with progress:
        yield


class Log:
    """Lines with the time, as cron's mail and log files want them. No value of any tag is ever in one.

    Each is flushed as it is written, so that a killed run leaves what it said. A log rotated by renaming
    is opened anew at the next line. A path that cannot be written to stops a run before its first file. A
    full disk never does, nor does anything later: lines are then lost, standard error says so once, and the
    log says how many when it can.
    """

    def __init__(self, path: Path | None = None, json_lines: bool = False) -> None:
        """Open the log, for appending.

        Raises:
            UsageError: An image lies there.
            OutputError: It cannot be written, for another reason than a full disk.
        """
        self._path = path
        self._json = json_lines
        self._lost = 0
        if path:
            refuse_image(path)
            try:
                _append(path, self._line("started", version=__version__))
            except OSError as error:
                if not full_disk(error):
                    raise OutputError.cannot_write(path, error) from error
                self._lose(path, error)

    def __call__(self, message: Spoken | str) -> None:
        self.event(message)

    def event(self, message: Spoken | str, **fields: str | int | float) -> None:
        """Write one line: the message, and in JSON the fields besides.

        In English, but on a terminal, where nothing keeps it, in the console's language.
        """
        for_people = self._path is None and not self._json and sys.stderr.isatty()
        line = self._line(here(message) if for_people else str(message), **fields)
        if self._path is None:
            sys.stderr.write(line)
            sys.stderr.flush()
            return
        try:
            if self._lost:
                _append(self._path, self._line(str(say("commands.lines_lost", count=self._lost))))
                self._lost = 0
            _append(self._path, line)
        except OSError as error:
            self._lose(self._path, error)

    def _lose(self, path: Path, error: OSError) -> None:
        """Count a line that could not be written, and say so on standard error, once."""
        if not self._lost:
            sys.stderr.write(told("commands.log_lost", path=path, why=why(error)) + "\n")
        self._lost += 1

    def _line(self, message: str, **fields: str | int | float) -> str:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        if self._json:
            return json.dumps({"time": now, "message": message, **fields}, ensure_ascii=False) + "\n"
        return f"{now} {message}\n"


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | OWN_BYTES, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(line)


log = Log()  # to standard error, where a command was given no other


class Paced:
    """Says when another line of progress is due."""

    def __init__(self, seconds: float = PLAIN_SECONDS) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True
