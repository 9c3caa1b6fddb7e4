"""monitor: whether images, scores or readers have changed."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, app, finish
from screener.cli.ledgers import LedgerOption
from screener.cli.output_options import LanguageOption
from screener.errors import ExitCode
from screener.said import ENGLISH


@app.command(epilog=EXIT_CODES)
def monitor(
    ledger: LedgerOption,
    out: Annotated[Path, typer.Option("--out", metavar="MONITOR.html", help="The page.")],
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="FROM/TO",
            help="Days to compare with, as in 2026-01-01/2026-03-31; default: the first 90, or half of all.",
        ),
    ] = None,
    language: LanguageOption = ENGLISH,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write all figures for programs.")
    ] = None,
) -> None:
    """Show what has changed at this site: scores, share flagged, machines, ages, images, readers' agreement.

    Says what moved, when, and since which machine. Changes nothing, and may run while a scan does.

    Example: screener monitor --ledger ledger.sqlite --out monitor.html
    """

    def run() -> ExitCode:
        from screener.commands.monitor import monitor as command

        return command(ledger, out, baseline, json, language)

    finish(run)
