"""'screener report': a past run's outputs once more, from the ledger."""

import csv
import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from typer.testing import Result

from tests.commands.conftest import invoke, make_mixed_tree, write_dicom, write_jpeg

pytestmark = pytest.mark.slow  # whole scans, one after another

KEY = b"sixteen bytes or more of secret"


@dataclass(frozen=True, slots=True)
class Nights:
    """Two nights with one ledger, between which images were replaced, removed and added."""

    folder: Path
    ledger: Path

    def report(self, name: str, *options: object) -> Result:
        out, files = self.folder / f"{name}.pdf", self.folder / f"{name}-files.csv"
        return invoke("report", "--ledger", self.ledger, "--out", out, "--files-csv", files, *options)

    def read(self, name: str) -> tuple[bytes, ...]:
        endings = (".csv", "-files.csv", ".json")
        return tuple((self.folder / f"{name}{ending}").read_bytes() for ending in endings)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("nights")
    studies = folder / "studies"
    make_mixed_tree(studies)
    found = Nights(folder, folder / "ledger.sqlite")
    for name in ("first", "second"):
        if name == "second":
            write_jpeg(studies / "exports" / "a.jpg", 77)
            (studies / "exports" / "<b>&.JPG").unlink()
            write_dicom(studies / "new" / "pa.dcm", 8)
        result = invoke(
            "scan", studies, "--out", folder / f"{name}.pdf", "--files-csv", folder / f"{name}-files.csv",
            "--no-pdf", "--workers", 1, "--ledger", found.ledger, "--threshold", 0,
        )  # fmt: skip
        assert result.exit_code in (0, 3), result.output
    return found


def text_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def test_the_last_run_is_written_again_byte_for_byte(nights: Nights) -> None:
    result = nights.report("again", "--no-pdf")
    assert result.exit_code == 0, result.output
    assert nights.read("again") == nights.read("second")
    assert not (nights.folder / "again.pdf").exists()


def test_an_earlier_run_is_written_again_whatever_came_after(nights: Nights) -> None:
    result = nights.report("again-1", "--run", 1)
    assert result.exit_code == 0, result.output
    assert nights.read("again-1") == nights.read("first") != nights.read("second")
    shown = text_of(nights.folder / "again-1.pdf")
    assert "the picture has changed since it was screened" in shown
    assert "the file is gone" in shown
    assert "study/pa.dcm" in shown


def test_the_ledger_is_as_it_was_afterwards(nights: Nights) -> None:
    def content() -> list[str]:
        with sqlite3.connect(nights.ledger) as database:
            lines = list(database.iterdump())
        database.close()
        return lines

    before = content()
    nights.report("unchanged", "--no-pdf")
    assert content() == before


def test_an_unknown_run_is_refused_with_those_there_are(nights: Nights) -> None:
    result = nights.report("none", "--run", 7)
    assert result.exit_code == 2
    assert "--run 7: no such run" in result.output
    assert "  1: started 20" in result.output
    assert not (nights.folder / "none.csv").exists()


def test_a_run_that_was_killed_is_passed_over_and_said_so(nights: Nights, tmp_path: Path) -> None:
    ledger = tmp_path / "killed.sqlite"
    ledger.write_bytes(nights.ledger.read_bytes())
    with sqlite3.connect(ledger) as database:
        database.execute("INSERT INTO runs (started, key) SELECT '2026-11-23T02:00:00', max(key) FROM runs")
    database.close()
    result = invoke("report", "--ledger", ledger, "--out", tmp_path / "r.pdf", "--no-pdf")
    assert result.exit_code == 0
    assert "run 3 ended before its report: this is run 2" in result.output
    assert (tmp_path / "r.csv").read_bytes() == (nights.folder / "second.csv").read_bytes()


def test_a_ledger_held_by_a_scan_ends_with_7(nights: Nights) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom screener.ledger import Ledger\n"
        f"ledger = Ledger(Path({str(nights.ledger)!r}))\nprint('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        result = nights.report("held", "--no-pdf")
        holder.communicate("")
    assert result.exit_code == 7
    assert "another run holds it" in result.output


def of_something_else(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE patients (name)")
    database.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda path: None, "no such file", id="absent"),
        pytest.param(lambda path: path.write_bytes(bytes(5000)), "no ledger, or a damaged", id="damaged"),
        pytest.param(of_something_else, "a database of something else", id="something else"),
        pytest.param(lambda path: path.touch(), "no run in it can be reported again", id="empty"),
    ],
)
def test_what_is_no_ledger_with_a_run_is_refused(tmp_path: Path, make: object, message: str) -> None:
    make(tmp_path / "ledger")  # type: ignore[operator]
    result = invoke("report", "--ledger", tmp_path / "ledger", "--out", tmp_path / "r.pdf", "--no-pdf")
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert not (tmp_path / "r.csv").exists()


def test_a_folder_that_cannot_be_written_to_ends_with_6(nights: Nights) -> None:
    result = invoke("report", "--ledger", nights.ledger, "--out", nights.folder / "absent" / "r.pdf")
    assert result.exit_code == 6


def test_excel_gets_a_bom_and_the_same_list(nights: Nights) -> None:
    nights.report("excel", "--no-pdf", "--excel")
    worklist, files, report = nights.read("excel")
    plain = nights.read("second")
    assert (worklist, files) == (b"\xef\xbb\xbf" + plain[0], b"\xef\xbb\xbf" + plain[1])
    options = {**json.loads(plain[2])["options"], "excel": True}
    assert json.loads(report) == {**json.loads(plain[2]), "options": options}


def test_the_workbook_has_the_rows_of_the_csv_and_says_that_the_threshold_is_not_validated(
    nights: Nights,
) -> None:
    assert "workbook" in nights.report("book", "--no-pdf", "--xlsx").output
    book = openpyxl.load_workbook(nights.folder / "book.xlsx")
    worklist, about = book.worksheets
    with (nights.folder / "book.csv").open(newline="", encoding="utf-8") as file:
        expected = list(csv.reader(file))
    shown = [["" if cell.value is None else cell.value for cell in row] for row in worklist]
    files = expected[0].index("file")
    assert [row[files] for row in shown] == [row[files] for row in expected]
    assert [str(row[0]) for row in shown] == [row[0] for row in expected]
    told = " ".join(str(cell) for row in about.iter_rows(values_only=True) for cell in row if cell)
    assert "set by hand and is not validated" in told
    assert "Not a medical device" in told
    assert book.active is about  # what warns comes first
    assert (nights.folder / "book.xlsx").stat().st_mode & 0o777 == 0o600


def test_pseudonyms_are_in_the_workbook_too(nights: Nights) -> None:
    key = nights.folder / "key-of-the-book"
    key.write_bytes(KEY)
    nights.report("hashed", "--no-pdf", "--xlsx", "--pseudonymise", "--pseudonym-key", key)
    sheets = openpyxl.load_workbook(nights.folder / "hashed.xlsx").worksheets
    told = str([row for sheet in sheets for row in sheet.iter_rows(values_only=True)])
    assert "pa.dcm" not in told
    assert "P-" not in told


def test_a_short_text_tells_the_run_without_identifiers(nights: Nights) -> None:
    short = nights.folder / "short.txt"
    nights.report("short", "--no-pdf", "--summary", short)
    told, report = short.read_text(), json.loads(nights.read("short")[2])
    bands = report["bands"]
    assert f"{bands['first']} to look at first, {bands['next']} next, {bands['later']} later;" in told
    assert "0 images failed anew (3 known from earlier reports)" in told.splitlines()[0]
    assert report["images_failed_known"] == 3
    assert report["report_id"] in told
    assert str(nights.folder / "short.csv") in told
    assert "P-1" not in told
    assert "pa.dcm" not in told
    assert short.stat().st_mode & 0o777 == 0o600


def names_in(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row["patient_name"] for row in csv.DictReader(stream)}


def test_names_are_read_from_the_files_as_they_are_now(nights: Nights, tmp_path: Path) -> None:
    result = nights.report("names", "--include-names", "--no-pdf")
    assert result.exit_code == 0, result.output
    named = names_in(nights.folder / "names.csv")
    assert named["new/pa.dcm"] == named["study/pa.dcm"] == named["ct/slice.dcm"] == "SECRET, NAME"
    assert named["exports/a.jpg"] == ""
    header = nights.read("names")[0].splitlines()[0]
    assert header == nights.read("second")[0].splitlines()[0] + b",patient_name"
    assert b"SECRET" not in nights.ledger.read_bytes()
    assert "SECRET" not in result.output


def test_a_file_that_is_another_patients_now_lends_its_name_to_nobody(tmp_path: Path) -> None:
    ledger, out = tmp_path / "ledger", tmp_path / "r.pdf"
    for name, identity in (("same", {}), ("other", {"PatientID": "P-2", "PatientName": "Wrong^One"})):
        write_dicom(tmp_path / "s" / name / "pa.dcm", 1)
        if name == "same":
            continue
        invoke("scan", tmp_path / "s", "--out", out, "--no-pdf", "--ledger", ledger)
        write_dicom(tmp_path / "s" / name / "pa.dcm", 1, **identity)
    invoke("report", "--ledger", ledger, "--out", out, "--no-pdf", "--include-names")
    assert names_in(out.with_suffix(".csv")) == {"same/pa.dcm": "SECRET, NAME", "other/pa.dcm": ""}


SECRETS = ("ZzPatientId", "ZzAccession", "zzward", "zzimage", "zzcut", "zzroot", "2.25.4711")


def test_pseudonyms_stand_everywhere_and_are_the_same_for_one_key(tmp_path: Path) -> None:
    studies, out = tmp_path / "zzroot", tmp_path / "out"
    out.mkdir()
    (tmp_path / "key").write_bytes(KEY)
    tags = {"PatientID": "ZzPatientId", "AccessionNumber": "ZzAccession", "StudyInstanceUID": "2.25.4711"}
    write_dicom(studies / "zzward" / "zzimage.dcm", 1, **tags)
    (studies / "zzward" / "zzimage-copy.dcm").write_bytes((studies / "zzward" / "zzimage.dcm").read_bytes())
    write_dicom(
        studies / "zzward" / "zzcut.dcm", 2, PixelData=b"\0" * 10, **{**tags, "StudyInstanceUID": "1.2"}
    )
    write_jpeg(studies / "zzimage.jpg", 3)
    masked = ("--pseudonymise", "--pseudonym-key", tmp_path / "key")
    scan = invoke(
        "scan", studies, "--out", out / "r.pdf", "--files-csv", out / "files.csv",
        "--ledger", tmp_path / "ledger",
        "--log-file", out / "log", "--summary", out / "short.txt", "--threshold", 0,
        "--workers", 1, *masked,
    )  # fmt: skip
    assert scan.exit_code == 3, scan.output
    again = invoke("report", "--ledger", tmp_path / "ledger", "--out", out / "again.pdf", *masked)
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    written |= {f"{name} text": text_of(out / name).encode() for name in ("r.pdf", "again.pdf")}
    written["printed"] = (scan.output + again.output).encode()
    for name, content in written.items():
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret} is in {name}"
    assert written["again.csv"] == written["r.csv"]
    assert written["again.json"] == written["r.json"]
    with (out / "r.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (out / "files.csv").open(newline="") as stream:
        files = {row["file"]: row for row in csv.DictReader(stream)}
    assert len({row["patient_id"] for row in rows if row["patient_id"]}) == 1  # one patient stays one
    assert all(row["study_id"] == files[row["file"]]["study_id"] for row in rows)
    assert b"failed f-" in written["log"]
    assert rows[0]["file"].encode() in written["r.pdf text"].replace(b" ", b"")


def test_a_scan_without_its_key_is_refused_before_the_first_file(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "s" / "a.jpg")
    (tmp_path / "key").write_bytes(b"too short\n")
    for key, message in (("key", "holds 9 bytes, must be 16"), ("absent", "cannot be read")):
        result = invoke(
            "scan", tmp_path / "s", "--out", tmp_path / "r.pdf", "--pseudonymise",
            "--pseudonym-key", tmp_path / key,
        )  # fmt: skip
        assert result.exit_code == 2
        assert message in " ".join(result.output.split())
    assert not (tmp_path / "r.csv").exists()


def test_the_same_input_gives_the_same_list_byte_for_byte(tmp_path: Path) -> None:
    make_mixed_tree(tmp_path / "s")
    written = []
    for workers, batch in ((1, 16), (2, 1)):
        out = tmp_path / f"r{workers}.pdf"
        files = tmp_path / f"files{workers}.csv"
        invoke(
            "scan", tmp_path / "s", "--out", out, "--no-pdf", "--files-csv", files, "--workers", workers,
            "--batch-size", batch,
        )  # fmt: skip
        written.append((out.with_suffix(".csv").read_bytes(), files.read_bytes()))
    assert written[0] == written[1]
