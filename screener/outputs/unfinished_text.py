"""A run that has not finished, or that failed before it had anything to report, as text for cron's mail.

This module loads nothing but the standard library, so that a machine that cannot load more still tells.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from screener.errors import ExitCode
from screener.locations import Location
from screener.outputs.atomic import PRIVATE, text_written_whole

MEANINGS = {
    ExitCode.DONE: "done, nothing failed",
    ExitCode.BUG: "a bug",
    ExitCode.USAGE: "the command line, or a folder without a single file",
    ExitCode.SOME_FAILED: "done, some images failed",
    ExitCode.MODEL_REJECTED: "the model was rejected",
    ExitCode.MISSING_DEPENDENCY: "this machine lacks what Screener needs",
    ExitCode.OUTPUT: "an output could not be written",
    ExitCode.LEDGER_HELD: "another run holds the ledger",
    ExitCode.INTERRUPTED: "interrupted",
}
BEGINNING = "Screener: "  # of each such text
NOTICE = "Decision support for research and quality work. Not a medical device."
Line = tuple[str, str]


def write_run_text(text: str, path: Location, mode: int = PRIVATE) -> None:
    """Write one of the texts below.

    Raises:
        OutputError: The file cannot be written; one that was there before stays whole.
    """
    with text_written_whole(path, mode) as file:
        file.write(text)


def written_over(path: Path, text: str) -> bool:
    """Write over an earlier summary in its own place, as a full disk allows; return whether all was written.

    What is left is of this run or nothing: half a text, or none, is better than that of the night before.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            if file.read(len(BEGINNING)) != BEGINNING.encode():
                return False
            file.truncate(0)
            file.seek(0)
            return file.write(text.encode()) == len(text.encode())
    except OSError:
        return False


def unfinished_text(started: datetime) -> str:
    """Return what stands there until a run can say how it ended."""
    return (
        f"{BEGINNING}NOT FINISHED. The run that began {started:%Y-%m-%d %H:%M:%S} has not yet said how it "
        "ended.\n\n"
        "It is still under way, or it was killed (kill -9, out of memory, power).\n"
        "Some or all files of its report may still be those of an earlier run; each file is whole.\n"
        "If it was killed, run it again: with a ledger it goes on where it stood.\n"
        f"\n{NOTICE}\n"
    )


def failed_text(code: ExitCode, error: str, started: datetime) -> str:
    """Return what is known of a run that ended before it had anything to report."""
    lines = [
        ("started", f"{started:%Y-%m-%d %H:%M}"),
        ("report", "none of this run"),
        ("exit code", f"{int(code)}: {MEANINGS[code]}"),
    ]
    return f"{failed_head(code)}\n\n{paragraph(error)}\n{table(lines)}\n{NOTICE}\n"


def failed_head(code: ExitCode) -> str:
    """Return the first line of a run that an error ended."""
    return f"{BEGINNING}ENDED WITH AN ERROR, exit code {int(code)}: {MEANINGS[code]}."


def table(lines: Iterable[Line]) -> str:
    """Return names and values, one pair a line, the values aligned."""
    return "".join(f"{name + ':':<24}{value}\n" for name, value in lines)


def paragraph(error: str) -> str:
    """Return an error's text with each line ended."""
    return "".join(f"{line}\n" for line in error.splitlines())
