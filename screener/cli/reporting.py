"""report: what a past run wrote, once more."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli.common import CPUS, EXIT_CODES, WorkersOption, app, finish_with_summary
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

if TYPE_CHECKING:
    from screener.commands.ending import Ending


@app.command(epilog=EXIT_CODES)
def report(
    out: OutOption,
    ledger: Annotated[Path, typer.Option(metavar="PATH", help="The ledger that the run was scanned with.")],
    run: Annotated[
        int | None, typer.Option(metavar="N", help="Number of the run; default: the last one.")
    ] = None,
    workers: WorkersOption = CPUS,
    no_pdf: NoPdfOption = False,
    html: HtmlOption = False,
    html_images: HtmlImagesOption = HTML_IMAGES,
    files_csv: FilesCsvOption = None,
    mode: ModeOption = "0600",
    excel: ExcelOption = False,
    summary: SummaryOption = None,
    include_names: NamesOption = False,
    pseudonymise: PseudonymiseOption = False,
    pseudonym_key: KeyOption = None,
    paper: PaperOption = "a4",
    cards: CardsOption = CARDS,
    pdf_rows: RowsOption = PDF_ROWS,
    title: TitleOption = "",
    site: SiteOption = "",
    logo: LogoOption = None,
    template: TemplateOption = None,
) -> None:
    """Write a past run's worklist, totals and report again, from the ledger, without scanning.

    Example: screener report --ledger ledger.sqlite --out again.pdf
    """
    given = locals()

    def command(ending: "Ending") -> ExitCode:
        from screener.options import ReportOptions

        options = ReportOptions(
            **outputs_asked(given),
            ledger=ledger,
            run=run,
            workers=workers,
        )
        ending.begin(options)
        from screener.commands.report import report as rerender  # takes a second to load

        return rerender(options, ending)

    finish_with_summary(command, given)
