"""merge: the shards of a scan as one report."""

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
def merge(
    ledgers: Annotated[
        list[Path], typer.Argument(metavar="LEDGERS…", help="The ledger of each shard of one scan.")
    ],
    outputs: OutputArguments,
    given: Given,
    workers: WorkersOption = CPUS,
) -> None:
    """Join the ledgers of all shards of a scan, and write what one scan of everything would have written.

    Example: screener merge shard-*.sqlite --out report.pdf
    """

    def command(ending: "Ending") -> ExitCode:
        from screener.options import MergeOptions

        options = MergeOptions(
            **outputs.options(),
            ledgers=tuple(ledgers),
            workers=workers,
        )
        ending.begin(options)
        from screener.commands.merge import merge as join  # takes a second to load

        return join(options, ending)

    finish_with_summary(command, given)
