"""A command line that cannot be parsed, in the console's language: Typer itself speaks English alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from screener.errors import ExitCode
from screener.said import ENGLISH, Said, say

_UsageError: Any = typer.BadParameter.__mro__[1]  # Click's own, or the one inside Typer


@contextmanager
def told_in_language(application: typer.Typer, group: Any) -> Iterator[None]:
    """Run the block that parses a command line; what is wrong with it is told, unless in English.

    group: the command of the whole application.
    """
    try:
        yield
    except _UsageError as error:
        from screener.commands.console_language import console_language, told

        wrong = None if console_language() == ENGLISH else _wrong(error, application, group)
        if wrong is None:
            raise
        if error.ctx is not None:
            wrong = say("options.see_help", wrong=wrong, command=error.ctx.command_path)
        typer.echo(told("commands.error", error=wrong), err=True)
        raise typer.Exit(int(ExitCode.USAGE)) from error


def _wrong(error: Any, application: typer.Typer, group: Any) -> Said | None:
    """Return what is wrong; None where it is no error, or one that no command of ours can meet."""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        if not error.possibilities:
            return say("options.no_option", option=error.option_name)
        known = ", ".join(sorted(error.possibilities))
        return say("options.no_option_but", option=error.option_name, known=known)
    if kind == "BadOptionUsage":
        flag = error.option_name in _flags(group)
        return say("options.value_for_flag" if flag else "options.no_value", option=error.option_name)
    if kind == "MissingParameter":
        return say("options.missing", name=_name(error.param))
    if kind == "BadParameter":
        return _bad_value(error, application)
    if kind == "UsageError" and error.ctx is not None:
        if not hasattr(error.ctx.command, "commands"):
            return say("options.too_many_words")
        return say("options.no_command", known=", ".join(error.ctx.command.list_commands(error.ctx)))
    return None


def _bad_value(error: Any, application: typer.Typer) -> Said | None:
    from screener.cli.configuring import settings_of
    from screener.config.settings import named

    if error.param is None:  # our own, in words already
        return say("options.bad_value_why", name=error.param_hint, why=error.message)
    command = error.ctx.command_path.partition(" ")[2]
    setting = settings_of(application).get(command, {}).get(named(error.param.name))
    return (
        None if setting is None else say("options.bad_value", name=_name(error.param), wanted=setting.wanted)
    )


def _name(parameter: Any) -> str:
    """Return an option or argument as --help has it."""
    option = parameter.param_type_name == "option"
    return str(parameter.opts[0] if option else parameter.metavar or parameter.human_readable_name)


def _flags(group: Any) -> set[str]:
    """Return all options of all commands that take no value."""
    commands = getattr(group, "commands", {}).values()
    own = {name for each in group.params if getattr(each, "is_flag", False) for name in each.opts}
    return own.union(*map(_flags, commands))
