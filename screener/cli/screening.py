"""scan: what a hospital's night runs."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli.common import (
    AUTO,
    CPUS,
    EXIT_CODES,
    DefaultPopulationOption,
    LogFileOption,
    LogFormatOption,
    ModelOption,
    PopulationOption,
    app,
    finish_with_summary,
    named_population,
)
from screener.cli.groups import Given, with_groups
from screener.cli.output_options import OutputArguments
from screener.errors import ExitCode
from screener.resources import shipped_model

if TYPE_CHECKING:
    from screener.commands.ending import Ending
    from screener.reporting.dated import DatedReports


@app.command(epilog=EXIT_CODES)
@with_groups
def scan(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATHS…", help="Folders or files: DICOM, JPEG, PNG; or s3://, gs://, az:// of a store."
        ),
    ],
    outputs: OutputArguments,
    given: Given,
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
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="N|Nd",
            help="With {date} in --out: delete all but the last N reports, or those of the last N days.",
        ),
    ] = None,
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
    monitor: Annotated[
        bool,
        typer.Option(
            "--monitor",
            help="Also say, on a page of the PDF, whether anything has changed at this site: see 'screener "
            "monitor'.",
        ),
    ] = False,
    monitor_baseline: Annotated[
        str | None,
        typer.Option(
            metavar="FROM/TO",
            help="Days that --monitor compares with; default: the ledger's first 90, or half of all.",
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
    log_file: LogFileOption = None,
    log_format: LogFormatOption = "text",
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
) -> None:
    """Screen folders of studies into a worklist (CSV), totals (JSON) and a report (PDF).

    Every file seen ends as screened, ineligible, failed or ignored, and the totals add up.
    A file that cannot be read does not affect the others.

    Example: screener scan /studies --out report.pdf
    """

    def run(ending: "Ending") -> ExitCode:
        from screener.engines.starting import start_ahead
        from screener.locations import as_location
        from screener.options import ScanOptions
        from screener.reporting.dated import DatedReports

        dated = DatedReports.of(outputs.out, keep, date.today())
        options = ScanOptions(
            **_of_today(outputs, dated).options(),
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
            monitor=monitor,
            monitor_baseline=monitor_baseline,
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
        if engine == "local":
            start_ahead()
        from screener.commands.scan import scan as command  # takes a second to load

        return command(options, dated, ending, log)

    finish_with_summary(run, given)


def _of_today(outputs: OutputArguments, dated: "DatedReports") -> OutputArguments:
    """Return the outputs with the date in their names, where {date} stands in them."""
    listed = None if outputs.files_csv is None else dated.named(outputs.files_csv)
    return replace(outputs, out=dated.named(outputs.out), files_csv=listed)
