"""A run that has not finished, or that failed before it had anything to report, as text for cron's mail.

This module loads nothing but the standard library, so that a machine that cannot load more still tells.
"""

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from screener.errors import ExitCode
from screener.locations import Location
from screener.outputs.atomic import PRIVATE, refuse_image, text_written_whole
from screener.runtime import NO_LINK, OWN_BYTES

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
Translation: TypeAlias = Callable[[str], str]
"""Of a text in English; catalogue.in_words with the texts of a language."""


def write_run_text(text: str, path: Location, mode: int = PRIVATE) -> None:
    """Write one of the texts below.

    Raises:
        UsageError: An image lies there.
        OutputError: The file cannot be written; one that was there before stays whole.
    """
    refuse_image(path)
    with text_written_whole(path, mode) as file:
        file.write(text)


def written_over(path: Path, text: str) -> bool:
    """Write over an earlier summary in its own place, as a full disk allows; return whether all was written.

    What is left is of this run or nothing: half a text, or none, is better than that of the night before.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | NO_LINK | OWN_BYTES)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            if file.read(len(BEGINNING)) != BEGINNING.encode():
                return False
            file.truncate(0)
            file.seek(0)
            return file.write(text.encode()) == len(text.encode())
    except OSError:
        return False


def unfinished_text(started: datetime, translated: Translation = str) -> str:
    """Return what stands there until a run can say how it ended."""
    sentences = (
        "It is still under way, or it was killed (kill -9, out of memory, power).",
        "Some or all files of its report may still be those of an earlier run; each file is whole.",
        "If it was killed, run it again: with a ledger it goes on where it stood.",
    )
    head = translated(
        f"NOT FINISHED. The run that began {started:%Y-%m-%d %H:%M:%S} has not yet said how it ended."
    )
    said = "".join(f"{translated(sentence)}\n" for sentence in sentences)
    return f"{BEGINNING}{head}\n\n{said}\n{translated(NOTICE)}\n"


def failed_text(code: ExitCode, error: str, started: datetime, translated: Translation = str) -> str:
    """Return what is known of a run that ended before it had anything to report."""
    lines = [
        (translated("started"), f"{started:%Y-%m-%d %H:%M}"),
        (translated("report"), translated("none of this run")),
        (translated("exit code"), f"{int(code)}: {translated(MEANINGS[code])}"),
    ]
    return f"{failed_head(code, translated)}\n\n{paragraph(error)}\n{table(lines)}\n{translated(NOTICE)}\n"


def failed_head(code: ExitCode, translated: Translation = str) -> str:
    """Return the first line of a run that an error ended."""
    head = translated(f"ENDED WITH AN ERROR, exit code {int(code)}")
    return f"{BEGINNING}{head}: {translated(MEANINGS[code])}."


def table(lines: Iterable[Line]) -> str:
    """Return names and values, one pair a line, the values aligned."""
    told = list(lines)
    width = max(24, *(len(name) + 2 for name, _ in told))
    return "".join(f"{name + ':':<{width}}{value}\n" for name, value in told)


def paragraph(error: str) -> str:
    """Return an error's text with each line ended."""
    return "".join(f"{line}\n" for line in error.splitlines())
