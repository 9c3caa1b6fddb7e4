"""publish: results to where radiologists look."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.archives import CaOption, CredentialsOption, TlsCaOption, TlsCertOption, TlsKeyOption
from screener.cli.common import EXIT_CODES, app, finish
from screener.cli.output_options import ModeOption
from screener.errors import ExitCode


@app.command(epilog=EXIT_CODES)
def publish(
    ledger: Annotated[
        Path, typer.Option(metavar="PATH", help="The ledger that the studies were scanned with.")
    ],
    to: Annotated[
        str,
        typer.Option(metavar="PLACE", help="A folder, https://HOST/dicom-web or dicom://AET@HOST:PORT."),
    ],
    run: Annotated[
        int | None,
        typer.Option(metavar="N", help="One run by its number; default: all that the place may lack."),
    ] = None,
    dicom: Annotated[
        str,
        typer.Option(
            metavar="sr,pdf,sc,gsps",
            help="Which objects to make of each study, joined by commas; the last two show "
            "where the map points.",
        ),
    ] = "sr",
    contour: Annotated[
        bool,
        typer.Option(
            "--contour", help="Let reports of flagged studies outline where the map points (TID 1410)."
        ),
    ] = False,
    also_unscreened: Annotated[
        bool,
        typer.Option(help="Also report studies of which no image could be screened, and say so there."),
    ] = True,
    fhir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write a FHIR bundle of each study there.")
    ] = None,
    fhir_release: Annotated[
        str,
        typer.Option(
            metavar="R4|R5",
            help="Release of FHIR that --fhir writes; R5 names the profiles of HL7's guide for DICOM SR.",
        ),
    ] = "R4",
    hl7: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also write an HL7 v2.5.1 message (ORU^R01) of each study there."),
    ] = None,
    withdraw: Annotated[
        bool,
        typer.Option(
            "--withdraw",
            help="Call withdrawn what was published there, of one run with --run; nothing is deleted.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do all but send: count what would be sent and what refused.")
    ] = False,
    credentials: CredentialsOption = None,
    ca: CaOption = None,
    aet: Annotated[str, typer.Option(metavar="AET", help="Our own AE title, for dicom://.")] = "SCREENER",
    commit_port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            help="Ask for storage commitment, and listen there for the answer; for dicom://.",
        ),
    ] = None,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    tls_ca: TlsCaOption = None,
    timezone: Annotated[
        str,
        typer.Option(
            metavar="ZONE",
            help="Time zone of the times in results, as Europe/Berlin or +0100; default: that of the scan. "
            "An image that names its own keeps it.",
        ),
    ] = "",
    mode: ModeOption = "0600",
) -> None:
    """Publish results as DICOM objects in their studies: a structured report each, by default.

    What the place has acknowledged is not sent again; where patient or study have changed since the scan,
    nothing is sent.

    Example: screener publish --ledger ledger.sqlite --to /outbox
    """

    def command() -> ExitCode:
        from screener.cli.output_options import octal
        from screener.options.publish import PublishOptions

        options = PublishOptions(
            ledger=ledger,
            to=to,
            run=run,
            objects=tuple(each.strip() for each in dicom.split(",") if each.strip()),
            contour=contour,
            also_unscreened=also_unscreened,
            fhir=fhir,
            fhir_release=fhir_release,
            hl7=hl7,
            withdraw=withdraw,
            dry_run=dry_run,
            credentials=credentials,
            ca=ca,
            aet=aet,
            commit_port=commit_port,
            tls=(tls_cert, tls_key, tls_ca),
            timezone=timezone,
            mode=octal(mode),
        )
        from screener.commands.publish import publish as send  # takes a second to load

        return send(options)

    finish(command)
