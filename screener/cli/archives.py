"""pull, receive: images out of an archive, into the folder that scan reads."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import EXIT_CODES, LogFileOption, LogFormatOption, app, finish
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
    Path, typer.Option("--to", metavar="INBOX", help="Folder for the images, which 'scan' is given.")
]
AetOption = Annotated[
    str, typer.Option("--aet", metavar="AET", help="AE title under which the archive knows this machine.")
]

TlsCertOption = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert", metavar="FILE", help="With DIMSE: speak TLS only, with this certificate (PEM)."
    ),
]
TlsKeyOption = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", help="The private key of --tls-cert (PEM).")
]
TlsCaOption = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca", metavar="FILE", help="Authority whose certificate the other side must have (PEM)."
    ),
]


@app.command(epilog=EXIT_CODES)
def pull(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="Root of the DICOMweb service, https://HOST[:PORT]/PATH; or dicom://AET@HOST:PORT of an "
            "archive without one.",
        ),
    ],
    inbox: InboxOption,
    since_days: Annotated[
        int, typer.Option(metavar="DAYS", help="How many days before today studies may be of.")
    ] = 3,
    modality: Annotated[str, typer.Option(metavar="CR,DX", help="Modalities of the images.")] = "CR,DX",
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Ledger of 'scan': images that it knows are not pulled again."),
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
    aet: AetOption = "SCREENER",
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            help="With dicom://: receive here what the archive sends; default: 'screener receive' runs "
            "on the same inbox.",
        ),
    ] = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    tls_ca: TlsCaOption = None,
    missed_csv: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="List what was not had by its UIDs, which messages never hold (mode 0600)."
        ),
    ] = None,
) -> None:
    """Bring new chest radiographs of the last days from an archive into a folder.

    What lies in the folder, or is known to the ledger, is not brought again.

    Example: screener pull https://pacs.example.org/dicom-web --to /var/lib/screener/inbox
    """

    def run() -> ExitCode:
        from screener.archives.dimse.entity import Tls
        from screener.arrivals.hours import Hours
        from screener.arrivals.pull import PullOptions
        from screener.commands.pull import pull as command
        from screener.commands.pull import source_of

        options = PullOptions(
            source=source_of(url, credentials, ca, aet, Tls.of(tls_cert, tls_key, tls_ca)),
            inbox=inbox,
            since_days=since_days,
            modalities=tuple(modality.split(",")),
            ledger=ledger,
            workers=workers,
            hours=Hours.of(not_before, not_after),
        )
        return command(options, missed_csv, port)

    finish(run)


@app.command(epilog=EXIT_CODES)
def receive(
    inbox: InboxOption,
    aet: AetOption = "SCREENER",
    port: Annotated[int, typer.Option(metavar="PORT", help="Where to listen.")] = 11112,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Listen on this address alone; default: on all.")
    ] = "",
    calling: Annotated[
        list[str] | None,
        typer.Option(metavar="AET", help="AE title that may send; default: any."),
    ] = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    tls_ca: TlsCaOption = None,
    min_free: Annotated[
        str, typer.Option(metavar="SIZE", help="Take no image while less of the disk is free: MB, GB, TB.")
    ] = "2GB",
    max_associations: Annotated[int, typer.Option(metavar="N", help="Most associations at a time.")] = 10,
    idle_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="Drop a sender that is silent for so long.")
    ] = 30.0,
    log_file: LogFileOption = None,
    log_format: LogFormatOption = "text",
) -> None:
    """Receive images that an archive or a modality sends (C-STORE), into a folder, until SIGTERM.

    A sender hears of success once its image is on disk. Needs pip install 'cxr-screener[pacs]'.

    Example: screener receive --to /var/lib/screener/inbox --aet SCREENER --port 11112 --calling PACS
    """

    def run() -> ExitCode:
        from screener.archives.dimse.entity import Tls, ae_title
        from screener.archives.dimse.scp import Listening
        from screener.arrivals.receive import ReceiveOptions, as_bytes
        from screener.commands.receive import receive as command

        listening = Listening(
            aet=ae_title("--aet", aet),
            port=port,
            parts=inbox,
            host=host,
            calling=tuple(ae_title("--calling", each) for each in calling or ()),
            tls=Tls.of(tls_cert, tls_key, tls_ca),
            associations=max_associations,
            silence=idle_timeout,
        )
        options = ReceiveOptions(inbox=inbox, listening=listening, min_free=as_bytes("--min-free", min_free))
        return command(options, log_file, log_format)

    finish(run)
