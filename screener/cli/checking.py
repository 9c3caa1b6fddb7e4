"""explain, doctor, models: what becomes of one file, what this machine lacks, which models it has."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.archives import (
    AetOption,
    CaOption,
    CredentialsOption,
    TlsCaOption,
    TlsCertOption,
    TlsKeyOption,
)
from screener.cli.common import (
    AUTO,
    EXIT_CODES,
    DefaultPopulationOption,
    ModelOption,
    PopulationOption,
    app,
    finish,
    named_population,
)
from screener.errors import ExitCode
from screener.resources import shipped_model

models_app = typer.Typer(no_args_is_help=True, help="List the installed models, or verify their checksums.")
app.add_typer(models_app, name="models")


@app.command(epilog=EXIT_CODES)
def explain(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="One DICOM, JPEG or PNG file, or its URL in a store.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the pictures go.")],
    model: ModelOption = None,
    population: PopulationOption = AUTO,
    default_population: DefaultPopulationOption = None,
) -> None:
    """Show what becomes of one file: the tags used, each step as a picture, or why it is refused.

    Example: screener explain image.dcm --out explained
    """

    def run() -> ExitCode:
        from screener.commands.explain import explain as command
        from screener.locations import as_location

        return command(
            as_location(file), out, model or shipped_model(), named_population(population), default_population
        )

    finish(run)


@app.command(epilog=EXIT_CODES)
def doctor(
    model: ModelOption = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="REPORT.pdf", help="Also check that a report could be written there."),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Also check that this ledger can be used.")
    ] = None,
    archive: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Also check what this archive lets the machine do: https://HOST[:PORT]/PATH of DICOMweb, "
            "or dicom://AET@HOST:PORT.",
        ),
    ] = None,
    credentials: CredentialsOption = None,
    ca: CaOption = None,
    aet: AetOption = "SCREENER",
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    tls_ca: TlsCaOption = None,
) -> None:
    """Check what 'scan' needs on this machine: libraries, decoders, model, fonts, write access.

    Nothing is ever stored in an archive that is checked.
    """

    def run() -> ExitCode:
        from screener.archives.check import check_archive
        from screener.archives.dimse.entity import Tls
        from screener.commands.doctor import doctor as command
        from screener.locations import as_location

        tls = Tls.of(tls_cert, tls_key, tls_ca)
        steps = check_archive(archive, credentials, ca, aet, tls) if archive else ()
        return command(model or shipped_model(), as_location(out) if out else None, ledger, steps)

    finish(run)


@models_app.command("list")
def models_list() -> None:
    """List the installed models with their operating points at the default prevalence."""

    def run() -> ExitCode:
        from screener.commands.models import list_models

        return list_models()

    finish(run)


@models_app.command("verify")
def models_verify(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR…", help="Default: all installed.")
    ] = None,
) -> None:
    """Check every file of a model folder against its checksum."""

    def run() -> ExitCode:
        from screener.commands.models import verify_models

        return verify_models(tuple(folders or ()))

    finish(run)
