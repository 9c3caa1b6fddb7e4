"""status, ledger: what an administrator asks of a ledger, and does to it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, app, finish
from screener.errors import ExitCode, UsageError

ledger_app = typer.Typer(
    no_args_is_help=True, help="Look after a ledger: what it holds, check, back up, shrink, forget."
)
app.add_typer(ledger_app, name="ledger")

LedgerOption = Annotated[Path, typer.Option("--ledger", metavar="PATH", help="The ledger of the scans.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command(epilog=EXIT_CODES)
def status(
    ledger: LedgerOption,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="How many of the last runs to show.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Show the last runs, what they found, what is waiting, and whether a run holds the ledger now.

    Takes nothing and changes nothing: it may be asked while a scan runs.

    Example: screener status --ledger ledger.sqlite
    """

    def run() -> ExitCode:
        from screener.commands.status import status as command

        return command(ledger, runs, as_json)

    finish(run)


@ledger_app.command("info", epilog=EXIT_CODES)
def ledger_info(ledger: LedgerOption, as_json: JsonOption = False) -> None:
    """Show what a ledger holds: format, size, runs, files, marks."""

    def run() -> ExitCode:
        from screener.commands.ledger import info

        return info(ledger, as_json)

    finish(run)


@ledger_app.command("runs", epilog=EXIT_CODES)
def ledger_runs(ledger: LedgerOption, as_json: JsonOption = False) -> None:
    """List all runs that a ledger knows, by the numbers that 'screener report --run' takes."""

    def run() -> ExitCode:
        from screener.commands.ledger import runs

        return runs(ledger, as_json)

    finish(run)


@ledger_app.command("check", epilog=EXIT_CODES)
def ledger_check(ledger: LedgerOption) -> None:
    """Check every page and row of a ledger; a damaged one ends with exit code 2."""

    def run() -> ExitCode:
        from screener.commands.ledger import check

        return check(ledger)

    finish(run)


@ledger_app.command("backup", epilog=EXIT_CODES)
def ledger_backup(
    ledger: LedgerOption,
    to: Annotated[Path, typer.Option("--to", metavar="PATH", help="The copy; an older one is replaced.")],
) -> None:
    """Copy a ledger whole and consistent, and check the copy.

    Example: screener ledger backup --ledger ledger.sqlite --to /backup/ledger.sqlite
    """

    def run() -> ExitCode:
        from screener.commands.ledger import backup

        return backup(ledger, to)

    finish(run)


@ledger_app.command("vacuum", epilog=EXIT_CODES)
def ledger_vacuum(ledger: LedgerOption) -> None:
    """Give the disk back the room that overtaken and forgotten results leave."""

    def run() -> ExitCode:
        from screener.commands.ledger import compact

        return compact(ledger)

    finish(run)


@ledger_app.command("forget", epilog=EXIT_CODES)
def ledger_forget(
    ledger: LedgerOption,
    patient: Annotated[
        str | None,
        typer.Option(
            "--patient",
            metavar="ID|-",
            help="All that is known of this patient ID; - reads it from standard input.",
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option("--study", metavar="UID", help="This study; one without a UID by its file, as listed."),
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than",
            metavar="10y|18m|90d",
            help="Images of an earlier date that lie in no folder any more.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much that would be.")] = False,
) -> None:
    """Erase what privacy law asks to erase: results, file names, marks; the file is written anew without it.

    Runs keep their totals. 'screener report' of a past run lists what is left, and says how much is gone.

    Example: screener ledger forget --ledger ledger.sqlite --older-than 10y
    """

    def run() -> ExitCode:
        from datetime import date

        from screener.commands.ledger import before_of, forget_what
        from screener.ledger.forget import Whose

        if sum(each is not None for each in (patient, study, older_than)) != 1:
            raise UsageError("options.whose")
        whose = sys.stdin.readline().strip() if patient == "-" else patient
        before = None if older_than is None else before_of(older_than, date.today())
        return forget_what(ledger, Whose(patient=whose, study=study, before=before), dry_run)

    finish(run)
