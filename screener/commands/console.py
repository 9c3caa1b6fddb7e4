"""Where commands print: results on standard output, progress and log lines on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

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
        TextColumn("ETA"),
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


def log(message: str) -> None:
    """Write one line with the time, as cron's mail and log files want it."""
    sys.stderr.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {message}\n")
    sys.stderr.flush()


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
