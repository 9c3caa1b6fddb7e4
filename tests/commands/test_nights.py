"""'screener scan --ledger' night after night, seen from outside."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import invoke, make_mixed_tree, read_csv, write_dicom, write_jpeg

pytestmark = pytest.mark.slow  # whole scans, one after another


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    make_mixed_tree(folder)
    return folder


class Night:
    """Runs scans of one folder with one ledger and reads back what they wrote."""

    def __init__(self, studies: Path, tmp_path: Path) -> None:
        self.studies, self.folder = studies, tmp_path
        self.ledger = tmp_path / "ledger.sqlite"

    def __call__(self, *options: object, code: int, name: str = "report") -> dict[str, object]:
        out = self.folder / f"{name}.pdf"
        files = out.with_name(f"{name}-files.csv")
        result = invoke(
            "scan", self.studies, "--out", out, "--no-pdf", "--workers", 1, "--ledger", self.ledger,
            "--files-csv", files, *options,
        )  # fmt: skip
        assert result.exit_code == code, result.output
        report = json.loads(out.with_suffix(".json").read_text())
        counted = sum(report[f"images_{each}"] for each in ("screened", "ineligible", "failed"))
        assert report["files_seen"] == counted + report["files_ignored"] == len(read_csv(files))
        return {**report, "rows": read_csv(out.with_suffix(".csv")), "printed": result.output}


@pytest.fixture
def night(studies: Path, tmp_path: Path) -> Night:
    return Night(studies, tmp_path)


def test_the_second_night_screens_nothing_again_and_says_the_same(night: Night) -> None:
    first = night(code=3, name="first")
    second = night(code=0, name="second")
    assert second["images_per_second"] == 0
    assert first["images_per_second"] > 0
    for one, other in zip(first["rows"], second["rows"], strict=True):
        assert {**one, "reason": ""} == {**other, "reason": ""}
    assert second["images_failed_known"] == second["images_failed"] == 3
    reasons = [row["reason"] for row in second["rows"] if "known since" in row["reason"]]
    assert len(reasons) == 3  # two files of their own, and one image of a screened study


def test_a_new_failure_still_spoils_the_exit_code(night: Night, studies: Path) -> None:
    night(code=3)
    (studies / "new.jpg").write_bytes(b"")
    report = night(code=3)
    assert (report["images_failed"], report["images_failed_known"]) == (4, 3)


def test_only_what_is_new_is_listed(night: Night, studies: Path) -> None:
    assert len(night("--new-only", code=3)["rows"]) == 6
    assert night("--new-only", code=0)["rows"] == []
    write_jpeg(studies / "exports" / "new.jpg", 9)
    write_dicom(studies / "study" / "second.dcm", 8)
    rows = night("--new-only", code=0)["rows"]
    assert {row["file"] for row in rows if row["status"] != "not_screened"} >= {"exports/new.jpg"}
    assert len(rows) == 2


def test_what_has_waited_stands_below_the_flagged_alike_in_every_output(night: Night, studies: Path) -> None:
    first = night("--threshold", 0.9, code=3)
    unflagged = [row["file"] for row in first["rows"] if row["status"] == "not_flagged"]
    with sqlite3.connect(night.ledger) as ledger:  # a week ago
        ledger.execute("UPDATE runs SET started = date('now', '-7 days') || substr(started, 11)")
    ledger.close()
    write_jpeg(studies / "exports" / "new.jpg", 9)
    threshold = sorted(float(row["probability"]) for row in first["rows"] if row["probability"])[-1]
    report = night("--threshold", threshold, "--max-wait", 5, code=0)
    assert report["order"] == "max_wait"
    assert first["order"] == "probability"
    screened = [row for row in report["rows"] if row["rank"]]
    assert [row["rank"] for row in screened] == ["1", "2", "3", "4"]
    flags = [row["status"] == "flagged" for row in screened]
    assert flags == sorted(flags, reverse=True)
    marked = [row["file"] for row in screened if "waiting" in row["notes"]]
    old = [row["file"] for row in screened if row["status"] == "not_flagged" and row["file"] in unflagged]
    assert marked == old != []
    below = [row["file"] for row in screened if row["status"] == "not_flagged"]
    assert below[: len(marked)] == marked
    invoke("report", "--ledger", night.ledger, "--out", night.folder / "again.pdf")
    assert (night.folder / "again.csv").read_bytes() == (night.folder / "report.csv").read_bytes()
    assert _text(night.folder / "again.pdf").decode().count("waiting") >= len(marked)


def test_max_wait_needs_a_ledger(studies: Path, tmp_path: Path) -> None:
    result = invoke("scan", studies, "--out", tmp_path / "r.pdf", "--max-wait", 3)
    assert result.exit_code == 2
    assert "--max-wait needs --ledger" in result.output


def test_new_only_needs_a_ledger(studies: Path, tmp_path: Path) -> None:
    result = invoke("scan", studies, "--out", tmp_path / "r.pdf", "--new-only")
    assert result.exit_code == 2
    assert "--new-only needs --ledger" in result.output


def test_a_file_that_is_still_being_copied_waits_for_the_next_run(night: Night, studies: Path) -> None:
    for path in studies.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    write_jpeg(studies / "young.jpg", 5)
    first = night("--settle", 600, code=3)
    assert (first["files_unsettled"], first["files_ignored"]) == (1, 3)
    second = night(code=0)
    assert second["files_unsettled"] == 0
    assert second["images_screened"] == first["images_screened"] + 1


def test_a_ledger_held_by_another_run_ends_at_once_with_7(night: Night) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, time\nfrom pathlib import Path\n"
         "from screener.ledger import Ledger\n"
         f"ledger = Ledger(Path({str(night.ledger)!r}))\nprint('held', flush=True)\ntime.sleep(60)"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        started = time.perf_counter()
        result = invoke("scan", night.studies, "--out", night.folder / "r.pdf", "--ledger", night.ledger)
        assert result.exit_code == 7
        assert "another run holds it" in result.output
        assert time.perf_counter() - started < 10
    finally:
        holder.kill()
        holder.communicate()
    night(code=3)  # the lock died with its holder


def test_a_damaged_ledger_is_set_aside_and_everything_screened_again(night: Night) -> None:
    night(code=3)
    night.ledger.write_bytes(bytes(7000))  # as a disk that lost power may leave it
    report = night(code=3)
    assert report["images_per_second"] > 0
    assert "is damaged: set aside as" in report["printed"]
    assert len(list(night.folder.glob("ledger.sqlite.damaged-*"))) == 1


def test_a_run_killed_at_any_moment_and_resumed_ends_like_one_that_was_not(
    night: Night, studies: Path, tmp_path: Path
) -> None:
    for i in range(40):
        write_jpeg(studies / "more" / f"{i:02}.jpg", i)
    whole = night(code=3, name="whole")
    ledger = tmp_path / "killed.sqlite"
    command = [
        sys.executable, "-m", "screener", "scan", studies, "--out", tmp_path / "killed.pdf", "--no-pdf",
        "--workers", "1", "--batch-size", "2", "--ledger", ledger,
        "--files-csv", tmp_path / "killed-files.csv",
    ]  # fmt: skip
    for delay in (0.6, 1.0, 1.3):
        run = subprocess.Popen([str(each) for each in command], stderr=subprocess.DEVNULL)
        time.sleep(delay)
        run.send_signal(signal.SIGKILL)
        run.wait()
    night.ledger = ledger
    night(code=3, name="killed")
    for suffix in (".csv", "-files.csv"):
        assert (tmp_path / f"killed{suffix}").read_bytes() == (tmp_path / f"whole{suffix}").read_bytes()
    assert whole["files_seen"] == 50


def test_the_log_tells_each_failed_file_on_a_line_of_its_own(night: Night) -> None:
    log = night.folder / "screener.log"
    night("--log-file", log, code=3)
    lines = log.read_text().splitlines()
    assert sum(" failed " in line for line in lines) == 3
    assert "exit code 3" in lines[-1]
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_json_log_is_one_object_a_line(night: Night) -> None:
    log = night.folder / "screener.log"
    night("--log-file", log, "--log-format", "json", code=3)
    night("--log-file", log, "--log-format", "json", code=0)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert all({"time", "message"} <= set(line) for line in lines)
    assert sum("reason" in line for line in lines) == 3
    assert [line["exit_code"] for line in lines if "exit_code" in line] == [3, 0]


TAGS = {
    "PatientName": "Zzname^Secret",
    "PatientBirthDate": "19121212",
    "OtherPatientIDs": "ZZOTHERID",
    "PatientAddress": "Zzstreet 7",
    "PatientMotherBirthName": "Zzmother",
    "ReferringPhysicianName": "Zzreferrer^Doctor",
    "PerformingPhysicianName": "Zzperformer^Doctor",
    "OperatorsName": "Zzoperator^Tech",
    "InstitutionName": "Zzhospital",
    "InstitutionAddress": "Zzhospital street",
    "StationName": "ZZSTATION",
    "PatientComments": "Zzcomment on the patient",
    "AdditionalPatientHistory": "Zzhistory",
    "EthnicGroup": "ZZGROUP",
    "Occupation": "Zzoccupation",
    "RequestingPhysician": "Zzrequester^Doctor",
    "StudyID": "ZZSTUDYID",
}
IDENTIFIERS = {"PatientID": "ZzPatientId", "AccessionNumber": "ZzAccession"}


def test_no_tag_that_names_somebody_reaches_any_output(tmp_path: Path) -> None:
    studies, out = tmp_path / "studies", tmp_path / "out"
    out.mkdir()
    write_dicom(studies / "a" / "good.dcm", 1, **TAGS, **IDENTIFIERS)
    write_dicom(studies / "b" / "cut.dcm", 2, PixelData=b"\0" * 10, **TAGS, **IDENTIFIERS)
    write_dicom(studies / "c" / "ct.dcm", 3, Modality="CT", **TAGS, **IDENTIFIERS)
    environment = {**os.environ, "TMPDIR": str(out / "tmp")}
    (out / "tmp").mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "screener", "scan", str(studies), "--out", str(out / "report.pdf"),
         "--ledger", str(out / "ledger.sqlite"), "--files-csv", str(out / "files.csv"),
         "--log-file", str(out / "log")],
        capture_output=True, env=environment, check=False,
    )  # fmt: skip
    assert run.returncode == 3, run.stderr
    written = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    written["pdf text"] = _text(out / "report.pdf")
    written["printed"] = run.stdout + run.stderr
    for name, content in written.items():
        for secret in TAGS.values():
            for part in secret.split("^"):
                if len(part) > 6:
                    assert part.encode() not in content, f"{part} is in {name}"
    for name in ("log", "printed", "report.json"):
        assert not any(each.encode() in written[name] for each in IDENTIFIERS.values()), name
    assert b"ZzPatientId" in written["report.csv"]  # what finds a study again belongs in the worklist
    assert b"ZzPatientId" in written["pdf text"]


def _text(pdf: Path) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document).encode()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Return a folder on a disk of its own, of so many kilobytes."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(kilobytes: int) -> Path:
        size = f"size={kilobytes}k"
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip("no right to mount a small disk")
        return folder

    yield mount
    subprocess.run(["umount", folder], capture_output=True, check=False)


def test_a_disk_that_fills_up_leaves_the_old_report_whole_and_ends_with_6(
    studies: Path, tmp_path: Path, full_disk: Callable[[int], Path]
) -> None:
    out = full_disk(40) / "report.pdf"
    assert invoke("scan", studies, "--out", out, "--no-pdf").exit_code == 3
    before = out.with_suffix(".csv").read_bytes()
    for i in range(150):
        write_jpeg(studies / "many" / f"{i:03}-{'long name ' * 20}.jpg", i)
    result = invoke("scan", studies, "--out", out, "--no-pdf")
    assert result.exit_code == 6, result.output
    assert "the disk is full" in result.output
    assert "Not of this run but of an earlier one: report.csv, report.json." in result.output
    assert out.with_suffix(".csv").read_bytes() == before
    assert sorted(path.name for path in out.parent.iterdir()) == ["report.csv", "report.json"]


def test_a_ledger_that_fills_its_disk_ends_with_6_and_can_be_gone_on_with(
    studies: Path, tmp_path: Path, full_disk: Callable[[int], Path]
) -> None:
    disk = full_disk(120)
    for i in range(150):
        write_jpeg(studies / "many" / f"{i:03}.jpg", i)
    arguments = ["scan", studies, "--out", tmp_path / "r.pdf", "--no-pdf", "--ledger", disk / "ledger.sqlite"]
    result = invoke(*arguments)
    assert result.exit_code == 6, result.output
    assert f"the disk is full ({disk})" in result.output
    subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
    assert invoke(*arguments).exit_code == 3
