"""merge: the shards of a scan as one report."""

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
def merge(
    ledgers: Annotated[
        list[Path], typer.Argument(metavar="LEDGERS…", help="The ledger of each shard of one scan.")
    ],
    out: OutOption,
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
    """Join the ledgers of all shards of a scan, and write what one scan of everything would have written.

    Example: screener merge shard-*.sqlite --out report.pdf
    """
    given = locals()

    def command(ending: "Ending") -> ExitCode:
        from screener.options import MergeOptions

        options = MergeOptions(
            **outputs_asked(given),
            ledgers=tuple(ledgers),
            workers=workers,
        )
        ending.begin(options)
        from screener.commands.merge import merge as join  # takes a second to load

        return join(options, ending)

    finish_with_summary(command, given)
