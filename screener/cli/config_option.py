"""The option --config, which every command has: its value becomes the defaults of the others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from screener.errors import ScreenerError

HELP = (
    "Take options from this TOML file; default: /etc/screener.toml, if there is one. SCREENER_… variables go "
    "above it, the command line above both."
)


def add_config_option(commands: Mapping[str, Any]) -> None:
    """Give every command the option, those of groups too, unless it has one of that name."""
    for command in commands.values():
        for each in command.params:
            each.show_envvar = False  # --help would name a variable in each line
        if below := getattr(command, "commands", None):
            add_config_option(below)
        elif not any("--config" in each.opts for each in command.params):
            command.params.append(_made())


def _take(context: typer.Context, value: Path | None) -> None:
    """Make what the file says of the command its defaults; a file that cannot be used ends the command."""
    if context.resilient_parsing:  # the shell completes a line: nothing is run
        return
    from screener.config.file import found_config, read_config

    path = found_config(value)
    if path is None:
        return
    from screener.cli.configuring import settings_of
    from screener.commands.console_language import told

    words: list[str] = []
    at: Any = context
    while at.parent is not None:
        words.insert(0, str(at.info_name))
        at = at.parent
    try:
        context.default_map = read_config(path).values(" ".join(words), settings_of(_application()))
    except ScreenerError as error:
        typer.echo(told("commands.error", error=error), err=True)
        raise typer.Exit(int(error.exit_code)) from error


def _application() -> typer.Typer:
    from screener.cli.common import app

    return app


def _made() -> Any:
    """Return the option as Typer makes it, so that it looks and completes like any other."""
    alone = typer.Typer(add_completion=False)

    @alone.command()
    def command(
        config: Annotated[
            Path | None,
            typer.Option(
                "--config",
                metavar="FILE",
                envvar="SCREENER_CONFIG",
                is_eager=True,
                expose_value=False,
                callback=_take,
                help=HELP,
                show_envvar=False,
            ),
        ] = None,
    ) -> None: ...

    [option] = [each for each in typer.main.get_command(alone).params if each.name == "config"]
    return option
