"""What is written of a run, and how: shared by scan, report and merge."""

from dataclasses import dataclass, field
from pathlib import Path

from screener.errors import UsageError
from screener.locations import Location
from screener.options.checks import check_folder, check_known, check_least
from screener.said import ENGLISH, LANGUAGES

DEFAULT_MODE = 0o600
PAPERS = ("a4", "letter")
PDF_ROWS = 1000  # studies in the PDF's table, by rank: the CSV is complete, the PDF is for reading
CARDS = 50  # flagged studies shown with their picture, by rank
HTML_IMAGES = 200  # studies with an image in the triage page, by rank


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLook:
    """How the PDF report looks, and how much of the worklist it shows.

    cards: flagged studies with a picture. pdf_rows: screened studies in its table, by rank. title, site:
    printed on page 1; an empty title is that of the message catalogue. logo: a PNG or JPEG file.
    template: a folder whose templates, style and messages go before those shipped. language: of everything
    that people read; CSV and JSON are the same in all.
    """

    paper: str = "a4"
    cards: int = CARDS
    pdf_rows: int = PDF_ROWS
    title: str = ""
    site: str = ""
    logo: Path | None = None
    template: Path | None = None
    language: str = ENGLISH

    def __post_init__(self) -> None:
        check_known("--paper", self.paper, PAPERS)
        check_least("--cards", self.cards, 0)
        check_least("--pdf-rows", self.pdf_rows, 1)
        check_folder("--template", self.template)
        check_known("--language", self.language, LANGUAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """What 'screener scan' and 'screener report' write, and how.

    html: also write the triage page. xlsx: also write the worklist as a workbook. html_images: studies that
    the page shows with an image, by rank. viewer_url: of the study "{study_uid}" in a viewer, to which the
    page links; empty for none.
    mode: of the files written. excel: begin the CSVs with a BOM. pseudonym_key: a file, see
    outputs/pseudonyms.py. summary: a short text without identifiers. look: of the PDF.
    """

    out: Location
    pdf: bool = True
    html: bool = False
    xlsx: bool = False
    html_images: int = HTML_IMAGES
    viewer_url: str = ""
    files_csv: Location | None = None
    mode: int = DEFAULT_MODE
    workers: int = 1
    excel: bool = False
    summary: Location | None = None
    include_names: bool = False
    pseudonymise: bool = False
    pseudonym_key: Path | None = None
    look: ReportLook = field(default_factory=ReportLook)

    def check(self, *kept: Location | None) -> None:
        """Refuse what cannot be; each command's options call it at birth.

        kept: other files that the command names, which no output may replace.
        """
        if self.out.suffix.lower() != ".pdf":
            raise UsageError("options.out_is_pdf", found=self.out)
        check_least("--workers", self.workers, 1)
        check_least("--html-images", self.html_images, 0)
        self._check_viewer()
        self._check_names(kept)
        if self.pseudonymise and self.include_names:
            raise UsageError("options.names_and_pseudonyms")
        if self.pseudonymise and self.pseudonym_key is None:
            raise UsageError("options.no_pseudonym_key")
        if self.pseudonym_key is not None and not self.pseudonymise:
            raise UsageError("options.useless_alone", option="--pseudonym-key", other="--pseudonymise")

    def _check_viewer(self) -> None:
        url = self.viewer_url
        if not url:
            return
        if not url.startswith(("https://", "http://")) or "{study_uid}" not in url or not url.isprintable():
            raise UsageError("options.viewer_url", url=url)
        if not self.html:
            raise UsageError("options.viewer_without_page")

    def _check_names(self, kept: tuple[Location | None, ...]) -> None:
        named = {path.absolute() for path in (*kept, self.pseudonym_key) if path is not None}
        taken = {path.absolute() for path in (self.out, self.csv, self.json, self.page, self.workbook)}
        for output in (self.out, self.csv, self.json, self.page, self.workbook):
            if output.absolute() in named:
                raise UsageError("options.name_read", option="--out", path=output)
        for option, path in (("--files-csv", self.files_csv), ("--summary", self.summary)):
            if path is None:
                continue
            if path.absolute() in taken:
                raise UsageError("options.name_taken", option=option, path=path)
            if path.absolute() in named:
                raise UsageError("options.name_read", option=option, path=path)
            taken |= {path.absolute()}

    @property
    def csv(self) -> Location:
        """The worklist, beside the PDF."""
        return self.out.with_suffix(".csv")

    @property
    def json(self) -> Location:
        """The run's totals and settings, beside the PDF."""
        return self.out.with_suffix(".json")

    @property
    def page(self) -> Location:
        """The triage page, beside the PDF."""
        return self.out.with_suffix(".html")

    @property
    def workbook(self) -> Location:
        """The worklist for Excel and LibreOffice, beside the PDF."""
        return self.out.with_suffix(".xlsx")

    @property
    def reports(self) -> tuple[Location, ...]:
        """What people read: PDF, triage page, workbook, worklist."""
        shown = (
            (self.out, self.pdf),
            (self.page, self.html),
            (self.workbook, self.xlsx),
            (self.csv, True),
        )
        return tuple(path for path, wanted in shown if wanted)

    @property
    def written(self) -> tuple[Location, ...]:
        """Every file that will be written."""
        wanted = (self.csv, self.json, self.files_csv, self.summary, *reversed(self.reports[:-1]))
        return tuple(path for path in wanted if path is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(OutputOptions):
    """Everything 'screener report' can vary; run: its number in the ledger, None for the last one."""

    ledger: Path
    run: int | None = None

    def __post_init__(self) -> None:
        self.check(self.ledger)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOptions(OutputOptions):
    """Everything 'screener merge' can vary."""

    ledgers: tuple[Path, ...]

    def __post_init__(self) -> None:
        self.check(*self.ledgers)
