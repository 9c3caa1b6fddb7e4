"""The worklist, one row a study, and the list of files, one row a file, as CSV (RFC 4180)."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TextIO

from screener.domain import Finding, NotScreened, Outcome
from screener.locations import Location
from screener.operating_points import PROBABILITY_DECIMALS
from screener.outputs.atomic import PRIVATE, text_written_whole
from screener.scale import Scales
from screener.worklist import StudyRow, study_id

# The order is a contract with other programs: further columns go to the end.
WORKLIST_COLUMNS = (
    "rank",
    "study_id",
    "patient_id",
    "accession_number",
    "study_date",
    "view",
    "images",
    "probability",
    "status",
    "reason",
    "file",
    "model",
    "notes",
    "band",
    "reason_code",
    "population",
)
NAME_COLUMN = "patient_name"
_BOM = "\ufeff"  # tells Excel that the file is UTF-8; LF and commas it reads as they are
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
FILES_COLUMNS = ("file", "study_id", "outcome", "cause", "reason", "probability", "reason_code")


@dataclass(frozen=True, slots=True)
class FileWords:
    """How the list of files shows an outcome; words: why an image was not screened."""

    scales: Scales
    words: Callable[[NotScreened], str]


def write_worklist_csv(
    rows: Iterable[StudyRow],
    model: str,
    path: Location,
    mode: int = PRIVATE,
    *,
    names: bool = False,
    excel: bool = False,
) -> None:
    """Write one line per study in the order given; streams, so any number of rows fits.

    model: name@version. mode: permission bits of the file. names: whether a last column holds the
    patients' names. excel: whether a BOM comes first.

    Raises:
        OutputError: The file cannot be written; one that was there before stays whole.
    """
    columns = (*WORKLIST_COLUMNS, NAME_COLUMN) if names else WORKLIST_COLUMNS
    lines = (study_values(row, model)[: len(columns)] for row in rows)
    _write_csv(columns, lines, path, mode, excel)


def write_files_csv(
    outcomes: Iterable[Outcome], shown: FileWords, path: Location, mode: int = PRIVATE, *, excel: bool = False
) -> None:
    """Write one line per file seen in the order given; streams, so any number of files fits.

    Raises:
        OutputError: The file cannot be written; one that was there before stays whole.
    """
    _write_csv(FILES_COLUMNS, (_file_values(outcome, shown) for outcome in outcomes), path, mode, excel)


def study_values(row: StudyRow, model: str) -> Sequence[str | int]:
    """Return the cells of a study, by WORKLIST_COLUMNS and then NAME_COLUMN; empty where nothing is known."""
    return (
        "" if row.rank is None else row.rank,
        row.study_id,
        row.patient_id,
        row.accession_number,
        row.study_date,
        row.view,
        row.images,
        "" if row.probability is None else _decimals(row.probability),
        row.status,
        row.reason,
        row.file,
        model,
        "; ".join(row.notes),
        row.band or "",
        ";".join(row.reason_codes),
        row.population,
        row.patient_name,
    )


def _file_values(outcome: Outcome, shown: FileWords) -> Sequence[str]:
    if isinstance(outcome, Finding):
        age = outcome.identifiers.patient_age
        probability = _decimals(shown.scales.probability(outcome.prediction.logit, age))
        return outcome.file, study_id(outcome), "screened", "", _twin(outcome), probability, ""
    if isinstance(outcome, NotScreened):
        why = shown.words(outcome)
        return outcome.file, study_id(outcome), "not_screened", outcome.cause, why, "", outcome.reason.code
    return outcome.file, "", "ignored", "", "", "", ""


def _twin(finding: Finding) -> str:
    return f"duplicate of {finding.duplicate_of}" if finding.duplicate_of else ""


def _decimals(probability: float) -> str:
    return f"{probability:.{PROBABILITY_DECIMALS}f}"


def _as_text(cell: str | int) -> str | int:
    """Return a cell that no spreadsheet runs as a formula (OWASP, CSV injection): with a leading '."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _write_csv(
    columns: Sequence[str], lines: Iterable[Sequence[str | int]], path: Location, mode: int, excel: bool
) -> None:
    with text_written_whole(path, mode) as text:
        text.write(_BOM if excel else "")
        writer = csv.writer(_LfLines(text), quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([_as_text(cell) for cell in line] for line in lines)


class _LfLines:
    """Ends each line with LF.

    The writer itself is told CR LF, because it quotes a value that holds one of its line end's
    characters: told LF alone, it leaves a stray CR bare, and pandas reads that as a new row.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def write(self, line: str) -> int:
        return self._text.write(line.removesuffix("\r\n") + "\n")
