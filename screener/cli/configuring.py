"""--config of every command, and config: one file for all options, checked and shown."""

import typing
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin

import typer

from screener.cli.common import EXIT_CODES, app, finish
from screener.config.settings import Setting, Settings, named
from screener.errors import ExitCode

config_app = typer.Typer(no_args_is_help=True, help="Check, or show, the file that holds the options.")
app.add_typer(config_app, name="config")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The file; default: $SCREENER_CONFIG, /etc/screener.toml."),
]


@config_app.command("check", epilog=EXIT_CODES)
def config_check(config: ConfigOption = None) -> None:
    """Check a configuration file: every table, option and type; faults are named by line.

    Example: screener config check --config screener.toml
    """

    def run() -> ExitCode:
        from screener.commands.config import check

        return check(config, settings_of(app))

    finish(run)


@config_app.command("show", epilog=EXIT_CODES)
def config_show(config: ConfigOption = None) -> None:
    """Show which options come from the file and which from SCREENER_… variables, which go above it."""

    def run() -> ExitCode:
        from screener.commands.config import show

        return show(config, settings_of(app))

    finish(run)


@config_app.command("schema", epilog=EXIT_CODES)
def config_schema() -> None:
    """Print the JSON Schema of the file, for editors."""

    def run() -> ExitCode:
        from screener.commands.config import schema

        return schema(settings_of(app))

    finish(run)


def settings_of(application: typer.Typer, above: str = "") -> Settings:
    """Return all options of all commands of an application, groups opened, but for those of config."""
    found: dict[str, dict[str, Setting]] = {}
    for command in application.registered_commands:
        if command.callback is not None:
            name = command.name or command.callback.__name__.replace("_", "-")
            found[above + name] = dict(_settings(command.callback))
    for group in application.registered_groups:
        if group.typer_instance is not None and group.typer_instance is not config_app:
            found.update(settings_of(group.typer_instance, f"{group.name} "))  # type: ignore[arg-type]
    return found


def _settings(callback: Any) -> Iterator[tuple[str, Setting]]:
    for parameter, annotation in typing.get_type_hints(callback, include_extras=True).items():
        if get_origin(annotation) is not Annotated:
            continue
        kind, info = get_args(annotation)[:2]
        many, kind = _plain(kind)
        # Within Annotated the first name stands where a default would.
        typed = (info.default, *(getattr(info, "param_decls", None) or ()))
        options = [each for each in typed if isinstance(each, str) and each.startswith("--")]
        name = options[0].split("/")[0].removeprefix("--") if options else named(parameter)
        yield name, Setting(parameter, kind, many, " ".join((info.help or "").split()))


def _plain(kind: Any) -> tuple[bool, type]:
    """Return whether a parameter takes many values, and the type of one as a file has it."""
    if get_origin(kind) in (typing.Union, UnionType):
        [kind] = [each for each in get_args(kind) if each is not NoneType]
    many = get_origin(kind) is list
    one = get_args(kind)[0] if many else kind
    return many, one if one in (int, float, bool) else str
