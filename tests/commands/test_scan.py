"""The contracts of 'screener scan', seen from outside."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from screener.resources import shipped_model
from tests.commands.conftest import Scan, invoke, make_mixed_tree, read_csv, write_dicom, write_jpeg

COLUMNS = (
    "rank,study_id,patient_id,accession_number,study_date,view,images,probability,status,reason,file,model,"
    "notes,band,reason_code,population"
)


def test_a_scan_with_failed_images_ends_with_3(scanned: Scan) -> None:
    assert scanned.exit_code == 3
    assert scanned.report["exit_code"] == 3
    assert scanned.report["complete"] is True


def test_every_file_seen_is_counted_once(scanned: Scan) -> None:
    report = scanned.report
    assert report["files_seen"] == 10
    assert report["images_screened"] == 3
    assert report["images_ineligible"] == 2
    assert report["images_failed"] == 3
    assert report["files_ignored"] == 2
    assert len(scanned.files) == 10


def test_the_worklist_has_the_columns_of_the_contract_and_lf(scanned: Scan) -> None:
    raw = scanned.out.with_suffix(".csv").read_bytes()
    assert raw.decode("utf-8").splitlines()[0] == COLUMNS
    assert b"\r" not in raw


def test_the_worklist_runs_by_falling_probability_with_not_screened_last(scanned: Scan) -> None:
    probabilities = [row["probability"] for row in scanned.rows]
    screened = [float(each) for each in probabilities if each]
    assert screened == sorted(screened, reverse=True)
    assert probabilities[len(screened) :] == [""] * (len(scanned.rows) - len(screened))
    assert [row["rank"] for row in scanned.rows] == ["1", "2", "3", "", "", ""]


def test_the_status_follows_from_the_printed_numbers(scanned: Scan) -> None:
    threshold = scanned.report["operating_point"]["threshold"]
    for row in scanned.rows:
        if row["probability"]:
            expected = "flagged" if float(row["probability"]) >= threshold else "not_flagged"
            assert row["status"] == expected
        else:
            assert row["status"] == "not_screened"


def test_a_study_with_a_failed_image_is_screened_and_says_so(scanned: Scan) -> None:
    [row] = [row for row in scanned.rows if row["file"] == "study/pa.dcm"]
    assert row["images"] == "1"
    assert row["reason"].startswith("1 of 3 images failed: ")
    assert row["patient_id"] == '\'=P,"1"'  # no spreadsheet runs it
    assert row["study_date"] == "2026-11-20"


def test_an_image_without_study_uid_is_its_own_study(scanned: Scan) -> None:
    assert {row["study_id"] for row in scanned.rows} >= {
        "exports/a.jpg",
        "exports/<b>&.JPG",
        "exports/cut.jpg",
    }


def test_the_files_list_gives_each_outcome_with_cause_and_reason(scanned: Scan) -> None:
    outcomes = {each["file"]: (each["outcome"], each["cause"]) for each in scanned.files}
    assert outcomes == {
        "exports/a.jpg": ("screened", ""),
        "exports/<b>&.JPG": ("screened", ""),
        "exports/notes.txt": ("ignored", ""),
        "exports/empty.png": ("not_screened", "failed"),
        "exports/cut.jpg": ("not_screened", "failed"),
        "study/pa.dcm": ("screened", ""),
        "study/lateral.dcm": ("not_screened", "ineligible"),
        "study/broken.dcm": ("not_screened", "failed"),
        "ct/slice.dcm": ("not_screened", "ineligible"),
        "ct/.hidden.dcm": ("ignored", ""),
    }
    assert all(each["reason"] for each in scanned.files if each["outcome"] == "not_screened")


def test_outputs_are_private(scanned: Scan) -> None:
    for suffix in (".pdf", ".csv", ".json"):
        assert stat.S_IMODE(scanned.out.with_suffix(suffix).stat().st_mode) == 0o600


def test_the_mode_of_the_outputs_can_be_changed(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "s" / "a.jpg")
    assert (
        invoke("scan", tmp_path / "s", "--out", tmp_path / "r.pdf", "--no-pdf", "--mode", "0640").exit_code
        == 0
    )
    assert stat.S_IMODE((tmp_path / "r.csv").stat().st_mode) == 0o640


def test_nothing_but_the_outputs_is_left_beside_them(scanned: Scan) -> None:
    assert sorted(path.name for path in scanned.out.parent.iterdir()) == [
        "files.csv", "report.csv", "report.json", "report.pdf",
    ]  # fmt: skip


def test_names_and_birth_dates_are_in_no_output(scanned: Scan) -> None:
    document = pypdfium2.PdfDocument(scanned.out)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    for path in scanned.out.parent.glob("*.[cj]s*"):
        text += path.read_text(encoding="utf-8")
    for secret in ("SECRET", "19540321", "1954-03-21"):
        assert secret not in text + scanned.printed


def test_the_report_shows_totals_worklist_and_notice(scanned: Scan) -> None:
    document = pypdfium2.PdfDocument(scanned.out)
    text = " ".join("".join(page.get_textpage().get_text_bounded() for page in document).split())
    assert "Not a medical device" in text
    assert "<b>&.JPG" in text
    assert f"page 1 of {len(document)}" in text


def test_the_summary_says_where_the_outputs_are(scanned: Scan) -> None:
    flat = scanned.printed.replace("\n", "")
    for suffix in (".pdf", ".csv", ".json"):
        assert str(scanned.out.with_suffix(suffix)) in flat


def test_the_same_studies_give_the_same_worklist_whatever_the_batches(scanned: Scan, tmp_path: Path) -> None:
    make_mixed_tree(tmp_path / "studies")
    out = tmp_path / "report.pdf"
    invoke("scan", tmp_path / "studies", "--out", out, "--no-pdf", "--workers", 1, "--batch-size", 1)
    again = out.with_suffix(".csv").read_text().splitlines()
    first = scanned.out.with_suffix(".csv").read_text().splitlines()
    # Study Instance UIDs of the made files depend on their folder; all else is equal.
    assert [line.rsplit(",", 5)[1:] for line in again] == [line.rsplit(",", 5)[1:] for line in first]
    assert not out.exists()


def test_prevalence_moves_probabilities_and_threshold_but_no_status(scanned: Scan, tmp_path: Path) -> None:
    make_mixed_tree(tmp_path / "studies")
    out = tmp_path / "report.pdf"
    invoke("scan", tmp_path / "studies", "--out", out, "--no-pdf", "--prevalence", 0.5)
    report = json.loads(out.with_suffix(".json").read_text())
    assert report["prevalence"] == 0.5
    assert report["operating_point"]["threshold"] > scanned.report["operating_point"]["threshold"]
    assert report["operating_point"]["sensitivity"] == scanned.report["operating_point"]["sensitivity"]
    assert report["studies"] == scanned.report["studies"]
    assert report["ppv"] > scanned.report["ppv"]
    before = {row["file"]: row for row in scanned.rows if row["probability"]}
    moved = {row["file"]: row for row in read_csv(out.with_suffix(".csv")) if row["probability"]}
    assert list(moved) == list(before)  # the same order
    assert [row["status"] for row in moved.values()] == [row["status"] for row in before.values()]
    step = odds(0.5) / odds(scanned.report["prevalence"])  # Bayes: every odds moves by the prevalence's
    for file, row in moved.items():
        expected = step * odds(float(before[file]["probability"]))
        assert float(row["probability"]) == pytest.approx(expected / (1 + expected), abs=2e-5)


def odds(probability: float) -> float:
    return probability / (1 - probability)


def test_a_threshold_of_ones_own_is_not_validated(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "studies" / "a.jpg")
    out = tmp_path / "report.pdf"
    result = invoke("scan", tmp_path / "studies", "--out", out, "--threshold", 0.5)
    report = json.loads(out.with_suffix(".json").read_text())
    assert result.exit_code == 0
    assert report["operating_point"] == {
        "name": "custom", "threshold": 0.5, "sensitivity": None, "specificity": None,
    }  # fmt: skip
    assert report["ppv"] is None
    assert report["npv"] is None
    assert "not validated" in result.output
    text = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_bounded()
    assert "not validated" in text


def test_a_folder_without_images_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "readme.txt").write_text("text")
    result = invoke("scan", tmp_path / "studies", "--out", tmp_path / "report.pdf")
    assert result.exit_code == 0
    assert json.loads((tmp_path / "report.json").read_text())["files_ignored"] == 1
    assert (tmp_path / "report.pdf").stat().st_size > 1000


def test_ineligible_images_are_no_failure(tmp_path: Path) -> None:
    write_dicom(tmp_path / "studies" / "hand.dcm", BodyPartExamined="HAND")
    assert invoke("scan", tmp_path / "studies", "--out", tmp_path / "r.pdf", "--no-pdf").exit_code == 0


def test_several_roots_prefix_their_files(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "north" / "a.jpg")
    write_jpeg(tmp_path / "south" / "a.jpg")
    out = tmp_path / "r.pdf"
    invoke("scan", tmp_path / "north", tmp_path / "south", "--out", out, "--no-pdf")
    lines = out.with_suffix(".csv").read_text().splitlines()
    assert {line.split(",")[1] for line in lines[1:]} == {"north/a.jpg", "south/a.jpg"}


def test_a_path_that_is_a_file_goes_by_its_base_name(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "deep" / "a.jpg")
    out = tmp_path / "r.pdf"
    invoke("scan", tmp_path / "deep" / "a.jpg", "--out", out, "--no-pdf")
    assert out.with_suffix(".csv").read_text().splitlines()[1].split(",")[1] == "a.jpg"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(
            ["{tmp}/absent", "--out", "{tmp}/r.pdf"], 2, "no such file or folder", id="missing path"
        ),
        pytest.param(["{tmp}/empty", "--out", "{tmp}/r.pdf"], 2, "share mounted", id="empty folder"),
        pytest.param(["{tmp}/s", "--out", "{tmp}/r.txt"], 2, ".pdf", id="out is no PDF"),
        pytest.param(["{tmp}/s", "--out", "{tmp}/absent/r.pdf"], 6, "cannot be written", id="no such folder"),
        pytest.param(
            ["{tmp}/s", "{tmp}/s/deep", "--out", "{tmp}/r.pdf"], 2, "inside", id="overlapping roots"
        ),
        pytest.param(
            ["{tmp}/s", "--out", "{tmp}/r.pdf", "--model", "{tmp}/x"], 4, "no such model", id="no model"
        ),
        pytest.param(
            ["{tmp}/s", "--out", "{tmp}/r.pdf", "--operating-point", "best"],
            2,
            "balanced",
            id="unknown point",
        ),
        pytest.param(["{tmp}/s", "--out", "{tmp}/r.pdf", "--threshold", "7"], 2, "0 to 1", id="threshold"),
        pytest.param(["{tmp}/s", "--out", "{tmp}/r.pdf", "--prevalence", "0"], 2, "0 and 1", id="prevalence"),
        pytest.param(["{tmp}/s", "--out", "{tmp}/r.pdf", "--workers", "0"], 2, "1 or more", id="workers"),
        pytest.param(["{tmp}/s", "--out", "{tmp}/r.pdf", "--mode", "9"], 2, "file mode", id="mode"),
        pytest.param(
            ["{tmp}/s", "--out", "{tmp}/r.pdf", "--threshold", ".5", "--operating-point", "balanced"],
            2,
            "not both",
            id="threshold and point",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_the_first_file(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    write_jpeg(tmp_path / "s" / "deep" / "a.jpg")
    (tmp_path / "empty").mkdir()
    result = invoke("scan", *(each.format(tmp=tmp_path) for each in arguments))
    assert result.exit_code == code
    assert message in " ".join(result.output.split())
    assert not list(tmp_path.glob("r.*"))


@pytest.mark.parametrize("name", ["model.tflite", "model.weights.h5", "manifest.json", "MODEL_CARD.md"])
def test_a_model_with_one_byte_altered_is_rejected(tmp_path: Path, name: str) -> None:
    write_jpeg(tmp_path / "s" / "a.jpg")
    model = tmp_path / "model"
    shutil.copytree(shipped_model(), model)
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)
    result = invoke("scan", tmp_path / "s", "--out", tmp_path / "r.pdf", "--model", model)
    assert result.exit_code == 4
    assert name in result.output


def test_without_the_pdf_library_the_scan_stops_at_once_unless_no_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_jpeg(tmp_path / "s" / "a.jpg")
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    result = invoke("scan", tmp_path / "s", "--out", tmp_path / "r.pdf")
    assert result.exit_code == 5
    assert "--no-pdf" in result.output
    assert invoke("scan", tmp_path / "s", "--out", tmp_path / "r.pdf", "--no-pdf").exit_code == 0


def test_a_failing_pdf_leaves_the_worklist_and_says_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.errors import OutputError
    from screener.reporting import render as views

    def full_disk(*_: object) -> None:
        raise OutputError("no space left on device")

    write_jpeg(tmp_path / "s" / "a.jpg")
    monkeypatch.setattr(views, "write_report_pdf", full_disk)
    result = invoke("scan", tmp_path / "s", "--out", tmp_path / "r.pdf")
    assert result.exit_code == 6
    assert json.loads((tmp_path / "r.json").read_text())["exit_code"] == 6
    assert (tmp_path / "r.csv").read_text().count("\n") == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "send"),
    [
        pytest.param(signal.SIGINT, os.kill, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, os.kill, id="SIGTERM"),
        pytest.param(signal.SIGTERM, os.killpg, id="SIGTERM to the whole group"),
        pytest.param(signal.SIGHUP, os.killpg, id="SIGHUP, as a closed terminal sends it"),
    ],
)
def test_an_interrupted_scan_writes_what_is_known_and_ends_with_130(
    tmp_path: Path, number: signal.Signals, send: Callable[[int, int], None]
) -> None:
    for i in range(600):
        write_jpeg(tmp_path / "s" / f"{i:03d}.jpg", 0) if i == 0 else os.link(
            tmp_path / "s" / "000.jpg", tmp_path / "s" / f"{i:03d}.jpg"
        )
    out = tmp_path / "r.pdf"
    command = [
        "scan",
        str(tmp_path / "s"),
        "--out",
        str(out),
        "--no-pdf",
        "--workers",
        "1",
        "--batch-size",
        "1",
    ]
    start = [sys.executable, "-m", "screener", *command]
    with subprocess.Popen(
        start,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # nohup would have it ignored
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()  # "screening 600 files": the first ones are on their way
        time.sleep(1.0)
        send(process.pid, number)
        process.communicate(timeout=60)
    assert process.returncode == 130
    report = json.loads(out.with_suffix(".json").read_text())
    assert report["complete"] is False
    assert report["files_seen"] < 600
    assert report["files_seen"] == report["images_screened"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_group_while_the_fork_server_starts_is_the_scan_s_alone(
    tmp_path: Path, number: signal.Signals
) -> None:
    for i in range(40):
        write_jpeg(tmp_path / "s" / f"{i:03d}.jpg", i)
    (tmp_path / "sitecustomize.py").write_text(  # a machine on which Python takes long to start
        "import pathlib, sys, time\n"
        "if any('multiprocessing.forkserver' in each for each in sys.orig_argv):\n"
        f"    pathlib.Path({str(tmp_path / 'starting')!r}).touch()\n"
        f"    while not pathlib.Path({str(tmp_path / 'may start')!r}).exists():\n"
        "        time.sleep(0.05)\n"
    )
    command = [
        sys.executable,
        "-m",
        "screener",
        "scan",
        tmp_path / "s",
        "--out",
        tmp_path / "r.pdf",
        "--no-pdf",
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        begun = next(line for line in process.stderr if "screening 40 files" in line)
        assert (tmp_path / "starting").exists()
        time.sleep(1)  # then the scan listens
        os.killpg(process.pid, number)
        (tmp_path / "may start").touch()
        _, printed = process.communicate(timeout=60)
    assert process.returncode == 130, begun + printed
    assert json.loads((tmp_path / "r.json").read_text())["complete"] is False


@pytest.mark.slow
def test_a_long_tmpdir_does_not_keep_the_workers_from_starting(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    write_jpeg(tmp_path / "s" / "a.jpg")
    command = [
        sys.executable,
        "-m",
        "screener",
        "scan",
        str(tmp_path / "s"),
        "--out",
        str(tmp_path / "r.pdf"),
    ]
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(
        [*command, "--no-pdf"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
