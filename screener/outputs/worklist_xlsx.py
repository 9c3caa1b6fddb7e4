"""The worklist as a workbook for Excel and LibreOffice: the columns of the CSV, each cell with its type.

Numbers are numbers and dates are dates. Everything else is text, whatever it looks like: no leading zero is
lost, and nothing is run as a formula.
"""

from __future__ import annotations

import os
import re
import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from html import escape
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

from screener.errors import MissingDependencyError
from screener.locations import Location
from screener.outputs.atomic import PRIVATE, written_whole
from screener.outputs.bands import band_of
from screener.outputs.worklist_csv import NAME_COLUMN, WORKLIST_COLUMNS, study_values
from screener.worklist import StudyRow

if TYPE_CHECKING:  # XlsxWriter is loaded where a workbook is asked for
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_STUDIES = 1_048_575  # on one sheet, below its head (Excel's limit of rows)
LONGEST_TEXT = 32_767  # in one cell, in UTF-16 (Excel's limit)
_CUT = " …"
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel and LibreOffice count days differently, or not at all
_WIDTHS = {  # characters
    "rank": 6, "study_id": 26, "patient_id": 16, "accession_number": 18, "study_date": 12, "view": 7,
    "images": 9, "probability": 12, "status": 14, "reason": 40, "file": 34, "model": 26, "notes": 44,
    "band": 8, "reason_code": 24, "population": 12, NAME_COLUMN: 26,
}  # fmt: skip
_NUMBERS = {"rank": "0", "images": "0", "probability": "0.000000"}
_DATE, _DATE_SHOWN = "study_date", "yyyy-mm-dd"
_TEXT = "@"  # so that a text which is edited does not become a formula or a number either
# Ground and letters of what is coloured, from strong to pale, as in the PDF; the words stand in the cells.
_COLOURS = {"first": ("#14304D", "#FFFFFF"), "next": ("#8FB0D0", "#000000"), "later": ("#C9D8E8", "#000000"),
            "flagged": ("#14304D", "#FFFFFF"), "not_screened": ("#FBEEEE", "#8F1010")}  # fmt: skip
_PAPERS = {"a4": 9, "letter": 1}  # ST_PaperSize, ECMA-376
LONGEST_NAME = 31  # of a sheet
_ABOUT_WIDTHS = (12, 46, 90)  # count, what, what it rests on
_WIDEST = 140
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_COLOURED = ("rank", "probability", "status", "band")


@dataclass(frozen=True, slots=True)
class About:
    """What the workbook says of the run, on a sheet of its own.

    list_name, name: of both sheets. lines: each a text, or several side by side. warns: whether the workbook
    opens on this sheet, since the list must not be read without it. notice: at the foot of each printed page.
    paper: of PAPERS. made: when the run began.
    """

    list_name: str
    name: str
    title: str
    lines: Sequence[Sequence[str]]
    warns: bool
    notice: str
    paper: str
    made: datetime


def check_workbook() -> None:
    """Make sure, before a scan begins, that a workbook can be made at its end.

    Raises:
        MissingDependencyError: XlsxWriter is absent.
    """
    try:
        import xlsxwriter  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("outputs.no_xlsxwriter") from error


def write_worklist_xlsx(
    rows: Iterable[StudyRow],
    model: str,
    about: About,
    path: Location,
    mode: int = PRIVATE,
    *,
    names: bool = False,
) -> None:
    """Write one line per study in the order given; streams, so any number of rows fits.

    Where one sheet cannot hold them, the list goes on on the next. model: name@version. mode: permission bits
    of the file. names: whether a last column holds the patients' names.

    Raises:
        OutputError: The file, or the temporary ones that it is made of, cannot be written; one that was there
            before stays whole.
    """
    columns = (*WORKLIST_COLUMNS, NAME_COLUMN) if names else WORKLIST_COLUMNS
    with _workbook(path, mode, about) as book:
        formats = _Formats(book)
        for number, part in enumerate(_parts(rows), 1):
            sheet = book.add_worksheet(_sheet_name(about.list_name, "" if number == 1 else f" {number}"))
            _write_list(sheet, columns, part, model, formats)
        _write_about(book.add_worksheet(_sheet_name(about.name)), about, formats)
        for sheet in book.worksheets():
            _set_up_printing(sheet, about)


@contextmanager
def _workbook(path: Location, mode: int, about: About) -> Iterator[Workbook]:
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    # The rows lie in temporary files until the end: in a folder that only this account may enter.
    with written_whole(path, mode) as file, tempfile.TemporaryDirectory(prefix="screener-") as folder:
        archive = _Archive(file)
        book = Workbook(archive, {"constant_memory": True, "tmpdir": folder})
        try:
            book.set_properties({"title": about.title, "comments": about.notice, "created": about.made})
            book.use_zip64()  # where it is needed
            yield book
            book.close()
        except FileCreateError as error:
            [cause] = error.args
            raise cause from error
        finally:
            for sheet in book.worksheets():
                sheet._opt_close()
            archive.give_up()


class _Archive:
    """The file that ZipFile writes to; once it is given up, nowhere: ZipFile still writes after an error."""

    def __init__(self, file: BinaryIO) -> None:
        self._file: BinaryIO | None = file

    def give_up(self) -> None:
        self._file = None

    def write(self, data: bytes) -> int:
        return self._file.write(data) if self._file else len(data)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(place, whence) if self._file else 0

    def tell(self) -> int:
        return self._file.tell() if self._file else 0

    def flush(self) -> None:
        if self._file:
            self._file.flush()


def _parts(rows: Iterable[StudyRow]) -> Iterator[Iterator[StudyRow]]:
    """Yield the rows of each sheet, of the first one also where there are none; each is to be read whole."""
    left = iter(rows)
    yield islice(left, MOST_STUDIES)
    for first in left:
        yield chain((first,), islice(left, MOST_STUDIES - 1))


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def of(self, **look: object) -> Format:
        key = tuple(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **look})
        return self._made[key]

    def cell(self, column: str, band: str) -> Format:
        """Return the format of a study's cell; band: the study's, which colours some columns."""
        shown = _DATE_SHOWN if column == _DATE else _NUMBERS.get(column, _TEXT)
        if column not in _COLOURED or band not in _COLOURS:
            return self.of(num_format=shown)
        ground, letters = _COLOURS[band]
        return self.of(num_format=shown, bg_color=ground, font_color=letters)


def _write_list(
    sheet: Worksheet, columns: Sequence[str], rows: Iterable[StudyRow], model: str, formats: _Formats
) -> None:
    head = formats.of(bold=True, bottom=2)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _WIDTHS[column])
        sheet.write_string(0, place, column, head)
    last = 0
    for last, row in enumerate(rows, 1):
        band = "not_screened" if row.rank is None else band_of(row)
        for place, (column, value) in enumerate(zip(columns, study_values(row, model), strict=False)):
            _write(sheet, (last, place), column, value, formats.cell(column, band))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    sheet.repeat_rows(0)


def _write(sheet: Worksheet, place: tuple[int, int], column: str, value: str | int, look: Format) -> None:
    if value == "":
        sheet.write_blank(*place, None, look)
    elif column in _NUMBERS:
        sheet.write_number(*place, float(value), look)
    elif column == _DATE and (day := _day(str(value))):
        sheet.write_datetime(*place, datetime.combine(day, time()), look)
    else:
        sheet.write_string(*place, _as_text(str(value)), look)


def _day(text: str) -> date | None:
    """Return the day that a workbook can hold; None for what stays text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= _FIRST_DAY else None


def _as_text(value: str) -> str:
    """Return what XlsxWriter writes as this text, cut where a cell cannot hold it: the CSV has it whole."""
    if len(value) > LONGEST_TEXT // 2:
        units = value.encode("utf-16-le", "surrogatepass")
        if len(units) > 2 * LONGEST_TEXT:
            value = units[: 2 * (LONGEST_TEXT - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
    if value.startswith("<r>") and value.endswith("</r>"):
        # XlsxWriter takes this for runs of letters that it has made itself, and would not escape it.
        return f'<r><t xml:space="preserve">{escape(value, quote=False)}</t></r>'
    return value


def _write_about(sheet: Worksheet, about: About, formats: _Formats) -> None:
    for place, width in enumerate(_ABOUT_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, _as_text(about.title), formats.of(bold=True, font_size=14))
    plain = formats.of(num_format=_TEXT)
    lines = chain.from_iterable(map(_in_width, about.lines))
    for place, line in enumerate(lines, 1):
        for column, text in enumerate(line):
            sheet.write_string(place, column, _as_text(text), plain)
    sheet.ignore_errors({"number_stored_as_text": "A1:A1000"})
    if about.warns:
        sheet.activate()


def _in_width(line: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield a line; one long text in several, since it runs on over the empty cells beside it."""
    if len(line) == 1 and len(line[0]) > _WIDEST:
        yield from ((part,) for part in textwrap.wrap(line[0], _WIDEST))
    else:
        yield line


def _set_up_printing(sheet: Worksheet, about: About) -> None:
    sheet.set_paper(_PAPERS[about.paper])
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)  # as wide as the paper, as long as it takes
    sheet.set_footer(f"&L{about.notice.replace('&', '&&')}&R&P / &N")


def _sheet_name(name: str, number: str = "") -> str:
    """Return a name without what Excel forbids in one, short enough, with the number behind it."""
    return _NOT_IN_NAMES.sub(" ", name)[: LONGEST_NAME - len(number)].strip("' ") + number
