"""A configuration file: found, read, and checked line by line."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screener.config.settings import Settings, named
from screener.errors import UsageError, why
from screener.said import Said, Together, say

VARIABLE = "SCREENER_CONFIG"
EVERYBODYS = Path("/etc/screener.toml")
_TABLE = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
_TEXT = re.compile(r"""\s*([A-Za-z0-9_-]+)\s*=\s*("[^"\\]*"|'[^']*')""")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file. line: counted from 1; 0 where it has none."""

    line: int
    words: Said


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file that was read. lines: of its tables and keys, by their dotted names."""

    path: Path
    tables: Mapping[str, Any]
    lines: Mapping[str, int]

    def faults(self, settings: Settings) -> tuple[Fault, ...]:
        """Return all that is wrong with the file, in the order of its lines."""
        found = (
            *self._unknown_tables(settings),
            *(each for name in settings for each in self._of(name, settings)),
        )
        return tuple(sorted(set(found), key=lambda fault: fault.line))

    def values(self, command: str, settings: Settings) -> dict[str, Any]:
        """Return what the file says of one command, by the names of its parameters.

        Raises:
            UsageError: Something there is wrong; names each line. Other commands' tables are not looked at.
        """
        if faults := tuple(self._of(command, settings)):
            raise refused(self.path, faults)
        return {
            settings[command][named(key)].parameter: value
            for key, value in self.said(command, settings).items()
        }

    def line(self, command: str, key: str) -> int:
        """Return the line of an option, 0 where it is not known."""
        return self.lines.get(".".join((*command.split(" "), key)), 0)

    def said(self, command: str, settings: Settings) -> dict[str, Any]:
        """Return what stands in a command's table, without the tables of commands below it."""
        table: Any = self.tables
        for word in command.split(" "):
            table = table.get(word, {}) if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            return {}
        return {key: value for key, value in table.items() if f"{command} {key}" not in settings}

    def _of(self, command: str, settings: Settings) -> Iterator[Fault]:
        import msgspec

        known = settings.get(command, {})
        for key, value in self.said(command, settings).items():
            setting = known.get(named(key))
            line = self.line(command, key)
            if setting is None:
                hint = _like(named(key), known)
                yield Fault(line, say("config.no_option", table=_dotted(command), option=key, hint=hint))
                continue
            try:
                msgspec.convert(value, setting.type)
            except msgspec.ValidationError:
                wrong = {"option": key, "wanted": setting.wanted, "found": _shown(value)}
                yield Fault(line, say("config.wrong_type", table=_dotted(command), **wrong))

    def _unknown_tables(self, settings: Settings) -> Iterator[Fault]:
        groups: dict[str, list[str]] = {}
        for group, _, below in (name.partition(" ") for name in settings):
            if below:
                groups.setdefault(group, []).append(below)
        known = {name for name in settings if " " not in name} | set(groups)
        for key, value in self.tables.items():
            if key not in known or not isinstance(value, dict):
                what = "config.no_command" if isinstance(value, dict) else "config.no_table"
                yield Fault(self.lines.get(key, 0), say(what, name=key, hint=_like(key, known)))
            elif key in groups and key not in settings:
                for name in value:
                    if name not in groups[key]:
                        line = self.lines.get(f"{key}.{name}", 0)
                        hint = _like(name, groups[key])
                        yield Fault(line, say("config.no_command_below", group=key, name=name, hint=hint))


def found_config(asked: Path | None) -> Path | None:
    """Return the file to read: the one asked for, else that of all users, if there is one; else None."""
    if asked is not None:
        return asked
    return EVERYBODYS if EVERYBODYS.exists() else None


def read_config(path: Path) -> ConfigFile:
    """Return a file's tables.

    Raises:
        UsageError: It cannot be read, or is no TOML; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return ConfigFile(path, tomllib.loads(text), _lines(text))
    except OSError as error:
        raise UsageError("config.cannot_read", path=path, why=why(error)) from error
    except UnicodeDecodeError as error:
        raise UsageError("config.not_utf8", path=path) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError("config.no_toml", path=path, error=error) from error


def text_of(path: Path, command: str, key: str) -> str | None:
    """Return a text that a file gives an option, line by line: also of one that is no TOML elsewhere."""
    table = ""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        if match := _TABLE.match(line):
            table = match[1].strip()
        elif table == command and (match := _TEXT.match(line)) and named(match[1]) == key:
            return match[2][1:-1]
    return None


def refused(path: Path, faults: tuple[Fault, ...]) -> UsageError:
    """Return what to raise for a file with faults."""
    lines = tuple(
        say("config.fault_in_line", line=each.line, fault=each.words)
        if each.line
        else say("config.fault", fault=each.words)
        for each in faults
    )
    return UsageError("config.refused", path=path, faults=Together(lines, "\n"))


def _lines(text: str) -> dict[str, int]:
    """Return the line of each table and key; those in odd spellings of TOML may be missing."""
    table = ""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = ".".join(part.strip(" \"'") for part in match[1].split("."))
            for depth in range(table.count(".") + 1):
                found.setdefault(".".join(table.split(".")[: depth + 1]), number)
        elif match := _KEY.match(line):
            key = ".".join(part.strip("\"'") for part in match[1].split("."))
            found.setdefault(f"{table}.{key}" if table else key, number)
    return found


def _dotted(command: str) -> str:
    return command.replace(" ", ".")


def _like(name: str, known: Any) -> Said | str:
    close = difflib.get_close_matches(name, list(known), 1)
    return say("config.close", name=close[0]) if close else ""


def _shown(value: Any) -> Said | str:
    """Return a value as TOML has it, short; text is not repeated, as it may be a secret."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    kinds: dict[type, Said] = {str: say("config.text"), list: say("config.list"), dict: say("config.table")}
    return kinds.get(type(value), say("config.moment"))
