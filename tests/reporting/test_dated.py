"""Reports with their date in their name: which name, where 'latest' leads, and what is deleted."""

import json
import os
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.options import OutputOptions
from screener.outputs.atomic import text_written_whole
from screener.reporting.dated import DatedReports
from tests.commands.conftest import invoke

DAY = date(2026, 11, 20)


class Nights:
    """Nights that write small files instead of reports."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder, []

    def __call__(
        self,
        day: date,
        keep: str | None = None,
        *,
        code: int = 0,
        complete: bool = True,
        optional: bool = False,
        error: Exception | None = None,
    ) -> str:
        """Run one; return what stands for its date."""
        pattern = str(self.folder / "{date}.pdf")
        dated = DatedReports.of(pattern, keep, day)
        options = OutputOptions(out=Path(dated.named(pattern)), html=optional, xlsx=optional)
        self.said.clear()
        with dated.in_order(options, lambda said: self.said.append(str(said))) as ended:
            for path in options.written:
                with text_written_whole(path) as file:
                    file.write(json.dumps({"complete": complete, "exit_code": code, "of": str(path)}))
            if error:
                raise error
            ended(code)
        return dated.stamp

    @property
    def reports(self) -> set[str]:
        return {each.stem for each in self.folder.glob("*.pdf") if not each.is_symlink()}

    def latest(self, suffix: str = "pdf") -> str:
        return (self.folder / f"latest.{suffix}").resolve().stem


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_saturdays_list_is_there_on_monday_and_latest_leads_to_mondays(nights: Nights) -> None:
    for days in range(3):
        nights(DAY + timedelta(days))
    assert nights.reports == {"2026-11-20", "2026-11-21", "2026-11-22"}
    for suffix in ("pdf", "csv", "json"):
        assert nights.latest(suffix) == "2026-11-22"
        assert (nights.folder / f"latest.{suffix}").readlink() == Path(f"2026-11-22.{suffix}")


def test_a_second_whole_report_of_a_day_leaves_the_first_and_an_interrupted_one_is_replaced(
    nights: Nights,
) -> None:
    assert nights(DAY, code=130, complete=False) == "2026-11-20"
    assert nights(DAY) == "2026-11-20"
    assert nights(DAY) == "2026-11-20-2"
    assert nights(DAY) == "2026-11-20-3"
    assert nights.latest() == "2026-11-20-3"


def test_the_last_reports_are_kept_however_old(nights: Nights) -> None:
    nights(DAY)
    nights(DAY)
    nights(DAY + timedelta(100), keep="2")
    assert nights.reports == {"2026-11-20-2", "2027-02-28"}
    assert sorted(nights.said) == [f"2026-11-20.{each} deleted: too old" for each in ("csv", "json", "pdf")]


def test_reports_of_the_last_days_are_kept_and_the_last_one_always(nights: Nights) -> None:
    for days in range(5):
        nights(DAY + timedelta(days), keep="3d")
    assert nights.reports == {"2026-11-22", "2026-11-23", "2026-11-24"}
    nights(DAY + timedelta(400), keep="3d")
    assert nights.reports == {"2027-12-25"}


def test_nothing_is_deleted_that_no_run_wrote_or_that_has_changed(nights: Nights) -> None:
    (nights.folder / "2020-01-01.pdf").write_text("of somebody else")
    nights(DAY)
    (nights.folder / "2026-11-20.csv").write_text("with a reader's notes")
    nights(DAY + timedelta(1), keep="1")
    assert (nights.folder / "2020-01-01.pdf").exists()
    assert (nights.folder / "2026-11-20.csv").read_text() == "with a reader's notes"
    assert not (nights.folder / "2026-11-20.pdf").exists()
    assert "2026-11-20.csv is old, but has changed since it was written: it stays" in nights.said
    nights(DAY + timedelta(2), keep="1")
    assert not any("2026-11-20" in each for each in nights.said)


@pytest.mark.parametrize("code", [130, 6])
def test_a_night_that_did_not_end_well_deletes_nothing(nights: Nights, code: int) -> None:
    nights(DAY)
    nights(DAY + timedelta(1), keep="1", code=code, complete=code != 130)
    assert "2026-11-20" in nights.reports
    assert nights.latest() == "2026-11-21"


def test_an_error_costs_neither_the_link_nor_an_older_report(nights: Nights) -> None:
    nights(DAY)
    with pytest.raises(OSError, match="disk"):
        nights(DAY + timedelta(1), keep="1", error=OSError("disk"))
    assert nights.reports == {"2026-11-20", "2026-11-21"}
    assert nights.latest() == "2026-11-21"


def test_latest_is_of_one_night_only_and_no_file_of_that_name_is_replaced(nights: Nights) -> None:
    nights(DAY, optional=True)
    assert (nights.latest("html"), nights.latest("xlsx")) == ("2026-11-20", "2026-11-20")
    (nights.folder / "latest.csv").unlink()
    (nights.folder / "latest.csv").write_text("mine")
    nights(DAY + timedelta(1))
    assert not (nights.folder / "latest.html").is_symlink()
    assert not (nights.folder / "latest.xlsx").is_symlink()
    assert (nights.folder / "latest.csv").read_text() == "mine"
    assert nights.said == ["latest.csv is a file of its own, and not made a link to 2026-11-21.csv"]


@pytest.mark.parametrize(
    "damage", [b"{}\nnoise", b"\xff\xfe\n", b'{"name": 1, "stamp": 2, "day": 3, "sha256": 4}']
)
def test_a_damaged_list_is_made_anew_from_the_reports_that_lie_there(nights: Nights, damage: bytes) -> None:
    (nights.folder / "2020-01-01.pdf").write_text("of somebody else")
    nights(DAY)
    nights(DAY)
    for name in ("2026-11-20.csv", "2026-11-20-2.csv"):
        os.utime(nights.folder / name, (later := time.time() + 60, later))
    (nights.folder / ".dated.pdf.list").write_bytes(damage)
    nights(DAY + timedelta(1), keep="1")
    assert nights.reports == {"2020-01-01", "2026-11-21"}
    assert ".dated.pdf.list is damaged, and is written anew: 4 files there have joined it" in nights.said[0]
    # Changed since they were written, as far as their times tell: nobody knows any more what a run wrote.
    assert {each.name for each in nights.folder.glob("2026-11-20*")} == {"2026-11-20.csv", "2026-11-20-2.csv"}


def test_what_a_damaged_list_still_tells_counts(nights: Nights) -> None:
    nights(DAY)
    (nights.folder / "2026-11-20.csv").write_text("with a reader's notes")
    (nights.folder / "2026-11-20.json").unlink()
    with (nights.folder / ".dated.pdf.list").open("a") as file:
        file.write("noise\n")
    nights(DAY + timedelta(1), keep="1")
    assert nights.reports == {"2026-11-21"}
    assert (nights.folder / "2026-11-20.csv").exists()


@pytest.mark.parametrize(
    ("out", "keep", "words"),
    [
        ("/r/{date}.pdf", "0", "a number of reports such as 90"),
        ("/r/{date}.pdf", "3 d", "a number of reports such as 90"),
        ("/r/report.pdf", "90", "needs {date} in --out"),
        ("/r/{date}/report.pdf", None, "in the name of the file"),
        ("/r/{date}{date}.pdf", None, "in the name of the file"),
        ("s3://bucket/{date}.pdf", "9", "by the rules of the store"),
    ],
)
def test_what_cannot_be_is_refused(out: str, keep: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        DatedReports.of(out, keep, DAY)


def test_a_store_gets_the_date_too() -> None:
    dated = DatedReports.of("s3://bucket/{date}.pdf", None, DAY)
    assert dated.named("s3://bucket/{date}.pdf") == "s3://bucket/2026-11-20.pdf"
    assert dated.named("s3://bucket/{date}-files.csv") == "s3://bucket/2026-11-20-files.csv"


def test_only_scan_puts_a_date(tmp_path: Path) -> None:
    done = invoke("report", "--ledger", tmp_path / "l", "--out", tmp_path / "{date}.pdf")
    assert done.exit_code == 2
    assert "only 'scan' puts the date" in " ".join(done.output.split())


def test_a_scan_writes_its_report_under_its_date(tmp_path: Path) -> None:
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "notes.txt").write_text("no image")
    done = invoke(
        "scan",
        tmp_path / "studies",
        "--no-pdf",
        "--out",
        tmp_path / "n-{date}.pdf",
        "--keep",
        "9",
        "--workers",
        1,
    )
    assert done.exit_code == 0, done.output
    [csv] = list(tmp_path.glob("n-20*.csv"))
    date.fromisoformat(csv.stem.removeprefix("n-"))
    assert (tmp_path / "n-latest.csv").resolve() == csv
