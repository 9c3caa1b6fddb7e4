"""Write outputs.md from the schemas of what a scan writes: python docs/output_files.py"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screener import outputs

PAGE = Path(__file__).with_name("outputs.md")
SCHEMAS = Path(outputs.__file__).parent / "schemas"

_HEAD = """# Output files

`screener scan --out report.pdf` writes `report.csv`, `report.json` and `report.pdf`, with `--html` also
`report.html` and with `--xlsx` also `report.xlsx`. Each file is written under a temporary name and renamed
when it is complete. The same input gives the same CSV, byte for byte.

This page is generated from the schemas in the package, in `screener/outputs/schemas/`: Table Schemas of
both CSVs, and JSON Schemas of `report.json` and of the marks. Read columns and keys by name, because later
versions may add some.

## In Excel and LibreOffice: report.xlsx

Write the workbook (`--xlsx`) for people who open the worklist in a spreadsheet. It opens by a double click,
with the columns of the CSV. Rank, images and probability are numbers and the study date is a date, so both
can be sorted and filtered. Everything else is text and stays text when it is edited: no leading zero is
lost, no long UID is rounded, and a patient ID such as `=1+2` is never a formula. The first row stays in
view and has filters. Rank, probability, status and band have the band's colour; the word stands in the
column `band`. A second sheet, *What the numbers mean*, has the thresholds with their sensitivity and
specificity, and whatever warns of the run. If the order may be used and the threshold may not, or the run
was interrupted, the workbook opens on that sheet. A text longer than a cell can hold (32,767 characters) is
cut, with `…` at its end. A list longer than a sheet (1,048,575 studies) goes on on the next.

The CSV is for programs. When you double-click it, Excel turns long runs of digits into numbers and drops
leading zeros, with or without a byte order mark (`--excel`). *Data > From Text/CSV* with all columns as
text keeps them.

LibreOffice asks for the character set when it opens a CSV in a window; choose UTF-8. Without a window it
does not ask: `soffice --headless --convert-to xlsx report.csv` takes every CSV for Windows-1252, in any
locale, and a byte order mark for three letters (tried with version 7.4). The character set is the third
token of its CSV filter, and 76 is UTF-8:

```
soffice --headless --infilter='Text - txt - csv (StarCalc):44,34,76' --convert-to xlsx report.csv
soffice --headless --convert-to 'csv:Text - txt - csv (StarCalc):44,34,76' report.xlsx
```
"""
_FOOT = "\nThis page is written by `python docs/output_files.py`.\n"
_FILES = (
    ("worklist.tableschema.json", "The worklist: report.csv"),
    ("files.tableschema.json", "All files: --files-csv"),
    ("report.schema.json", "Totals: report.json"),
    ("marks.schema.json", "Marks: what the triage page saves and 'screener review' reads"),
)


def _schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return loaded


def _kind(schema: dict[str, Any]) -> str:
    """Return the type in words: what it may be, or the values that it may have."""
    rules = schema.get("constraints", schema)
    if "const" in rules:
        return f"`{rules['const']}`"
    if "enum" in rules:
        return ", ".join(f"`{each}`" for each in rules["enum"] if each != "")
    kinds = schema.get("type", "")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def _keys(schema: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each key of a JSON Schema with its dotted name, a list's elements under 'name[]'."""
    for name, below in schema.get("properties", {}).items():
        yield above + name, below
        yield from _keys(below, f"{above}{name}.")
        yield from _keys(below.get("items", {}), f"{above}{name}[].")


def _rows(schema: dict[str, Any]) -> Iterator[str]:
    columns = [(each["name"], each) for each in schema.get("fields", [])]
    for name, each in columns or _keys(schema):
        meaning = str(each.get("description", "")).replace("|", "\\|")
        yield f"| `{name}` | {_kind(each)} | {meaning} |\n"


def page() -> str:
    """Return the page as it should be."""
    parts = [_HEAD]
    for file, title in _FILES:
        schema = _schema(file)
        column = "column" if "fields" in schema else "key"
        parts.append(f"\n## {title}\n\n{schema['title']}. {schema['description']}\n")
        parts += [f"\n| {column} | type or values | meaning |\n|---|---|---|\n", *_rows(schema)]
    return "".join([*parts, _FOOT])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
