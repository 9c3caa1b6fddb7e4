"""Rows of a scan as pandas frames; pandas is loaded here alone, and only when asked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from screener.api.rows import ScannedFile, Study
from screener.errors import MissingDependencyError
from screener.outputs.worklist_csv import FILES_COLUMNS, WORKLIST_COLUMNS

if TYPE_CHECKING:
    import pandas

_WHOLE = {"rank": "Int64", "images": "Int64"}  # a rank may be missing
_REAL = {"probability": "float64", "logit": "float64"}
_FILE_COLUMNS = (*FILES_COLUMNS, "logit", "population")


def studies_frame(studies: Iterable[Study], model: str) -> "pandas.DataFrame":
    """Return the worklist with the columns of report.csv; model: name@version."""
    rows = [
        [model if name == "model" else _cell(study, name) for name in WORKLIST_COLUMNS] for study in studies
    ]
    return _frame(rows, WORKLIST_COLUMNS)


def files_frame(files: Iterable[ScannedFile]) -> "pandas.DataFrame":
    """Return the files with the columns of --files-csv, then logit and population."""
    return _frame([[_cell(file, name) for name in _FILE_COLUMNS] for file in files], _FILE_COLUMNS)


def _frame(rows: list[list[Any]], columns: tuple[str, ...]) -> "pandas.DataFrame":
    try:
        import pandas
    except ImportError as error:
        raise MissingDependencyError("api.no_pandas") from error
    frame = pandas.DataFrame(rows, columns=list(columns))
    return frame.astype({name: kind for name, kind in (_WHOLE | _REAL).items() if name in columns})


def _cell(row: Study | ScannedFile, name: str) -> Any:
    """Return a value as the CSV has it: several notes in one text; what is empty there as None."""
    if isinstance(row, Study) and name == "reason_code":
        value: Any = ";".join(row.reason_codes)
    elif isinstance(row, Study) and name == "notes":
        value = "; ".join(row.notes)
    else:
        value = getattr(row, name)
    return str(value) or None if isinstance(value, str) else value
