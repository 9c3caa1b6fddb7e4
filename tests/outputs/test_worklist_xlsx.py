"""The workbook, read back by another library: types, colours, and nothing that runs."""

import errno
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from screener.errors import OutputError
from screener.outputs import worklist_xlsx
from screener.outputs.worklist_csv import WORKLIST_COLUMNS, write_worklist_csv
from screener.outputs.worklist_xlsx import LONGEST_TEXT, About, write_worklist_xlsx
from screener.scale import Band

ABOUT = About(
    list_name="Worklist",
    name="What the numbers mean",
    title="Chest radiograph worklist",
    lines=(("No medical device.",), ("3", "studies", "from 0.5"), ("word " * 60,)),
    warns=False,
    notice="Research & quality",
    paper="a4",
    made=datetime(2026, 11, 29, 2, 0, tzinfo=UTC),
)


@pytest.fixture
def written(tmp_path):
    """Write rows, give back the workbook as another library reads it."""

    def write(*rows, about=ABOUT, **options: Any) -> openpyxl.Workbook:
        path = tmp_path / "report.xlsx"
        write_worklist_xlsx(iter(rows), "net@1.0.0", about, path, **options)
        return openpyxl.load_workbook(path)

    return write


def cells(sheet: Worksheet, row: int = 2) -> dict[str, Cell]:
    """Return the cells of a row by the names of their columns."""
    return {str(head.value): cell for head, cell in zip(sheet[1], sheet[row], strict=True)}


def test_the_columns_are_those_of_the_csv(written, make_row, tmp_path):
    [head] = written()["Worklist"].iter_rows(values_only=True)
    assert head == WORKLIST_COLUMNS
    write_worklist_csv([make_row()], "net@1.0.0", tmp_path / "r.csv", names=True)
    names = next(iter(written(make_row(), names=True)["Worklist"].iter_rows(values_only=True)))
    assert ",".join(names) == (tmp_path / "r.csv").read_text().splitlines()[0]


def test_numbers_are_numbers_and_dates_are_dates(written, make_row):
    found = cells(written(make_row(probability=0.1234567))["Worklist"])
    assert {name: found[name].value for name in ("rank", "images", "probability")} == {
        "rank": 1, "images": 1, "probability": 0.123457,
    }  # fmt: skip
    assert found["probability"].number_format == "0.000000"
    assert found["study_date"].value == datetime(2025, 11, 21)
    assert found["study_date"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize(
    "patient_id",
    [
        pytest.param("0012", id="leading zeros"),
        pytest.param("12345678901234567890", id="more digits than a number holds"),
        pytest.param("1E5", id="like a number"),
        pytest.param("TRUE", id="like a truth"),
        pytest.param("2025-11-21", id="like a date"),
        pytest.param("=cmd|' /C calc'!A0", id="a formula"),
        pytest.param("@SUM(1)", id="an old formula"),
        pytest.param("https://example.org", id="an address"),
        pytest.param("<r>1</r>", id="what XlsxWriter takes for runs of letters"),
        pytest.param("<r><t>&lt;</t></r>", id="such runs"),
        pytest.param("</t></is></c><c><f>1</f>", id="XML"),
        pytest.param(" blanks ", id="blanks"),
        pytest.param("a\nb", id="line feed"),
        pytest.param("Zoë 検査 \U0001fac1", id="Unicode"),
    ],
)
def test_what_is_text_stays_the_same_text(written, make_row, patient_id):
    cell = cells(written(make_row(patient_id=patient_id))["Worklist"])["patient_id"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (patient_id, "s", None)
    assert cell.number_format == "@"  # edited, it still is a text


def test_control_characters_are_written_as_excel_has_them(written, make_row, tmp_path):
    written(make_row(patient_id="a\x01b\x0b_x0041_"))
    sheet = ZipFile(tmp_path / "report.xlsx").read("xl/worksheets/sheet1.xml").decode()
    assert "<t>a_x0001_b_x000B__x005F_x0041_</t>" in sheet
    assert "<f>" not in sheet


@pytest.mark.parametrize("day", ["1899-12-31", "1900-02-28", "20251121", "no date", ""])
def test_a_date_that_no_workbook_holds_is_text(written, make_row, day):
    cell = cells(written(make_row(study_date=day))["Worklist"])["study_date"]
    expected = datetime(2025, 11, 21) if day == "20251121" else day or None
    assert cell.value == expected


def test_a_text_that_no_cell_holds_is_cut_and_says_so(written, make_row):
    reason = "\U0001fac1" * LONGEST_TEXT
    told = cells(written(make_row(reason=reason))["Worklist"])["reason"].value
    assert told.endswith("\U0001fac1 …")
    assert LONGEST_TEXT - 2 <= len(told.encode("utf-16-le")) // 2 <= LONGEST_TEXT


def test_a_study_not_screened_has_empty_cells_and_its_reason(written, make_missed_row):
    found = cells(written(make_missed_row())["Worklist"])
    assert [found[name].value for name in ("rank", "probability", "band")] == [None, None, None]
    assert (found["status"].value, found["reason"].value) == ("not_screened", "The file is empty.")


def test_bands_are_words_and_colours(written, make_row):
    bands = (Band.FIRST, Band.NEXT, Band.LATER)
    book = written(*(make_row(rank=rank, band=band) for rank, band in enumerate(bands, 1)))
    found = [cells(book["Worklist"], row) for row in (2, 3, 4)]
    assert [row["band"].value for row in found] == ["first", "next", "later"]
    grounds = [{row[name].fill.fgColor.rgb for name in ("rank", "probability", "band")} for row in found]
    assert grounds == [{"FF14304D"}, {"FF8FB0D0"}, {"FFC9D8E8"}]
    assert found[0]["band"].font.color.rgb == "FFFFFFFF"
    assert found[0]["patient_id"].fill.fill_type is None


def test_the_head_is_frozen_and_filters_and_columns_have_widths(written, make_row):
    sheet = written(make_row(), make_row(rank=2))["Worklist"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:P3"
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$1:$1", "landscape")
    assert sheet.column_dimensions["B"].width > 20 > sheet.column_dimensions["A"].width
    assert "Research && quality" in sheet.oddFooter.left.text


def test_the_run_is_told_on_a_sheet_of_its_own(written, make_row):
    book = written(make_row())
    assert (book.sheetnames, book.active.title) == (["Worklist", "What the numbers mean"], "Worklist")
    lines = list(book["What the numbers mean"].iter_rows(values_only=True))
    assert [line[0] for line in lines[:2]] == ["Chest radiograph worklist", "No medical device."]
    assert lines[2] == ("3", "studies", "from 0.5")
    assert " ".join(line[0] for line in lines[3:]) == ("word " * 60).strip()


def test_a_list_that_must_not_be_read_alone_opens_with_the_warning(written, make_row):
    assert written(make_row(), about=replace(ABOUT, warns=True)).active.title == "What the numbers mean"


def test_names_that_excel_forbids_for_sheets_are_changed(written):
    about = replace(ABOUT, list_name="Liste: [alle] / was zuerst anzusehen ist", name="'?'")
    first, second = written(about=about).sheetnames
    assert len(first) <= 31
    assert not re.search(r"[\[\]:*?/\\]", first + second)


def test_a_list_longer_than_a_sheet_goes_on_on_the_next(written, make_row, monkeypatch):
    monkeypatch.setattr(worklist_xlsx, "MOST_STUDIES", 3)
    book = written(*(make_row(rank=rank) for rank in range(1, 8)))
    assert book.sheetnames == ["Worklist", "Worklist 2", "Worklist 3", "What the numbers mean"]
    ranks = [
        [row[0] for row in book[name].iter_rows(min_row=2, values_only=True)] for name in book.sheetnames[:3]
    ]
    assert ranks == [[1, 2, 3], [4, 5, 6], [7]]


def test_the_same_list_is_the_same_bytes(written, make_row, tmp_path):
    def once() -> bytes:
        written(make_row())
        return (tmp_path / "report.xlsx").read_bytes()

    assert once() == once()


def test_a_workbook_that_breaks_off_leaves_the_one_before_and_nothing_else(tmp_path, make_row, monkeypatch):
    def rows():
        yield make_row()
        raise RuntimeError("the ledger broke")

    path, temporary = tmp_path / "out" / "report.xlsx", tmp_path / "temporary"
    path.parent.mkdir()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    path.write_text("old")
    with pytest.raises(RuntimeError, match="ledger"):
        write_worklist_xlsx(rows(), "net@1.0.0", ABOUT, path)
    assert (path.read_text(), list(path.parent.iterdir()), list(temporary.iterdir())) == ("old", [path], [])


def test_a_missing_folder_is_an_output_error(tmp_path):
    with pytest.raises(OutputError):
        write_worklist_xlsx([], "net@1.0.0", ABOUT, tmp_path / "missing" / "report.xlsx")


def test_a_full_disk_is_an_output_error(tmp_path, make_row, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ZipFile, "write", full)
    with pytest.raises(OutputError, match="disk is full"):
        write_worklist_xlsx([make_row()], "net@1.0.0", ABOUT, tmp_path / "report.xlsx")
    assert list(tmp_path.iterdir()) == []
