"""report: what a past run wrote, once more."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli.common import CPUS, EXIT_CODES, WorkersOption, app, finish_with_summary
from screener.cli.groups import Given, with_groups
from screener.cli.output_options import OutputArguments
from screener.errors import ExitCode

if TYPE_CHECKING:
    from screener.commands.ending import Ending


@app.command(epilog=EXIT_CODES)
@with_groups
def report(
    outputs: OutputArguments,
    given: Given,
    ledger: Annotated[Path, typer.Option(metavar="PATH", help="The ledger that the run was scanned with.")],
    run: Annotated[
        int | None, typer.Option(metavar="N", help="Number of the run; default: the last one.")
    ] = None,
    workers: WorkersOption = CPUS,
) -> None:
    """Write a past run's worklist, totals and report again, from the ledger, without scanning.

    Example: screener report --ledger ledger.sqlite --out again.pdf
    """

    def command(ending: "Ending") -> ExitCode:
        from screener.options import ReportOptions

        options = ReportOptions(
            **outputs.options(),
            ledger=ledger,
            run=run,
            workers=workers,
        )
        ending.begin(options)
        from screener.commands.report import report as rerender  # takes a second to load

        return rerender(options, ending)

    finish_with_summary(command, given)
