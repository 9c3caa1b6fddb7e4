"""audit: the journal of who did what when, and whether it is whole."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, app, finish
from screener.cli.ledgers import JsonOption, LedgerOption
from screener.errors import ExitCode

audit_app = typer.Typer(
    no_args_is_help=True,
    help="Who scanned, published, marked and erased what, when: show it, and prove it whole.",
)
app.add_typer(audit_app, name="audit")


@audit_app.command("verify", epilog=EXIT_CODES)
def audit_verify(
    ledger: LedgerOption,
    anchor: Annotated[
        list[Path] | None,
        typer.Option(
            "--anchor", metavar="FILE", help="Lines that 'screener audit anchor' printed; repeatable."
        ),
    ] = None,
) -> None:
    """Find every entry of the audit journal that was changed, removed, put in or, by an anchor, cut off.

    Example: screener audit verify --ledger ledger.sqlite --anchor /elsewhere/anchors
    """

    def run() -> ExitCode:
        from screener.commands.audit import verify

        return verify(ledger, tuple(anchor or ()))

    finish(run)


@audit_app.command("anchor", epilog=EXIT_CODES)
def audit_anchor(ledger: LedgerOption) -> None:
    """Print the journal's head, to be kept on another machine: then nothing before it can change unseen.

    Example: screener audit anchor --ledger ledger.sqlite | ssh elsewhere 'cat >> anchors'
    """

    def run() -> ExitCode:
        from screener.commands.audit import anchor

        return anchor(ledger)

    finish(run)


@audit_app.command("show", epilog=EXIT_CODES)
def audit_show(
    ledger: LedgerOption,
    last: Annotated[
        int | None, typer.Option("--last", metavar="N", min=1, help="Only the last N entries.")
    ] = None,
    study: Annotated[
        str | None, typer.Option("--study", metavar="UID", help="Only entries that name this study.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the audit journal: who did what when; studies stand in it as keyed hashes."""

    def run() -> ExitCode:
        from screener.commands.audit import show

        return show(ledger, last, study, as_json)

    finish(run)
