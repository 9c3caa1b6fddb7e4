"""The options that 'scan', 'report' and 'merge' share: what is written, and how."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from screener.errors import UsageError
from screener.options import CARDS, HTML_IMAGES, PDF_ROWS
from screener.said import ENGLISH

LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        metavar="en|es|de",
        help="Language of what people read; CSV, JSON, codes and logs are the same in all.",
    ),
]
ModeOption = Annotated[str, typer.Option(metavar="OCTAL", help="Permissions of the files written.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputArguments:
    """What was typed of the outputs and of the look of the PDF; with_groups makes options of the fields."""

    out: Annotated[
        str,
        typer.Option(
            metavar="REPORT.pdf",
            help="The report, a path or a URL of a store; worklist (.csv) and totals (.json) get the same "
            "stem. 'scan' puts its date for {date} in the name.",
        ),
    ]
    no_pdf: Annotated[bool, typer.Option("--no-pdf", help="Write no PDF.")] = False
    html: Annotated[
        bool,
        typer.Option(
            "--html", help="Also write the triage list as one .html file, for the browser, beside the report."
        ),
    ] = False
    xlsx: Annotated[
        bool,
        typer.Option(
            "--xlsx",
            help="Also write the worklist as a workbook for Excel and LibreOffice, beside the report.",
        ),
    ] = False
    html_images: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Studies that the .html shows with an image, by rank; 1,000 more get a thumbnail.",
        ),
    ] = HTML_IMAGES
    viewer_url: Annotated[
        str,
        typer.Option(
            "--viewer-url",
            metavar="URL",
            help="Link each study of the .html to your viewer: "
            "'https://HOST/viewer?StudyInstanceUIDs={study_uid}'.",
        ),
    ] = ""
    files_csv: Annotated[
        str | None, typer.Option(metavar="PATH", help="Also list every file seen, with its outcome.")
    ] = None
    mode: ModeOption = "0600"
    excel: Annotated[
        bool, typer.Option("--excel", help="Begin the CSVs with a BOM, by which Excel knows UTF-8.")
    ] = False
    summary: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Also write a short text without identifiers, for cron's mail."),
    ] = None
    include_names: Annotated[
        bool,
        typer.Option(
            "--include-names",
            help="Show patients' names, read from the files as the report is made; no ledger or log "
            "holds them.",
        ),
    ] = False
    pseudonymise: Annotated[
        bool,
        typer.Option(
            "--pseudonymise",
            help="Show keyed hashes for patient ID, accession number, study UID, file and folders, in every "
            "output and in the log.",
        ),
    ] = False
    pseudonym_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The key of --pseudonymise, 16 bytes or more; keep it secret."),
    ] = None
    paper: Annotated[str, typer.Option("--paper", metavar="a4|letter", help="Paper of the PDF.")] = "a4"
    cards: Annotated[
        int,
        typer.Option("--cards", metavar="N", help="Flagged studies that the PDF shows with their picture."),
    ] = CARDS
    pdf_rows: Annotated[
        int,
        typer.Option("--pdf-rows", metavar="N", help="Screened studies in the PDF's table; the CSV has all."),
    ] = PDF_ROWS
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Title of the PDF.")] = ""
    site: Annotated[
        str, typer.Option("--site", metavar="TEXT", help="Your site's name, for page 1 of the PDF.")
    ] = ""
    logo: Annotated[
        Path | None, typer.Option("--logo", metavar="FILE", help="A PNG or JPEG for page 1 of the PDF.")
    ] = None
    template: Annotated[
        Path | None,
        typer.Option(
            "--template", metavar="DIR", help="Templates, style or messages of your own for the PDF."
        ),
    ] = None

    language: LanguageOption = ENGLISH

    def options(self) -> dict[str, Any]:
        """Return them as options objects take them.

        Raises:
            UsageError: The look of the PDF cannot be; as as_location and octal.
        """
        from screener.locations import as_location
        from screener.options import ReportLook

        if "{date}" in self.out:
            raise UsageError("options.date_for_scan_alone", path=self.out)
        same = {name: getattr(self, name) for name in _AS_THEY_ARE}
        typed = {name: getattr(self, name) for name in _PLACES}
        places = {name: None if place is None else as_location(place) for name, place in typed.items()}
        look = ReportLook(**{name: getattr(self, name) for name in _OF_THE_LOOK})
        return {**same, **places, "pdf": not self.no_pdf, "mode": octal(self.mode), "look": look}


_AS_THEY_ARE = (
    "html", "xlsx", "html_images", "viewer_url", "excel", "include_names", "pseudonymise", "pseudonym_key",
)  # fmt: skip
_PLACES = ("out", "files_csv", "summary")
_OF_THE_LOOK = ("paper", "cards", "pdf_rows", "title", "site", "logo", "template", "language")


def octal(mode: str) -> int:
    """Return permission bits from their octal digits; raises UsageError."""
    try:
        value = int(mode, 8)
    except ValueError:
        value = -1
    if not 0 <= value <= 0o777:
        raise UsageError("options.no_mode", mode=mode)
    return value
