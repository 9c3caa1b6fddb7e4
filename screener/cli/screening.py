"""scan, explain, doctor, models: what a hospital's night needs."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    CPUS,
    EXIT_CODES,
    DefaultPopulationOption,
    ModelOption,
    PopulationOption,
    app,
    finish,
    finish_with_summary,
    named_population,
)
from screener.cli.output_options import (
    CardsOption,
    ExcelOption,
    FilesCsvOption,
    HtmlImagesOption,
    HtmlOption,
    KeyOption,
    LogoOption,
    ModeOption,
    NamesOption,
    NoPdfOption,
    OutOption,
    PaperOption,
    PseudonymiseOption,
    RowsOption,
    SiteOption,
    SummaryOption,
    TemplateOption,
    TitleOption,
    outputs_asked,
)
from screener.errors import ExitCode
from screener.options import CARDS, HTML_IMAGES, PDF_ROWS
from screener.resources import shipped_model

if TYPE_CHECKING:
    from screener.commands.ending import Ending

models_app = typer.Typer(no_args_is_help=True, help="List the installed models, or verify their checksums.")
app.add_typer(models_app, name="models")


@app.command(epilog=EXIT_CODES)
def scan(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATHS…", help="Folders or files: DICOM, JPEG, PNG; or s3://, gs://, az:// of a store."
        ),
    ],
    out: OutOption,
    model: ModelOption = None,
    operating_point: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="high_sensitivity, balanced or high_specificity; default: the model's."
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Flag from this printed probability on, 0..1; then nothing is validated."
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Share of pneumonia among your patients, 0..1: moves probabilities and threshold together.",
        ),
    ] = None,
    population: PopulationOption = AUTO,
    default_population: DefaultPopulationOption = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Worker processes; default: one per CPU, with a cluster of its CPUs."),
    ] = None,
    batch_size: Annotated[
        int, typer.Option(metavar="N", help="Most images that a worker takes at a time.")
    ] = 16,
    no_pdf: NoPdfOption = False,
    html: HtmlOption = False,
    html_images: HtmlImagesOption = HTML_IMAGES,
    files_csv: FilesCsvOption = None,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="N|Nd",
            help="With {date} in --out: delete all but the last N reports, or those of the last N days.",
        ),
    ] = None,
    mode: ModeOption = "0600",
    excel: ExcelOption = False,
    summary: SummaryOption = None,
    include_names: NamesOption = False,
    pseudonymise: PseudonymiseOption = False,
    pseudonym_key: KeyOption = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Remember results here: a killed run goes on, and unchanged files are not screened again.",
        ),
    ] = None,
    new_only: Annotated[
        bool,
        typer.Option(
            "--new-only",
            help="List only studies with an image that is new, changed or readable since an earlier report.",
        ),
    ] = False,
    max_wait: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS",
            help="Lift unflagged studies that the ledger first saw longer ago, to just below the flagged.",
        ),
    ] = None,
    settle: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="Leave files younger than this, which may still be arriving, for the next run.",
        ),
    ] = 0.0,
    file_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="Stop decoding a file after this time.")
    ] = 60.0,
    file_memory: Annotated[
        int, typer.Option(metavar="MB", help="Memory that decoding a file may take.")
    ] = 4096,
    log_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Append the log to a file, not to standard error.")
    ] = None,
    log_format: Annotated[str, typer.Option(metavar="text|json", help="How log lines are written.")] = "text",
    on_success: Annotated[
        str | None,
        typer.Option(
            metavar="CMD",
            help="Run this command after exit code 0 or 3; SCREENER_RUN_… tell it what came out.",
        ),
    ] = None,
    on_failure: Annotated[
        str | None, typer.Option(metavar="CMD", help="Run this command after any other exit code.")
    ] = None,
    ping: Annotated[
        str | None,
        typer.Option(
            metavar="URL|@FILE",
            help="Ask this address, or the one in a file, at start (/start) and end (as it is, or /fail).",
        ),
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option(metavar="FILE.prom", help="Write the run's figures for Prometheus, by node_exporter."),
    ] = None,
    engine: Annotated[
        str, typer.Option(metavar="local|ray", help="Where images are screened: on this machine, or by Ray.")
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            metavar="auto|HOST:PORT|ray://HOST:PORT",
            help="A Ray cluster that runs already; default: start a Ray on this machine, for this scan.",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Screen the I-th of N slices, no study divided; 'screener merge' joins their ledgers.",
        ),
    ] = None,
    paper: PaperOption = "a4",
    cards: CardsOption = CARDS,
    pdf_rows: RowsOption = PDF_ROWS,
    title: TitleOption = "",
    site: SiteOption = "",
    logo: LogoOption = None,
    template: TemplateOption = None,
) -> None:
    """Screen folders of studies into a worklist (CSV), totals (JSON) and a report (PDF).

    Every file seen ends as screened, ineligible, failed or ignored, and the totals add up.
    A file that cannot be read does not affect the others.

    Example: screener scan /studies --out report.pdf
    """
    given = locals()

    def run(ending: "Ending") -> ExitCode:
        from screener.locations import as_location
        from screener.options import ScanOptions
        from screener.reporting.dated import DatedReports

        dated = DatedReports.of(out, keep, date.today())
        options = ScanOptions(
            **outputs_asked(dated.dated(given)),
            paths=tuple(map(as_location, paths)),
            model=model or shipped_model(),
            operating_point=operating_point,
            threshold=threshold,
            prevalence=prevalence,
            population=named_population(population),
            default_population=default_population,
            workers=CPUS if workers is None else workers,
            batch_size=batch_size,
            ledger=ledger,
            new_only=new_only,
            max_wait=max_wait,
            settle=settle,
            file_timeout=file_timeout,
            file_memory=file_memory,
            log_file=log_file,
            log_format=log_format,
            engine=engine,
            ray_address=ray_address,
            ray_workers=workers,
            shard=shard,
        )
        log = ending.begin(options)
        from screener.commands.scan import scan as command  # takes a second to load

        return command(options, dated, ending, log)

    finish_with_summary(run, given)


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
