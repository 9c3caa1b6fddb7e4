"""'screener review': readers' marks from their files into the ledger, and into the next report."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from typer.testing import Result

from screener.agreement import Agreement, MarkCounts, Review
from screener.domain import Status
from screener.inference.model_folder import seal_model_folder
from screener.ledger import Ledger
from screener.resources import shipped_model
from tests.commands.conftest import invoke, read_csv, write_dicom, write_jpeg

pytestmark = pytest.mark.slow  # whole scans, one after another

WHEN = "2026-11-22T08:30:00+01:00"
UIDS = tuple(f"1.2.3.{number}" for number in range(1, 5))
KEY = b"sixteen bytes or more of secret"
CUT = "cut.jpg"


@dataclass(frozen=True, slots=True)
class Ward:
    """A folder with a scan's report and its ledger: two studies flagged, three not, one not screened."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    def totals(self, name: str = "report") -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        return content

    def studies(self, status: str, name: str = "report") -> list[str]:
        rows = read_csv(self.folder / f"{name}.csv")
        return [row["study_id"] for row in rows if row["status"] == status]

    def marks(self, *marks: dict[str, str], name: str = "report", **changes: object) -> Path:
        """Write a marks file on a report; a mark says study_id and mark, and may say note and marked."""
        report = self.totals(name)
        content = {
            "format": "screener-marks",
            "version": 1,
            "report_id": report["report_id"],
            "model": "{name}@{version}".format(**report["model"]),
            "reader": "AB",
            "saved": WHEN,
            "marks": [{"note": "", "marked": WHEN, **mark} for mark in marks],
            **changes,
        }
        path = self.folder / f"marks-{len(list(self.folder.glob('marks-*')))}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def review(self, *arguments: object) -> Result:
        return invoke("review", "--ledger", self.ledger, *arguments)

    def reviews(self) -> list[Review]:
        with Ledger(self.ledger, create=False) as ledger:
            return list(ledger.reviews)

    def agreement(self) -> tuple[Agreement, ...]:
        with Ledger(self.ledger, create=False) as ledger:
            return ledger.reviews.agreement()

    def scan(self, name: str, *options: object, pdf: bool = False) -> Result:
        out = self.folder / f"{name}.pdf"
        without = () if pdf else ("--no-pdf",)
        return invoke(
            "scan", self.folder / "studies", "--out", out, "--ledger", self.ledger, "--workers", 1, *without,
            *options,
        )  # fmt: skip


def threshold_between(ward: Ward, second: int) -> str:
    """Return a threshold that flags as many studies as that."""
    rows = read_csv(ward.folder / "all.csv")
    return rows[second - 1]["probability"]


@pytest.fixture(scope="module")
def scanned_ward(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    ward = Ward(tmp_path_factory.mktemp("ward"))
    studies = ward.folder / "studies"
    for number, uid in enumerate(UIDS):
        write_dicom(studies / str(number) / "pa.dcm", number, StudyInstanceUID=uid)
    write_jpeg(studies / "image.jpg", 9)
    (studies / CUT).write_bytes((studies / "image.jpg").read_bytes()[:2000])
    assert ward.scan("all").exit_code == 3
    result = ward.scan("report", "--threshold", threshold_between(ward, 2))
    assert result.exit_code == 0, result.output
    assert [len(ward.studies(each)) for each in Status] == [2, 3, 1]
    return ward


@pytest.fixture
def ward(scanned_ward: Ward, tmp_path: Path) -> Ward:
    """Return a ward of one's own."""
    shutil.copytree(scanned_ward.folder, tmp_path / "ward", copy_function=shutil.copy2)
    return Ward(tmp_path / "ward")


def words(result: Result) -> str:
    return " ".join(result.output.split())


def on(studies: list[str], *marks: str) -> Iterator[dict[str, str]]:
    for study, mark in zip(studies, marks, strict=True):
        yield {"study_id": study, "mark": mark}


def test_marks_come_into_the_ledger_with_reader_report_status_and_time(ward: Ward) -> None:
    [first, _], [other, *_] = ward.studies("flagged"), ward.studies("not_flagged")
    result = ward.review(
        ward.marks(
            {"study_id": first, "mark": "agree", "note": "Ödem & 'links'\n"},
            {"study_id": other, "mark": "disagree"},
        )
    )
    assert result.exit_code == 0, result.output
    assert "2 marks recorded, 0 known already, 0 refused" in words(result)
    kept = [
        (each.run, each.study_id, each.status, each.mark, each.note, each.reader) for each in ward.reviews()
    ]
    assert kept == [
        (2, first, "flagged", "agree", "Ödem & 'links'\n", "AB"),
        (2, other, "not_flagged", "disagree", "", "AB"),
    ]
    assert {each.marked.isoformat() for each in ward.reviews()} == {WHEN}
    assert {each.study[0]: each.study[1] for each in ward.reviews()}[True] in UIDS
    database = sqlite3.connect(ward.ledger)
    [recorded] = database.execute("SELECT DISTINCT recorded FROM reviews").fetchone()
    database.close()
    assert abs(datetime.now().astimezone() - datetime.fromisoformat(recorded)) < timedelta(minutes=5)


def test_the_running_agreement_is_told_in_words(ward: Ward) -> None:
    marks = (
        *on(ward.studies("flagged"), "agree", "disagree"),
        *on(ward.studies("not_flagged"), "agree", "disagree", "unsure"),
    )
    told = words(ward.review(ward.marks(*marks)))
    # Wilson's interval of 1 of 2
    assert "flagged: PPV of those reviewed 50.0% (1 of 2; 95 % interval 9.5% to 90.5%); 0 unsure" in told
    assert "missed cases found among those reviewed 50.0% (1 of 2; 95 % interval 9.5% to 90.5%)" in told
    assert "1 unsure" in told
    assert "no random sample" in told


def test_the_same_file_again_records_nothing_twice(ward: Ward) -> None:
    marks = ward.marks(*on(ward.studies("flagged"), "agree", "unsure"))
    ward.review(marks)
    before = ward.reviews()
    result = ward.review(marks, marks)
    assert result.exit_code == 0
    assert "0 marks recorded, 4 known already, 0 refused" in words(result)
    assert ward.reviews() == before
    assert len(before) == 2


def test_what_cannot_be_recorded_is_named_and_the_rest_is_recorded(ward: Ward) -> None:
    tomorrow = (datetime.now().astimezone() + timedelta(days=2)).isoformat()
    flagged = ward.studies("flagged")
    marks = ward.marks(
        {"study_id": flagged[0], "mark": "agree"},
        {"study_id": CUT, "mark": "disagree"},
        {"study_id": "9.9\x1b[2J[bold]", "mark": "agree"},
        {"study_id": flagged[1], "mark": "agree", "marked": tomorrow},
    )
    for new in (1, 0):
        result = ward.review(marks)
        assert result.exit_code == 2
        told = words(result)
        assert f"{new} mark{'' if new else 's'} recorded, {1 - new} known already, 3 refused" in told
        assert f"{CUT}: the study was not screened: there is nothing to agree or disagree with" in told
        assert "9.9\\x1b[2J[bold]: the report lists no such study" in told
        assert "\x1b" not in result.output
        assert f"{flagged[1]}: it was marked in the future" in told
    assert [each.study_id for each in ward.reviews()] == [flagged[0]]


def test_unsure_of_a_study_not_screened_is_kept_with_its_note_and_counts_nowhere(ward: Ward) -> None:
    result = ward.review(ward.marks({"study_id": CUT, "mark": "unsure", "note": "sent again"}))
    assert result.exit_code == 0
    assert [(each.status, each.note) for each in ward.reviews()] == [("not_screened", "sent again")]
    assert ward.agreement() == ()


def test_a_name_that_two_studies_share_is_refused(ward: Ward) -> None:
    write_dicom(ward.folder / "studies" / "twin.dcm", 20, StudyInstanceUID="image.jpg")
    assert ward.scan("twins").exit_code == 3
    result = ward.review(ward.marks({"study_id": "image.jpg", "mark": "unsure"}, name="twins"))
    assert result.exit_code == 2
    assert "image.jpg: the report lists several studies by that name" in words(result)


def test_of_two_readers_the_later_mark_counts_and_both_are_kept(ward: Ward) -> None:
    [study, _] = ward.studies("flagged")
    early = ward.marks({"study_id": study, "mark": "agree"})
    late = ward.marks({"study_id": study, "mark": "disagree", "marked": "2026-11-22T08:00:00Z"}, reader="CD")
    result = ward.review(late, early)
    assert result.exit_code == 0, result.output
    assert [each.reader for each in ward.reviews()] == ["CD", "AB"]
    [found] = ward.agreement()
    assert (found.readers, found.flagged) == (2, MarkCounts(disagree=1))


def test_a_reader_named_on_the_command_line_goes_before_the_files(ward: Ward) -> None:
    marks = ward.marks(*on(ward.studies("flagged"), "agree", "agree"))
    assert ward.review(marks, "--reader", "  Dr. Weiß ").exit_code == 0
    assert {each.reader for each in ward.reviews()} == {"Dr. Weiß"}
    refused = ward.review(marks, "--reader", " ")
    assert refused.exit_code == 2
    assert "--reader must be 1 to 100 characters" in words(refused)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda ward: ward.marks(report_id="0123456789ab"), "knows no report 0123456789ab", id="report"
        ),
        pytest.param(
            lambda ward: ward.marks(model="net@9"), "it names another model than report", id="model"
        ),
        pytest.param(lambda ward: ward.folder / "report.json", 'does not say "format"', id="another file"),
        pytest.param(lambda ward: ward.folder / "none.json", "cannot be read", id="no file"),
    ],
)
def test_a_file_that_is_not_of_this_ledger_keeps_all_of_them_from_being_recorded(
    ward: Ward, make: Callable[[Ward], Path], message: str
) -> None:
    whole = ward.marks(*on(ward.studies("flagged"), "agree", "agree"))
    result = ward.review(whole, make(ward))
    assert result.exit_code == 2
    assert message in words(result)
    assert ward.reviews() == []


def test_a_ledger_that_is_not_there_is_not_made(ward: Ward, tmp_path: Path) -> None:
    result = invoke("review", "--ledger", tmp_path / "none.sqlite", ward.marks())
    assert result.exit_code == 2
    assert "no such file" in words(result)
    assert not (tmp_path / "none.sqlite").exists()


def test_a_ledger_held_by_a_scan_ends_with_7(ward: Ward) -> None:
    marks = ward.marks(*on(ward.studies("flagged"), "agree", "agree"))
    code = (
        "import sys\nfrom pathlib import Path\nfrom screener.ledger import Ledger\n"
        f"ledger = Ledger(Path({str(ward.ledger)!r}))\nprint('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        result = ward.review(marks)
        holder.communicate("")
    assert result.exit_code == 7
    assert ward.reviews() == []


def test_marks_on_a_pseudonymised_report_find_their_studies_by_its_key(ward: Ward, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(KEY)
    out = ward.folder / "masked.pdf"
    masked = ("--pseudonymise", "--pseudonym-key", key)
    told = invoke("report", "--ledger", ward.ledger, "--out", out, "--no-pdf", *masked)
    assert told.exit_code == 0, told.output
    shown = [study for status in ("flagged", "not_flagged") for study in ward.studies(status, "masked")]
    real = [study for status in ("flagged", "not_flagged") for study in ward.studies(status)]
    assert not {*shown} & {*real}
    marks = ward.marks(*on(shown, *["agree"] * 5), name="masked")
    without = ward.review(marks)
    assert without.exit_code == 2
    assert "5 refused" in words(without)
    assert "pass its --pseudonym-key" in words(without)
    assert ward.review(marks, "--pseudonym-key", key).exit_code == 0
    kept = ward.reviews()
    assert [each.study_id for each in kept] == shown
    assert {each.study[1] for each in kept if each.study[0]} == {*UIDS}
    # The same studies by their own names are the same studies.
    ward.review(ward.marks(*on(real, *["disagree"] * 5), saved=WHEN, reader="CD"))
    [found] = ward.agreement()
    assert found.flagged.decided + found.not_flagged.decided == 5


def text_of(pdf: Path, page: int = 0) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(document[page].get_textpage().get_text_bounded().split())
    document.close()
    return text


def test_the_next_report_and_one_told_again_show_the_agreement(ward: Ward) -> None:
    threshold = threshold_between(ward, 2)
    before = ward.folder / "again-before.pdf"
    invoke("report", "--ledger", ward.ledger, "--out", before, "--cards", 0)
    assert "What readers have found" not in text_of(before)
    lists = before.with_suffix(".csv").read_bytes(), before.with_suffix(".json").read_bytes()
    marks = (
        *on(ward.studies("flagged"), "agree", "disagree"),
        *on(ward.studies("not_flagged"), "agree", "agree", "unsure"),
    )
    ward.review(ward.marks(*marks))
    assert invoke("report", "--ledger", ward.ledger, "--out", before, "--cards", 0).exit_code == 0
    assert ward.scan("next", "--threshold", threshold, "--cards", 0, pdf=True).exit_code == 3
    for report in (before, ward.folder / "next.pdf"):
        shown = text_of(report).replace("\N{NO-BREAK SPACE}", " ")
        assert "PPV of flagged studies reviewed: 50.0 % (95 % interval 9.5 % to 90.5 %), 1 of 2." in shown
        assert "Missed cases found: 0 of 2 not flagged that were reviewed, 0.0 %" in shown
        assert "no estimate of sensitivity" in shown
        assert "Not a medical device. It changes the order" in shown  # all of it on page 1
    # CSV and JSON tell the run alone: told again they are the same bytes, whatever readers have said since.
    assert (before.with_suffix(".csv").read_bytes(), before.with_suffix(".json").read_bytes()) == lists


def test_no_mark_changes_a_status_or_an_order(ward: Ward) -> None:
    threshold = threshold_between(ward, 2)
    ward.scan("before", "--threshold", threshold)
    ward.review(ward.marks(*on(ward.studies("flagged"), "disagree", "disagree")))
    ward.scan("after", "--threshold", threshold)
    assert len(ward.reviews()) == 2
    before, after = (read_csv(ward.folder / f"{name}.csv") for name in ("before", "after"))
    assert [(row["study_id"], row["status"]) for row in after] == [
        (row["study_id"], row["status"]) for row in before
    ]


def test_two_model_versions_are_told_apart(ward: Ward, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(shipped_model(), other)
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    described = {name: value for name, value in manifest.items() if name not in ("files", "manifest_sha256")}
    seal_model_folder(other, {**described, "version": "9.9.9"})
    result = ward.scan("other", "--model", other, "--threshold", threshold_between(ward, 2))
    assert result.exit_code == 3, result.output
    ward.review(ward.marks(*on(ward.studies("flagged"), "agree", "agree")))
    late = [
        {**mark, "marked": "2026-11-23T08:00:00Z"}
        for mark in on(ward.studies("flagged"), "disagree", "agree")
    ]
    ward.review(ward.marks(*late, name="other"))
    found = ward.agreement()
    assert [(each.model.partition("@")[2], each.flagged) for each in found] == [
        ("9.9.9", MarkCounts(1, 1)),
        (ward.totals()["model"]["version"], MarkCounts(2, 0)),
    ]


def test_reviews_outlive_the_runs_that_come_after(ward: Ward) -> None:
    ward.review(ward.marks(*on(ward.studies("flagged"), "agree", "agree")))
    kept = ward.reviews()
    ward.scan("next")
    assert ward.reviews() == kept
    assert len(kept) == 2
