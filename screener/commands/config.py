"""screener config: whether the configuration file is right, and what it says."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.markup import escape

from screener.commands.console import results
from screener.commands.console_language import told
from screener.config.file import EVERYBODYS, VARIABLE, ConfigFile, found_config, read_config, refused
from screener.config.settings import Settings, named, schema_of, variable_of
from screener.errors import ExitCode, UsageError

_OTHER_VARIABLES = (VARIABLE, "SCREENER_ARCHIVE_CREDENTIALS", "SCREENER_SHARED")
_NOT_OPTIONS = ("SCREENER_RUN_",)  # what hooks receive


def check(asked: Path | None, settings: Settings) -> ExitCode:
    """Check all of a file, and that each SCREENER_… variable is an option's.

    Raises:
        UsageError: Something is wrong; names each line and variable.
    """
    file = _file(asked)
    if file is None:
        raise UsageError("config.no_file", variable=VARIABLE, everybodys=EVERYBODYS)
    if faults := file.faults(settings):
        raise refused(file.path, faults)
    if unknown := sorted(_unknown_variables(settings)):
        raise UsageError("config.unknown_variables", names=", ".join(unknown))
    count = sum(1 for _ in _said(file, settings))
    results().print(escape(told("config.checked", path=file.path, count=count)))
    return ExitCode.DONE


def show(asked: Path | None, settings: Settings) -> ExitCode:
    """Print what is set, where, and above what."""
    file = _file(asked)
    if file is not None and (faults := file.faults(settings)):
        raise refused(file.path, faults)
    lines = {}
    for command, key, value, line in _said(file, settings) if file else ():
        name = named(key)
        where = told("config.in_line", line=line)
        lines[command, name] = f"{name} = {_toml(value)}  # {where}"
    for command, options in settings.items():
        for name, setting in options.items():
            variable = variable_of(command, setting)
            if variable in os.environ:
                lines[command, name] = f"{name} = {_toml(os.environ[variable])}  # {variable}"
    console, table = results(), ""
    source = file.path if file else told("config.nothing")
    console.print(escape(f"# {source}"))
    for (command, _), shown in sorted(lines.items(), key=lambda each: list(settings).index(each[0][0])):
        if command != table:
            console.print(escape(f"\n[{command.replace(' ', '.')}]"))
            table = command
        console.print(escape(shown), soft_wrap=True)
    return ExitCode.DONE


def schema(settings: Settings) -> ExitCode:
    """Print the file's JSON Schema."""
    text = json.dumps(schema_of(settings), indent=2, ensure_ascii=False)
    results().print(text, markup=False, soft_wrap=True)
    return ExitCode.DONE


def _file(asked: Path | None) -> ConfigFile | None:
    path = found_config(asked or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None))
    return None if path is None else read_config(path)


def _said(file: ConfigFile, settings: Settings) -> Iterator[tuple[str, str, Any, int]]:
    """Yield (command, key, value, line) of each option in a file without faults."""
    for command in settings:
        for key, value in file.said(command, settings).items():
            yield command, key, value, file.line(command, key)


def _unknown_variables(settings: Settings) -> set[str]:
    known = {variable_of(name, each) for name, options in settings.items() for each in options.values()}
    ours = {name for name in os.environ if name.startswith("SCREENER_") and not name.startswith(_NOT_OPTIONS)}
    return ours - known - set(_OTHER_VARIABLES)


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
