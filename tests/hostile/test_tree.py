"""Every file of a hostile tree ends as the one outcome that it should have, in every output."""

import csv
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

from tests.hostile.conftest import HostileScan, scan_hostile_tree
from tests.hostile.tree import BOMBS, make_bombs_among_radiographs, make_hostile_tree

pytestmark = pytest.mark.slow  # the scan takes half a minute

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def outcomes(scan: HostileScan) -> dict[str, tuple[str, str]]:
    """Return file -> (screened, ineligible, failed or ignored, reason), as the list of files has them."""
    return {row["file"]: (row["cause"] or row["outcome"], row["reason"]) for row in scan.files}


def as_cell(name: str) -> str:
    """Return a name as a CSV shows it: no spreadsheet may run it."""
    return f"'{name}" if name.startswith(_RUN_BY_SPREADSHEETS) else name


def wrong_outcomes(scan: HostileScan) -> list[str]:
    """Return the files that ended as they should not have, with what was said of them."""
    found = outcomes(scan)
    wrong = []
    for name, expected in scan.expected.items():
        outcome, reason = found[as_cell(name)]
        if expected is not None and not (outcome == expected[0] and re.search(expected[1], reason)):
            wrong.append(f"{name[:60]!r}: {outcome}, {reason!r}; should be {expected}")
    return wrong


def test_a_scan_of_hostile_files_ends_with_3(hostile_scan: HostileScan) -> None:
    assert hostile_scan.exit_code == 3
    assert hostile_scan.report["exit_code"] == 3
    assert hostile_scan.report["complete"] is True


def test_every_file_is_listed_exactly_once(hostile_scan: HostileScan) -> None:
    listed = Counter(row["file"] for row in hostile_scan.files)
    assert listed == Counter(as_cell(name) for name in hostile_scan.expected)


def test_the_totals_add_up(hostile_scan: HostileScan) -> None:
    report = hostile_scan.report
    counted = Counter(outcome for outcome, _ in outcomes(hostile_scan).values())
    assert report["files_seen"] == len(hostile_scan.expected) == counted.total()
    assert report["images_screened"] == counted["screened"]
    assert report["images_ineligible"] == counted["ineligible"]
    assert report["images_failed"] == counted["failed"]
    assert report["files_ignored"] == counted["ignored"]


def test_every_file_ends_as_it_should_for_the_reason_it_should(hostile_scan: HostileScan) -> None:
    wrong = wrong_outcomes(hostile_scan)
    assert not wrong, "\n".join(wrong)


def test_reasons_are_words_for_a_technologist_and_no_names_of_exceptions(hostile_scan: HostileScan) -> None:
    reasons = {reason for _, reason in outcomes(hostile_scan).values()}
    assert not [each for each in reasons if re.search(r"Error\b|Exception|Traceback|0x[0-9a-f]{6}", each)]


@pytest.mark.parametrize("name", ["files.csv", "report.csv"])
def test_python_and_pandas_read_the_same_rows_from_a_csv(hostile_scan: HostileScan, name: str) -> None:
    path = hostile_scan.out.with_name(name)
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(table.columns) == header
    assert len(table) == len(rows)
    assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize("name", ["files.csv", "report.csv"])
def test_no_cell_of_a_csv_is_a_formula(hostile_scan: HostileScan, name: str) -> None:
    with hostile_scan.out.with_name(name).open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if cell.startswith(_RUN_BY_SPREADSHEETS)]
    assert "'=1+1.jpg" in cells


def test_markup_in_names_and_identifiers_is_text_in_the_report(hostile_scan: HostileScan) -> None:
    document = pypdfium2.PdfDocument(hostile_scan.out)
    text = "".join("".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    assert "names/<script>alert(1)</script>.jpg" in text
    assert "<script>alert(2)</script>" in text  # a patient ID
    assert "{{7*7}}" in text


def test_no_output_holds_a_patients_name(hostile_scan: HostileScan) -> None:
    document = pypdfium2.PdfDocument(hostile_scan.out)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    for name in ("report.csv", "files.csv", "report.json"):
        text += hostile_scan.out.with_name(name).read_text(encoding="utf-8")
    assert "SECRET" not in text + hostile_scan.printed


def test_a_hostile_name_forges_no_line_of_the_log(hostile_scan: HostileScan) -> None:
    lines = hostile_scan.printed.splitlines()
    assert not [line for line in lines if line.startswith("2026-01-01")]
    assert "\x1b" not in hostile_scan.printed
    assert any("names/cut\\n2026-01-01T00:00:00 [red]forged[/red] [/].jpg" in line for line in lines)


def test_nothing_is_written_outside_the_outputs_folder(hostile_scan: HostileScan) -> None:
    folder = hostile_scan.out.parent
    left = {each.name for each in folder.iterdir()}
    assert left == {*("studies", "studies-outside", "files.csv", "report.csv", "report.json", "report.pdf")}


def test_the_tree_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = (make_hostile_tree(tmp_path / name, 1) for name in ("one", "two"))
    assert first == second
    for name in BOMBS:
        written = [(tmp_path / folder / "bombs" / name).read_bytes() for folder in ("one", "two")]
        assert written[0] == written[1]
        assert len(written[0]) < 2_000_000


def test_a_thousand_sound_images_among_hostile_ones_are_all_screened(tmp_path: Path) -> None:
    """No PDF: the rows of a thousand studies take longer to set than to find."""
    scan = scan_hostile_tree(tmp_path, make_bombs_among_radiographs(tmp_path / "studies", 1000), "--no-pdf")
    found = outcomes(scan)
    assert len(found) == len(scan.files) == len(scan.expected)
    radiographs = [outcome for name, (outcome, _) in found.items() if name.startswith("good/")]
    assert radiographs == ["screened"] * 1000
    assert not wrong_outcomes(scan)
