"""A command line that cannot be parsed: no command runs, so the summary that it names is written here."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from screener.commands.report_language import report_language, translation
from screener.config.file import EVERYBODYS, VARIABLE, text_of
from screener.errors import ExitCode
from screener.outputs.unfinished_text import failed_text, written_over
from screener.said import say

_OPTION = "--summary"


def summarise_unparsed(arguments: Sequence[str], started: datetime) -> None:
    """Let a summary of an earlier run, where one is named, say that this run did not even begin.

    Nothing but such a summary is written over, nor one that this run has written already. One in an object
    store stays.

    arguments: of the command line, without the program's name. started: when the process began.
    """
    named = _asked(arguments, _OPTION)
    if named is None or "://" in named:
        return
    path = Path(named)
    try:
        earlier = path.stat().st_mtime < started.timestamp()
    except (OSError, ValueError):
        return
    if earlier:
        language = report_language(_asked(arguments, "--language"))
        error = say("commands.unparsed").in_language(language)
        written_over(path, failed_text(ExitCode.USAGE, error, started, translation(language)))


def _asked(arguments: Sequence[str], option: str) -> str | None:
    """Return the value of an option, else of its variable, else of the configuration file."""
    return _value(arguments, option) or _configured(arguments, option.removeprefix("--"))


def _configured(arguments: Sequence[str], name: str) -> str | None:
    """Return what a variable says of an option, else the configuration file, be the rest wrong."""
    command = next((each for each in arguments if not each.startswith("-")), "")
    if variable := os.environ.get(f"SCREENER_{command.upper()}_{name.upper()}"):
        return variable
    file = _value(arguments, "--config") or os.environ.get(VARIABLE) or EVERYBODYS
    return text_of(Path(file), command, name)


def _value(arguments: Sequence[str], option: str) -> str | None:
    """Return the value of an option as it stands on the command line, None where it does not."""
    for place, argument in enumerate(arguments):
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
        if argument == option and place + 1 < len(arguments):
            return arguments[place + 1]
    return None
