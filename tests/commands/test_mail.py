"""What cron mails and the log keeps, whatever became of the night."""

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from screener.commands.unparsed import summarise_unparsed
from screener.errors import OutputError
from screener.inference.model_folder import seal_model_folder
from screener.reporting import render as views
from screener.resources import shipped_model
from tests.commands.conftest import invoke, make_mixed_tree, write_dicom, write_jpeg
from tests.commands.test_nights import full_disk  # noqa: F401  # a fixture

pytestmark = pytest.mark.slow  # whole scans, one after another

LAST_NIGHT = "Screener: 5 to look at first; 0 images failed.\n\nthe night before\n"


class Nights:
    """Scans a folder of settled images night after night, and reads what was mailed and logged."""

    def __init__(self, folder: Path) -> None:
        self.studies, self.out = folder / "studies", folder / "report.pdf"
        self.ledger, self.short, self.log = folder / "ledger.sqlite", folder / "short.txt", folder / "log"
        for number in range(3):
            write_jpeg(self.studies / f"{number}.jpg", number)
        self.age()

    def age(self) -> None:
        """Let every image be old enough for --settle."""
        for path in self.studies.rglob("*"):
            os.utime(path, (1_700_000_000, 1_700_000_000))

    def command(self, *options: object, studies: Path | None = None) -> list[str]:
        asked = [
            "scan", studies or self.studies, "--out", self.out, "--no-pdf", "--workers", 1,
            "--ledger", self.ledger, "--summary", self.short, "--log-file", self.log, *options,
        ]  # fmt: skip
        return [str(each) for each in asked]

    def __call__(self, *options: object, code: int = 0, studies: Path | None = None) -> Result:
        result = invoke(*self.command(*options, studies=studies))
        assert result.exit_code == code, result.output
        return result

    @property
    def mail(self) -> str:
        return self.short.read_text(encoding="utf-8")

    @property
    def report(self) -> dict[str, object]:
        content: dict[str, object] = json.loads(self.out.with_suffix(".json").read_text(encoding="utf-8"))
        return content

    def last_logged(self) -> str:
        return self.log.read_text(encoding="utf-8").splitlines()[-1]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    made = Nights(tmp_path)
    made.short.write_text(LAST_NIGHT)
    return made


@pytest.fixture
def altered_model(tmp_path: Path) -> Path:
    folder = tmp_path / "altered"
    shutil.copytree(shipped_model(), folder)
    (folder / "MODEL_CARD.md").write_text("another")
    return folder


def test_a_run_that_is_killed_does_not_leave_the_mail_of_the_night_before(nights: Nights) -> None:
    for number in range(3, 60):
        write_jpeg(nights.studies / f"{number}.jpg", number)
    command = [sys.executable, "-m", "screener", *nights.command()]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while "NOT FINISHED" not in nights.mail and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    assert nights.mail.startswith("Screener: NOT FINISHED. The run that began 20")
    assert nights.short.stat().st_mode & 0o777 == 0o600


def absent_share(nights: Nights, altered: Path) -> tuple[int, str, list[object]]:
    nights.studies.rename(nights.studies.with_name("elsewhere"))
    return 2, "Is the share mounted?", []


def empty_share(nights: Nights, altered: Path) -> tuple[int, str, list[object]]:
    for path in nights.studies.iterdir():
        path.unlink()
    return 2, "not a single file in it. Is the share mounted?", []


def options_at_odds(nights: Nights, altered: Path) -> tuple[int, str, list[object]]:
    return 2, "Pass --threshold or --operating-point, not both.", [
        "--threshold", 0.5, "--operating-point", "balanced",
    ]  # fmt: skip


def wrong_mode(nights: Nights, altered: Path) -> tuple[int, str, list[object]]:
    return 2, "--mode 9: no file mode", ["--mode", "9"]


def rejected_model(nights: Nights, altered: Path) -> tuple[int, str, list[object]]:
    return 4, "MODEL_CARD.md: SHA-256 is", ["--model", altered]


def no_such_folder(nights: Nights, altered: Path) -> tuple[int, str, list[object]]:
    return (
        6,
        "cannot be written: No such file or directory",
        ["--files-csv", nights.out.parent / "x" / "f.csv"],
    )


def held_ledger(nights: Nights, altered: Path) -> tuple[int, str, list[object]]:
    holder = sqlite3.connect(nights.ledger)
    holder.execute("BEGIN EXCLUSIVE")
    return 7, "another run holds it", [holder]


@pytest.mark.parametrize(
    "night",
    [absent_share, empty_share, options_at_odds, wrong_mode, rejected_model, no_such_folder, held_ledger],
)
def test_whatever_ends_a_run_early_is_mailed_and_logged(
    nights: Nights,
    altered_model: Path,
    night: Callable[[Nights, Path], tuple[int, str, list[object]]],
) -> None:
    code, said, options = night(nights, altered_model)
    result = nights(*[each for each in options if not isinstance(each, sqlite3.Connection)], code=code)
    assert nights.mail.startswith(f"Screener: ENDED WITH AN ERROR, exit code {code}: ")
    assert said in nights.mail
    assert "report:                 none of this run" in nights.mail
    assert said in nights.last_logged()
    assert f"Exit code {code}: " in nights.last_logged()
    assert result.output.count(said) == 1


def test_without_the_pdf_library_the_mail_says_so(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    command = [each for each in nights.command() if each != "--no-pdf"]
    assert invoke(*command).exit_code == 5
    assert "exit code 5: this machine lacks what Screener needs" in nights.mail.splitlines()[0]
    assert "Exit code 5" in nights.last_logged()


@pytest.mark.parametrize("command", ["report", "merge"])
def test_report_and_merge_mail_how_they_ended_too(nights: Nights, command: str) -> None:
    absent = nights.ledger.with_name("absent.sqlite")
    ledger = [absent] if command == "merge" else ["--ledger", absent]
    result = invoke(command, *ledger, "--out", nights.out, "--no-pdf", "--summary", nights.short)
    assert result.exit_code == 2
    assert "no such file" in nights.mail
    assert nights.mail.startswith("Screener: ENDED WITH AN ERROR, exit code 2")


def test_a_log_of_objects_ends_with_the_error_and_the_exit_code(nights: Nights) -> None:
    nights("--log-format", "json", "--threshold", 7, code=2)
    last = json.loads(nights.last_logged())
    assert last["exit_code"] == 2
    assert last["error"].startswith("--threshold is a probability")
    assert set(last) == {"time", "message", "exit_code", "error", "complete"}


def test_standard_error_as_the_log_holds_objects_alone(nights: Nights) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "screener", "scan", nights.studies / "absent", "--out", nights.out,
         "--log-format", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["exit_code"] for line in lines] == [2]


@pytest.mark.parametrize("logged", [False, True])
def test_on_a_terminal_the_error_is_printed_once(nights: Nights, logged: bool) -> None:
    terminal, its_end = os.openpty()
    command = [
        sys.executable,
        "-m",
        "screener",
        "scan",
        str(nights.studies / "absent"),
        "--out",
        str(nights.out),
    ]
    command += ["--log-file", str(nights.log)] if logged else []
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=its_end, stderr=its_end, check=False)
    os.close(its_end)
    shown = os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert done.returncode == 2
    assert shown.count("Error: ") == 1
    assert shown.count("Is the share mounted?") == 1


def test_of_a_bug_the_log_holds_kind_and_place_and_no_message(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(chr(90) * 9)  # a name, which the line itself does not show

    monkeypatch.setattr("screener.reporting.write.write_lists", fail)
    result = nights(code=1)
    assert "error: a bug: ValueError in fail, " in nights.last_logged()
    assert "test_mail.py:" in nights.last_logged()
    assert "exit code 1: a bug" in nights.mail
    assert "Traceback (most recent call last):" in result.output
    assert "ZZZZ" not in result.output + nights.mail + nights.log.read_text()


@pytest.mark.parametrize(
    "wrong", [("--no-such-option",), ("--workers", "many"), ("--mode",)], ids=["unknown", "value", "no value"]
)
def test_a_command_line_that_cannot_be_parsed_leaves_no_mail_of_the_night_before(
    nights: Nights, wrong: tuple[str, ...]
) -> None:
    nights.short.write_text(LAST_NIGHT)
    os.utime(nights.short, (1_700_000_000, 1_700_000_000))
    nights.short.chmod(0o640)
    command = [sys.executable, "-m", "screener", *nights.command(*wrong)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert nights.mail.startswith("Screener: ENDED WITH AN ERROR, exit code 2: the command line")
    assert nights.short.stat().st_mode & 0o777 == 0o640


def test_a_command_line_that_cannot_be_parsed_writes_over_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "image.dcm").write_bytes(b"an image")
    now = datetime.now(UTC)
    for words in (["--summary", str(tmp_path / "image.dcm")], [f"--summary={tmp_path}/image.dcm"]):
        summarise_unparsed(["scan", *words], now)
    assert (tmp_path / "image.dcm").read_bytes() == b"an image"
    summarise_unparsed(["scan", "--summary", str(tmp_path / "gone")], now)
    summarise_unparsed(["scan", "--summary"], now)
    assert [each.name for each in tmp_path.iterdir()] == ["image.dcm"]


def test_what_the_run_itself_told_stays(tmp_path: Path) -> None:
    (short := tmp_path / "short.txt").write_text("Screener: told by this run")
    summarise_unparsed(["scan", f"--summary={short}"], datetime.now(UTC) - timedelta(minutes=1))
    assert short.read_text() == "Screener: told by this run"
    summarise_unparsed(["scan", f"--summary={short}"], datetime.now(UTC) + timedelta(minutes=1))
    assert short.read_text().startswith("Screener: ENDED WITH AN ERROR")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_configuration_file_that_is_wrong_leaves_no_text_of_the_night_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    (short := tmp_path / "short.txt").write_text(LAST_NIGHT)
    file = tmp_path / "screener.toml"
    file.write_text(
        f"[report]\nsummary = 'other'\n[scan]\nsummary = '{short}'  # for the mail\nout = no text\n"
    )
    if how == "variable":
        monkeypatch.setenv("SCREENER_CONFIG", str(file))
    given = ["scan", *(["--config", str(file)] if how == "option" else [])]
    summarise_unparsed(given, datetime.now(UTC) + timedelta(minutes=1))
    assert short.read_text().startswith("Screener: ENDED WITH AN ERROR")


def test_a_summary_never_replaces_another_file_that_the_command_names(nights: Nights) -> None:
    nights()
    nights.short = nights.ledger
    before = nights.ledger.read_bytes()
    nights(code=2)
    nights("--threshold", 7, code=2)
    assert nights.ledger.read_bytes() == before


def test_a_terminated_run_says_so_even_while_it_writes(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr(views, "_write_page", stop)
    nights("--html", code=130)
    assert nights.mail.startswith("Screener: ENDED WITH AN ERROR, exit code 130: interrupted.")
    assert (nights.report["exit_code"], nights.report["complete"]) == (130, False)
    assert "interrupted after it had reached every file, while its reports were written" in nights.mail
    assert "Exit code 130: interrupted" in nights.last_logged()


def test_after_a_failed_page_the_text_says_which_files_are_of_which_run(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights("--html")

    def full(*_: object, **__: object) -> None:
        raise OutputError("no room")

    monkeypatch.setattr(views, "write_triage_page", full)
    nights("--html", "--files-csv", nights.out.with_name("files.csv"), code=6)
    whose = (
        "Of this run: report.csv, report.json, files.csv. Not of this run but of an earlier one: report.html."
    )
    assert whose in nights.mail
    assert whose in nights.last_logged()
    assert f"report id:              {nights.report['report_id']}" in nights.mail
    assert nights.report["exit_code"] == 6


def test_a_full_disk_is_told_as_one_with_the_path_and_the_remedy(
    nights: Nights,
    full_disk: Callable[[int], Path],  # noqa: F811
) -> None:
    disk = full_disk(64)
    (disk / "filler").write_bytes(b"x" * 56 * 1024)
    nights.out = disk / "report.pdf"
    for number in range(3, 40):
        write_jpeg(nights.studies / f"{'long name ' * 20}{number}.jpg", number)
    nights(code=6)
    assert f"{disk / 'report.csv'}: cannot be written: the disk is full.\nFree space there" in nights.mail


def test_not_even_a_full_disk_keeps_the_mail_of_the_night_before(
    nights: Nights,
    full_disk: Callable[[int], Path],  # noqa: F811
) -> None:
    disk = full_disk(64)
    nights.short = disk / "short.txt"
    nights.short.write_text(LAST_NIGHT)
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"x" * 4096):
            pass
    nights(code=6)
    assert "the night before" not in nights.mail
    assert nights.mail.startswith("Screener: ENDED WITH AN ERROR, exit code 6")
    assert f"{nights.short}: cannot be written: the disk is full." in nights.mail


def test_a_full_disk_for_temporary_files_is_told_as_one(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp', '/var/tmp']")

    monkeypatch.setattr("tempfile.gettempdir", full)
    nights(code=6)
    assert "Their disks are full, or this account may not write there." in nights.mail


def test_any_other_file_for_which_the_disk_is_full_is_told_too(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/pymp-x")

    monkeypatch.setattr("screener.screening.scan.make_engine", full)
    nights(code=6)
    assert "/tmp/pymp-x: cannot be written: the disk is full.\nFree space there" in nights.mail


def test_a_night_with_nothing_but_known_failures_is_calm_and_says_what_is_known(nights: Nights) -> None:
    (nights.studies / "empty.png").touch()
    nights("--new-only", code=3)
    assert "1 image failed." in nights.mail.splitlines()[0]
    nights("--new-only")
    assert "0 images failed anew (1 known from earlier reports)" in nights.mail.splitlines()[0]
    assert "exit code:              0: done, nothing new failed" in nights.mail
    assert "exit code 0: done, nothing new failed" in nights.last_logged()
    assert "1 image failed that an earlier report told of; the file has not changed since." in nights.mail


def test_a_new_only_night_counts_the_folder_and_what_is_new_apart(nights: Nights) -> None:
    nights("--new-only")
    write_jpeg(nights.studies / "new.jpg", 7)
    result = nights("--new-only")
    assert "4 files in the folders: 3 known from earlier reports, 1 new." in result.output
    assert "4 files in the folders: 3 known from earlier reports, 1 new." in nights.mail
    assert "4 files, 3 known, 1 to screen" in nights.log.read_text()
    assert (nights.report["files_found"], nights.report["files_known"]) == (4, 3)


def test_a_night_of_files_that_are_all_too_young_says_that_none_was_looked_at(nights: Nights) -> None:
    for path in nights.studies.iterdir():
        path.touch()
    nights("--new-only", "--settle", 600)
    assert "3 files were too young (--settle) and are left for the next run." in nights.mail.splitlines()[1]
    nights.age()
    nights("--new-only", "--settle", 600)
    assert "3 files, 0 known, 3 to screen" in nights.log.read_text()
    assert "too young" not in nights.mail


def test_archives_that_were_not_opened_are_told(nights: Nights) -> None:
    for name in ("monday.zip", "pa.dcm.gz", "notes.txt"):
        (nights.studies / name).write_bytes(b"PK")
    nights()
    said = "2 archives (.zip, .gz and the like) were not opened: unpack them if they hold images."
    assert said in nights.mail
    assert said in nights.log.read_text()
    assert (nights.report["files_ignored"], nights.report["archives_ignored"]) == (3, 2)


def other_version(folder: Path) -> Path:
    """Make a model of another version that prepares images otherwise."""
    shutil.copytree(shipped_model(), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["preprocessing"]["clip_limit"] += 0.5
    seal_model_folder(folder, {key: manifest[key] for key in manifest if key not in ("format", "files")})
    return folder


def test_a_change_of_model_says_how_many_old_studies_it_lists_again(nights: Nights, tmp_path: Path) -> None:
    write_dicom(nights.studies / "study" / "pa.dcm", 5)
    nights.age()
    nights("--new-only")
    write_jpeg(nights.studies / "new.jpg", 7)
    write_dicom(nights.studies / "study" / "second.dcm", 6)  # makes its study new
    nights("--new-only", "--model", other_version(tmp_path / "other"))
    said = (
        "3 studies that earlier reports listed are listed again: the model, or the way images are read, has"
    )
    assert said in nights.mail
    assert nights.report["since_before"] == {"studies_again": 3, "images_gone": 0, "run_not_ended": None}
    assert "the model, or the way images are read, is not that of the last run" in nights.log.read_text()


def test_images_that_are_gone_are_counted_and_moved_ones_are_not(nights: Nights) -> None:
    write_dicom(nights.studies / "study" / "pa.dcm", 5)
    nights.age()
    nights()
    assert nights.report["since_before"]["images_gone"] is None  # type: ignore[index]
    (nights.studies / "0.jpg").unlink()
    (nights.studies / "1.jpg").rename(nights.studies / "moved.jpg")
    (nights.studies / "study").rename(nights.studies / "archived")
    nights()
    assert "1 image of the last complete run was not found this time." in nights.mail
    nights()
    assert "not found" not in nights.mail


def test_the_folders_of_another_command_with_the_same_ledger_are_not_gone(
    nights: Nights, tmp_path: Path
) -> None:
    write_jpeg(tmp_path / "others" / "a.jpg", 8)
    nights()
    nights(studies=tmp_path / "others")
    assert "not found" not in nights.mail
    (nights.studies / "0.jpg").unlink()
    nights()
    assert "1 image of the last complete run was not found this time." in nights.mail


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_a_run_before_that_did_not_end_is_told_once(nights: Nights, how: str) -> None:
    nights()
    with sqlite3.connect(nights.ledger) as database:
        finished = None if how == "killed" else "2026-11-27T02:10:00+00:00"
        database.execute(
            "INSERT INTO runs (started, finished, key) VALUES ('2026-11-27T02:00:00+00:00', ?, 0)",
            (finished,),
        )
    database.close()
    nights()
    verb = "did not end" if how == "killed" else "was interrupted"
    assert (
        f"The previous run, begun 2026-11-27 02:00, {verb}: none of its results count as reported."
        in nights.mail
    )
    nights()
    assert "The run before" not in nights.mail


def test_an_interrupted_night_says_how_many_files_it_did_not_reach(nights: Nights) -> None:
    for number in range(600):
        os.link(nights.studies / "0.jpg", nights.studies / f"linked-{number:03}.jpg")
    run = subprocess.Popen(
        [sys.executable, "-m", "screener", *nights.command("--batch-size", "1")], stderr=subprocess.DEVNULL
    )
    while "screening 603 files" not in (nights.log.read_text() if nights.log.exists() else ""):
        assert run.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)
    run.send_signal(signal.SIGTERM)
    assert run.wait(60) == 130
    left = 603 - int(nights.report["files_seen"])  # type: ignore[call-overload]
    assert f"{left} of 603 files were not reached: the scan was interrupted." in nights.mail
    assert f"{left} of 603 files were not reached" in nights.log.read_text()


def test_nothing_that_identifies_a_patient_is_mailed(nights: Nights) -> None:
    make_mixed_tree(nights.studies)
    nights(code=3)
    for secret in ("P-1", "A-1", "SECRET", "study/", "exports/"):
        assert secret not in nights.mail
