"""pull: films out of an archive, into the folder that scan reads."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, app, finish
from screener.errors import ExitCode

CredentialsOption = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help="File of one line, USER:PASSWORD or 'Bearer TOKEN'; default: what "
        "SCREENER_ARCHIVE_CREDENTIALS holds.",
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option(
        "--ca", metavar="FILE", help="Trust the certificates in this PEM file; default: the machine's."
    ),
]
InboxOption = Annotated[
    Path, typer.Option("--to", metavar="INBOX", help="Folder for the films, which 'scan' is given.")
]


@app.command(epilog=EXIT_CODES)
def pull(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Root of the DICOMweb service: https://HOST[:PORT]/PATH.")
    ],
    inbox: InboxOption,
    since_days: Annotated[
        int, typer.Option(metavar="DAYS", help="How many days before today studies may be of.")
    ] = 3,
    modality: Annotated[str, typer.Option(metavar="CR,DX", help="Modalities of the films.")] = "CR,DX",
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Ledger of 'scan': films that it knows are not pulled again."),
    ] = None,
    credentials: CredentialsOption = None,
    ca: CaOption = None,
    workers: Annotated[int, typer.Option(metavar="N", help="Connections to the archive, 1 to 8.")] = 2,
    not_before: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="Ask the archive only from this time on.")
    ] = None,
    not_after: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="Stop asking the archive at this time.")
    ] = None,
    missed_csv: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="List what was not had by its UIDs, which messages never hold (mode 0600)."
        ),
    ] = None,
) -> None:
    """Bring new chest films of the last days from an archive into a folder, by DICOMweb.

    What lies in the folder, or is known to the ledger, is not brought again.

    Example: screener pull https://pacs.example.org/dicom-web --to /var/lib/screener/inbox
    """

    def run() -> ExitCode:
        from screener.archives.address import WebAddress
        from screener.archives.credentials import Credentials
        from screener.archives.http import Access
        from screener.arrivals.hours import Hours
        from screener.arrivals.pull import PullOptions
        from screener.commands.pull import pull as command

        options = PullOptions(
            access=Access(WebAddress.of(url), Credentials.found(credentials), ca),
            inbox=inbox,
            since_days=since_days,
            modalities=tuple(modality.split(",")),
            ledger=ledger,
            workers=workers,
            hours=Hours.of(not_before, not_after),
        )
        return command(options, missed_csv)

    finish(run)
