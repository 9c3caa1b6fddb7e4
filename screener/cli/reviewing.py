"""review: what readers made of a report's studies."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, app, finish
from screener.errors import ExitCode


@app.command(epilog=EXIT_CODES)
def review(
    marks: Annotated[
        list[Path], typer.Argument(metavar="MARKS.json…", help="Marks as the report's page saves them.")
    ],
    ledger: Annotated[
        Path, typer.Option(metavar="PATH", help="The ledger that the marked reports were scanned with.")
    ],
    reader: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who made the marks; default: whom the file names.")
    ] = None,
    pseudonym_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The key of the marked reports, where they show pseudonyms."),
    ] = None,
) -> None:
    """Record readers' marks in the ledger, and print how far they agree with the reports.

    Example: screener review --ledger ledger.sqlite marks.json
    """

    def command() -> ExitCode:
        from screener.commands.review import review as record
        from screener.reporting.review import ReviewOptions

        return record(
            ReviewOptions(ledger=ledger, marks=tuple(marks), reader=reader, pseudonym_key=pseudonym_key)
        )

    finish(command)
