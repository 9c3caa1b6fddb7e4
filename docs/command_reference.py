"""Write commands.md and man/screener.1 from the command line itself: python docs/command_reference.py"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from screener.cli import app

PAGE = Path(__file__).with_name("commands.md")
MANUAL = Path(__file__).parents[1] / "man" / "screener.1"

_HEAD = """# Commands

`screener COMMAND --help` prints the same. Exit codes are the same for every command; [what to do about
each](exit-codes.md).

| code | meaning |
|---|---|
"""
_FOOT = """
## Completion in the shell

`screener --install-completion` makes bash, zsh, fish and PowerShell complete commands and options with the
Tab key, for the account that runs it. For all accounts of a machine, write the script where the shell looks
for it:

```
screener --show-completion | sudo tee /etc/bash_completion.d/screener > /dev/null
```

Where the shell cannot be told from the process that called (a container, a build script), name it:
`_SCREENER_COMPLETE=source_bash screener`, or `source_zsh`, `source_fish`.

`pip install` also installs a man page: `man screener` finds it where the environment's `bin` is in `PATH`;
elsewhere, name the folder: `man -M /opt/screener/share/man screener`.

This page and the man page are written by `python docs/command_reference.py`.
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument or option: how it is typed, what it means, and its default where the text names none."""

    typed: str
    meaning: str
    required: bool
    is_option: bool


@dataclass(frozen=True, slots=True)
class Command:
    """One command as people type it, groups opened: 'models list'."""

    name: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]

    @property
    def usage(self) -> str:
        """Return the line that shows how the command is typed."""
        needed = [
            each.typed if each.required else f"[{each.typed}]"
            for each in self.parameters
            if not each.is_option
        ]
        needed += [each.typed for each in self.parameters if each.is_option and each.required]
        optional = any(each.is_option and not each.required for each in self.parameters)
        return " ".join(["screener", self.name, *needed, *(["[OPTIONS]"] if optional else [])])


def _default(parameter: Any) -> str:
    """Return the default in words; empty where the help text tells it, or where there is none to tell."""
    value = parameter.default
    if value in (None, False, "", (), []) or "default" in parameter.help or parameter.secondary_opts:
        return ""
    return f" Default: {value:g}." if isinstance(value, float) else f" Default: {value}."


def _parameter(parameter: Any) -> Parameter:
    is_option = parameter.opts[0].startswith("--")
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    flag = is_option and (parameter.is_flag or parameter.secondary_opts)
    typed = names if flag else f"{names} {parameter.metavar}" if is_option else parameter.metavar
    repeated = (
        " May be given several times." if parameter.multiple and "repeated" not in parameter.help else ""
    )
    return Parameter(typed, parameter.help + _default(parameter) + repeated, parameter.required, is_option)


def _opened(group: Any, above: str = "") -> Iterator[Command]:
    for name in group.list_commands(None):
        command = group.commands[name]
        if getattr(command, "commands", None):
            yield from _opened(command, f"{above}{name} ")
            continue
        summary, _, text = command.help.partition("\n\n")
        shown = (each for each in command.params if each.name != "help")
        yield Command(above + name, " ".join(summary.split()), text.strip(), tuple(map(_parameter, shown)))


def commands() -> list[Command]:
    """Return all commands, in the order in which --help lists them."""
    return list(_opened(typer.main.get_command(app)))


def exit_codes() -> list[tuple[str, str]]:
    """Return each exit code with its meaning, as the last lines of --help have them."""
    words = " ".join(str(app.info.epilog).split()).removeprefix("Exit codes: ").rstrip(".")
    return [(code, meaning) for code, _, meaning in (each.partition(" ") for each in words.split(" · "))]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page() -> str:
    """Return the reference page as it should be."""
    parts = [_HEAD, *(f"| {code} | {meaning} |\n" for code, meaning in exit_codes())]
    for command in commands():
        parts.append(f"\n## screener {command.name}\n\n{command.summary}\n")
        if command.text:
            parts.append(f"\n{_fenced(command.text)}\n")
        parts.append(f"\n```\n{command.usage}\n```\n")
        if command.parameters:
            parts.append("\n| argument or option | meaning |\n|---|---|\n")
        for each in command.parameters:
            needed = " **Required.**" if each.required else ""
            parts.append(f"| `{_cell(each.typed)}` | {_cell(each.meaning)}{needed} |\n")
    return "".join([*parts, _FOOT])


def _fenced(text: str) -> str:
    """Return a help text with the command of its example set as code."""
    return re.sub(r"Example: (.+)", r"Example: `\1`", text)


def _troff(text: str) -> str:
    """Return a text with what troff would take for commands escaped."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", escaped, flags=re.MULTILINE)


def manual() -> str:
    """Return the man page as it should be; without date and version, so that a release does not change it."""
    about = " ".join(str(app.info.help).split())
    parts = [
        '.TH SCREENER 1 "" "Screener" "User commands"\n',
        ".SH NAME\nscreener \\- batch screening of chest radiographs for likely pneumonia\n",
        ".SH SYNOPSIS\n.B screener\n.I COMMAND\n[\\fIARGUMENTS\\fR] [\\fIOPTIONS\\fR]\n",
        f".SH DESCRIPTION\n{_troff(about)}\n.SH COMMANDS\n",
    ]
    for command in commands():
        parts.append(f".SS {_troff(command.usage)}\n{_troff(command.summary)}\n")
        parts += [f".PP\n{_troff(' '.join(each.split()))}\n" for each in command.text.split("\n\n") if each]
        parts += [
            f".TP\n\\fB{_troff(each.typed)}\\fR\n{_troff(each.meaning)}\n" for each in command.parameters
        ]
    parts.append(".SH EXIT STATUS\n")
    parts += [f".TP\n.B {code}\n{_troff(meaning)}\n" for code, meaning in exit_codes()]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    MANUAL.parent.mkdir(exist_ok=True)
    MANUAL.write_text(manual(), encoding="utf-8")
