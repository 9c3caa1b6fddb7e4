"""Real outputs against the schemas that ship in the package."""

import csv
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import screener.outputs
from screener.outputs.worklist_csv import FILES_COLUMNS, WORKLIST_COLUMNS
from screener.reasons import ReasonCode
from tests.commands.conftest import Scan

SCHEMAS = Path(screener.outputs.__file__).parent / "schemas"


def schema(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return content


def faults(table: dict[str, Any], path: Path) -> list[str]:
    """Return what a CSV has that a Table Schema forbids: the few rules that ours make use of."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = []
    for field in table["fields"]:
        values = [row.get(field["name"]) for row in rows]
        if None in values:
            found.append(f"no column {field['name']}")
            continue
        filled = [value for value in values if value not in table["missingValues"]]
        rules = field.get("constraints", {})
        found += [f"{field['name']}: {value!r}" for value in filled if not _fits(value, field["type"], rules)]
        if rules.get("required") and len(filled) < len(values):
            found.append(f"{field['name']} is empty")
        if rules.get("unique") and len(set(filled)) < len(filled):
            found.append(f"{field['name']} is not unique")
    return found


def _day(value: str) -> datetime:
    return datetime.strptime(value, "%Y-%m-%d")  # a day, without a zone


def _fits(value: Any, kind: str, rules: dict[str, Any]) -> bool:
    read = {"integer": int, "number": float, "date": _day, "string": str}[kind]
    try:
        parsed = read(value)
    except ValueError:
        return False
    known = {"required", "unique", "minimum", "maximum", "enum", "pattern"}
    assert set(rules) <= known, f"this check does not know {set(rules) - known}"
    return (
        ("minimum" not in rules or parsed >= rules["minimum"])
        and ("maximum" not in rules or parsed <= rules["maximum"])
        and ("enum" not in rules or value in rules["enum"])
        and ("pattern" not in rules or re.fullmatch(rules["pattern"], value) is not None)
    )


@pytest.mark.parametrize(
    ("name", "columns"), [("worklist", WORKLIST_COLUMNS), ("files", FILES_COLUMNS)], ids=["worklist", "files"]
)
def test_a_table_schema_names_the_columns_in_their_order(name: str, columns: tuple[str, ...]) -> None:
    table = schema(f"{name}.tableschema.json")
    assert tuple(field["name"] for field in table["fields"]) == columns
    assert all(field["description"] for field in table["fields"])


def test_the_lists_of_a_scan_keep_to_their_schemas(scanned: Scan) -> None:
    assert faults(schema("worklist.tableschema.json"), scanned.out.with_suffix(".csv")) == []
    assert faults(schema("files.tableschema.json"), scanned.out.with_name("files.csv")) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("rank", "0"), ("rank", "2"), ("probability", "1.1"), ("status", "ill"), ("study_date", "20261120"),
     ("images", ""), ("model", "net")],
)  # fmt: skip
def test_the_check_sees_what_a_schema_forbids(scanned: Scan, tmp_path: Path, column: str, value: str) -> None:
    rows = [dict(row) for row in scanned.rows]
    rows[0][column] = value
    with (tmp_path / "r.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert faults(schema("worklist.tableschema.json"), tmp_path / "r.csv")


def test_the_totals_of_a_scan_keep_to_their_schema(scanned: Scan) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs the extra 'dev'")
    rules = schema("report.schema.json")
    checker = jsonschema.Draft202012Validator(rules)
    checker.check_schema(rules)
    assert [error.message for error in checker.iter_errors(scanned.report)] == []
    for key, wrong in (("exit_code", 2), ("ppv", 1.5), ("files_seen", -1), ("order", "age"), ("model", {})):
        assert not checker.is_valid({**scanned.report, key: wrong}), key
    for key in rules["required"]:
        assert not checker.is_valid({each: scanned.report[each] for each in scanned.report if each != key})


def test_every_key_of_the_totals_is_described(scanned: Scan) -> None:
    rules = schema("report.schema.json")
    assert list(rules["properties"]) == list(scanned.report)
    for group in ("studies", "model", "operating_point"):
        assert list(rules["properties"][group]["properties"]) == list(scanned.report[group])


@pytest.mark.parametrize("name", ["worklist", "files"])
def test_the_schemas_know_every_reason_and_no_other(name: str) -> None:
    [field] = [each for each in schema(f"{name}.tableschema.json")["fields"] if each["name"] == "reason_code"]
    assert set(re.findall("[a-z_]+", field["constraints"]["pattern"])) == set(ReasonCode)
