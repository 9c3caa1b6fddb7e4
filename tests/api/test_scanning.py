"""A scan from Python finds what the command finds, and leaves nothing that was not asked for."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

import screener
from tests.commands.conftest import invoke, make_mixed_tree, read_csv, write_jpeg

pytestmark = pytest.mark.slow  # starts worker processes


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("studies")
    make_mixed_tree(root)
    return root


@pytest.fixture(scope="module")
def result(studies: Path) -> screener.ScanResult:
    return screener.scan(studies, workers=1)


@pytest.fixture(scope="module")
def report(studies: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the stem of what the command writes of the same studies."""
    stem = tmp_path_factory.mktemp("out") / "report"
    options = ("--no-pdf", "--files-csv", stem.with_name("files.csv"), "--workers", 1)
    assert invoke("scan", studies, "--out", stem.with_suffix(".pdf"), *options).exit_code == 3
    return stem


def told(path: Path) -> pd.DataFrame:
    """Return a CSV of the command; an identifier that begins like a formula is preceded by '."""
    texts = dict.fromkeys(("patient_id", "accession_number", "study_id"), str)
    frame = pd.read_csv(path, dtype={"rank": "Int64", "images": "Int64", **texts})
    if "patient_id" in frame:
        frame["patient_id"] = frame["patient_id"].str.removeprefix("'")
    return frame


def test_studies_are_the_rows_of_the_command_s_worklist(result: screener.ScanResult, report: Path) -> None:
    frame = result.studies_frame()
    assert len(frame) == len(result.studies) == 6
    listed = told(report.with_suffix(".csv"))
    for each in (frame, listed):  # nothing is flagged, and pandas reads an empty column as one of numbers
        each["band"] = each["band"].astype(object).where(each["band"].notna(), "")
    pd.testing.assert_frame_equal(frame, listed, check_dtype=False)


def test_files_are_the_rows_of_the_command_s_list_of_files(result: screener.ScanResult, report: Path) -> None:
    frame = result.files_frame()
    assert len(frame) == len(result.files) == 10
    listed = told(report.with_name("files.csv"))
    frame["probability"] = frame["probability"].round(6)
    pd.testing.assert_frame_equal(frame[list(listed.columns)], listed, check_dtype=False)
    assert list(frame.columns) == [*listed.columns, "logit", "population"]


def test_the_summary_is_what_the_command_writes_as_json(result: screener.ScanResult, report: Path) -> None:
    written = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    assert list(result.summary) == list(written)
    json.dumps(result.summary, allow_nan=False)
    passing = {"seconds", "images_per_second", "options", "report_id"}
    for key in set(written) - passing:
        assert result.summary[key] == written[key], key
    assert result.summary["options"]["out"] is None
    assert result.exit_code is screener.ExitCode.SOME_FAILED
    assert result.complete


def test_out_writes_the_reports_of_the_command_too(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "studies" / "a.jpg", 1)
    found = screener.scan(tmp_path / "studies", workers=1, out=tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert read_csv(tmp_path / "report.csv")[0]["file"] == found.studies[0].file
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == found.summary


def test_rows_carry_logit_map_and_population(result: screener.ScanResult) -> None:
    model = screener.load_model()
    screened = [each for each in result.files if each.logit is not None]
    assert screened
    for file in screened:
        assert file.logit is not None
        assert model.predict(file.path).logit == file.logit
        assert model.probability(file.logit) == file.probability
    first = result.studies[0]
    assert first.map is not None
    assert first.map.shape == (7, 7)
    assert {"logit", "population"} <= set(result.files_frame().columns)


def test_a_scan_without_a_report_leaves_studies_new_for_the_nightly_list(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "studies" / "a.jpg", 1)
    ledger = tmp_path / "night.sqlite"
    first = screener.scan(tmp_path / "studies", workers=1, ledger=ledger)
    again = screener.scan([str(tmp_path / "studies")], workers=1, ledger=str(ledger))
    assert [each.file for each in again.studies] == [each.file for each in first.studies] == ["a.jpg"]
    assert first.summary["images_per_second"] > 0
    assert again.summary["images_per_second"] == 0, "nothing is read again"
    night = ("scan", tmp_path / "studies", "--ledger", ledger, "--new-only", "--no-pdf", "--workers", 1)
    for number, listed in enumerate((1, 0)):
        out = tmp_path / f"{number}.pdf"
        assert invoke(*night, "--out", out).exit_code == 0
        assert len(read_csv(out.with_suffix(".csv"))) == listed


def test_a_script_may_scan_at_its_top_level_and_in_a_thread(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "studies" / "a.jpg", 1)
    script = tmp_path / "script.py"
    script.write_text(
        "print('begin')\nimport threading, screener\n"
        "def work():\n    print(len(screener.scan('studies', workers=1).studies))\n"
        "work()\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["begin", "1", "1"], "nothing but what the script itself prints"
    assert done.stderr == ""
    assert {path.name for path in tmp_path.iterdir()} == {"studies", "script.py"}, "no report is written"


def test_what_cannot_be_scanned_raises_before_any_worker_starts(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(screener.UsageError, match="gone"):
        screener.scan(tmp_path / "gone")
    with pytest.raises(screener.ModelRejectedError):
        screener.scan(tmp_path, model=tmp_path)
    with pytest.raises(screener.UsageError, match="threshold"):
        screener.scan(tmp_path, threshold=2)
    with pytest.raises(screener.UsageError, match="pdf"):
        screener.scan(tmp_path, out=tmp_path / "report.txt")
    assert threading.active_count() == before


def test_without_pandas_frames_say_what_to_do(
    result: screener.ScanResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(screener.MissingDependencyError, match="pip install pandas"):
        result.studies_frame()
    with pytest.raises(screener.MissingDependencyError, match=r"ScanResult\.files"):
        result.files_frame()
