"""install-service: what makes a machine run Screener every night."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, app, finish
from screener.errors import ExitCode


@app.command("install-service", epilog=EXIT_CODES)
def install_service(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the files.")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace files that say something else; never /etc/screener.toml."),
    ] = False,
    studies: Annotated[
        str,
        typer.Option("--studies", metavar="DIR", help="Where the studies lie, for unit and screener.toml."),
    ] = "/studies",
    root: Annotated[
        Path,
        typer.Option("--root", metavar="DIR", help="Write below this folder, for an image or a package."),
    ] = Path("/"),
) -> None:
    """Write systemd unit and timer, account, folders, log rotation, completion and /etc/screener.toml.

    Starts nothing, and says what to do next.

    Example: screener install-service --dry-run
    """

    def run() -> ExitCode:
        from screener.commands.install_service import install_service as command

        return command(root, studies, dry_run, replace)

    finish(run)
