"""The options that 'scan' and 'report' share: what is written, and how."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from screener.errors import UsageError

OutOption = Annotated[
    str,
    typer.Option(
        metavar="REPORT.pdf",
        help="The report, a path or a URL of a store; worklist (.csv) and totals (.json) get the same stem. "
        "'scan' puts its date for {date} in the name.",
    ),
]
NoPdfOption = Annotated[bool, typer.Option("--no-pdf", help="Write no PDF.")]
HtmlOption = Annotated[
    bool,
    typer.Option(
        "--html", help="Also write the triage list as one .html file, for the browser, beside the report."
    ),
]
HtmlImagesOption = Annotated[
    int,
    typer.Option(
        metavar="N", help="Studies that the .html shows with an image, by rank; 1,000 more get a thumbnail."
    ),
]
FilesCsvOption = Annotated[
    str | None, typer.Option(metavar="PATH", help="Also list every file seen, with its outcome.")
]
ModeOption = Annotated[str, typer.Option(metavar="OCTAL", help="Permissions of the files written.")]
ExcelOption = Annotated[
    bool, typer.Option("--excel", help="Begin the CSVs with a BOM, by which Excel knows UTF-8.")
]
SummaryOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Also write a short text without identifiers, for cron's mail."),
]
NamesOption = Annotated[
    bool,
    typer.Option(
        "--include-names",
        help="Show patients' names, read from the files as the report is made; no ledger or log holds them.",
    ),
]
PseudonymiseOption = Annotated[
    bool,
    typer.Option(
        "--pseudonymise",
        help="Show keyed hashes for patient ID, accession number, study UID, file and folders, in every "
        "output and in the log.",
    ),
]
KeyOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The key of --pseudonymise, 16 bytes or more; keep it secret."),
]


PaperOption = Annotated[str, typer.Option("--paper", metavar="a4|letter", help="Paper of the PDF.")]
CardsOption = Annotated[
    int, typer.Option("--cards", metavar="N", help="Flagged studies that the PDF shows with their picture.")
]
RowsOption = Annotated[
    int,
    typer.Option("--pdf-rows", metavar="N", help="Screened studies in the PDF's table; the CSV has all."),
]
TitleOption = Annotated[str, typer.Option("--title", metavar="TEXT", help="Title of the PDF.")]
SiteOption = Annotated[
    str, typer.Option("--site", metavar="TEXT", help="Your site's name, for page 1 of the PDF.")
]
LogoOption = Annotated[
    Path | None, typer.Option("--logo", metavar="FILE", help="A PNG or JPEG for page 1 of the PDF.")
]
TemplateOption = Annotated[
    Path | None,
    typer.Option("--template", metavar="DIR", help="Templates, style or messages of your own for the PDF."),
]

_AS_THEY_ARE = (
    "html", "html_images", "excel", "include_names", "pseudonymise", "pseudonym_key",
)  # fmt: skip
_PLACES = ("out", "files_csv", "summary")
_OF_THE_LOOK = ("paper", "cards", "pdf_rows", "title", "site", "logo", "template")


def outputs_asked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the options above say, as options objects take it.

    given: a command's parameters by name, as locals() has them at its start.

    Raises:
        UsageError: The look of the PDF cannot be; as as_location and octal.
    """
    from screener.locations import as_location
    from screener.options import ReportLook

    if "{date}" in str(given["out"]):
        raise UsageError(f"--out {given['out']}: only 'scan' puts the date for {{date}}.")
    same = {name: given[name] for name in _AS_THEY_ARE}
    places = {name: None if given[name] is None else as_location(given[name]) for name in _PLACES}
    look = ReportLook(**{name: given[name] for name in _OF_THE_LOOK})
    return {**same, **places, "pdf": not given["no_pdf"], "mode": octal(given["mode"]), "look": look}


def octal(mode: str) -> int:
    """Return permission bits from their octal digits; raises UsageError."""
    try:
        value = int(mode, 8)
    except ValueError:
        value = -1
    if not 0 <= value <= 0o777:
        raise UsageError(f"--mode {mode}: no file mode such as 0600 or 0640.")
    return value
