"""What every command shares: the application, common options, and the way out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from screener import __version__
from screener.cli.config_option import add_config_option
from screener.cli.wrong_line import told_in_language
from screener.errors import ExitCode, ScreenerError
from screener.runtime import CPUS as CPUS  # the default of every command that has --workers

if TYPE_CHECKING:
    from screener.commands.ending import Ending

EXIT_CODES = """Exit codes: 0 done · 1 a bug · 2 usage · 3 done, some images failed · 4 model rejected ·
5 this machine lacks what Screener needs · 6 an output cannot be written · 7 another run holds the ledger ·
130 interrupted."""

# The order of a user's life: the nightly list first, then what goes with it, then the model.
COMMANDS = (
    *("scan", "report", "review", "merge"),
    *("pull", "receive", "publish"),
    *("status", "monitor", "ledger", "audit", "config", "install-service"),
    *("doctor", "explain", "models", "simulate"),
    *("evaluate", "calibrate", "gate", "train"),
)


class CommandsInOrderOfUse(TyperGroup):
    """Lists the commands in the order of COMMANDS, whatever the order in which modules define them.

    Each has --config, see config_option.py.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        add_config_option(self.commands)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, those that COMMANDS lacks last."""
        known = [name for name in COMMANDS if name in self.commands]
        return known + [name for name in super().list_commands(ctx) if name not in COMMANDS]

    def make_context(self, *given: Any, **named: Any) -> Any:
        """Parse what comes before the command's name."""
        with told_in_language(app, self):
            return super().make_context(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        """Parse the rest of the command line, and run the command."""
        with told_in_language(app, self):
            return super().invoke(ctx)


app = typer.Typer(
    name="screener",
    cls=CommandsInOrderOfUse,
    help="Batch screening of chest radiographs for likely pneumonia: a worklist and a report, likely "
    "pneumonia first. Decision support for research and quality work, not a medical device.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    context_settings={"auto_envvar_prefix": "SCREENER"},  # SCREENER_SCAN_OUT
    pretty_exceptions_enable=False,  # its tracebacks print local values: identifiers among them
)

ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Model folder; default: the shipped model.")
]
AUTO = "auto"
PopulationOption = Annotated[
    str,
    typer.Option(
        "--population",
        metavar="children|adults|auto",
        help="Read all images as those of one population, by the name that the model has for it; "
        "auto goes by the patient's age.",
    ),
]
DefaultPopulationOption = Annotated[
    str | None,
    typer.Option(
        "--default-population",
        metavar="NAME",
        help="Population for images without an age; default: the model's, for the shipped one adults.",
    ),
]
WorkersOption = Annotated[int, typer.Option(metavar="N", help="Worker processes; default: one per CPU.")]
LogFileOption = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Append the log to a file, not to standard error.")
]
LogFormatOption = Annotated[str, typer.Option(metavar="text|json", help="How log lines are written.")]


def named_population(option: str) -> str | None:
    """Return the population that --population names; None where the patient's age is to decide."""
    return None if option == AUTO else option


@app.callback(invoke_without_command=True)
def _screener(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", allow_from_autoenv=False)
    ] = False,
) -> None:
    if version:
        typer.echo(f"screener {__version__}")
        raise typer.Exit


def finish(command: Callable[[], ExitCode]) -> NoReturn:
    """Run a command and exit with its code; known errors become one clear message."""
    from screener.commands.console_language import told
    from screener.engines.machine import check_memory

    try:
        check_memory()
        code = command()
    except ScreenerError as error:
        typer.echo(told("commands.error", error=error), err=True)
        code = error.exit_code
    except KeyboardInterrupt:
        typer.echo(told("commands.interrupted"), err=True)
        code = ExitCode.INTERRUPTED
    raise typer.Exit(int(code))


_NOTICES = ("on_success", "on_failure", "ping", "metrics")


def finish_with_summary(command: "Callable[[Ending], ExitCode]", given: Mapping[str, Any]) -> NoReturn:
    """Run a command whose summary and log say how it ended, whatever ends it; exit with its code.

    given: the command's parameters by name, as typed: see groups.Given.
    """
    from screener.commands.ending import Ending

    ending = Ending(given)
    if not any(given.get(name) for name in _NOTICES):
        raise typer.Exit(int(ending.watch(command)))
    from screener.commands.notices import Notices, watch_with_notices

    notices = Notices(**{name: given[name] for name in (*_NOTICES, "ledger")})
    raise typer.Exit(int(watch_with_notices(ending, command, notices)))
