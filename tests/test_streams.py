"""Whatever becomes of its standard streams, a command does its work and ends with its own code."""

import errno
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screener.commands import console
from screener.commands.console import Log
from screener.errors import OutputError
from tests.commands.conftest import invoke, write_jpeg
from tests.engines.test_machine import failing

SCREENER = f"{sys.executable} -m screener"
LOST = ("2>&-", "2>/dev/full", ">/dev/full 2>&1", "2>&1 | true", "2>&1 | head -1", "<&- >&- 2>&-")
BROKEN = [*(pytest.param(each, id=each) for each in LOST)]


def shell(command: str, lost: str, folder: Path) -> int:
    """Run a command of Screener's with its streams lost in some way; return the code it ended with."""
    line = f"{{ {SCREENER} {command}; echo $? > {folder}/code; }} {lost}"
    subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=120)
    return int((folder / "code").read_text())


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an image and a file that fails, so that a scan of it ends with 3."""
    root = tmp_path_factory.mktemp("studies")
    write_jpeg(root / "image.jpg")
    (root / "empty.jpg").touch()
    return root


@pytest.mark.slow
@pytest.mark.parametrize("lost", BROKEN)
def test_a_scan_writes_its_report_and_ends_with_its_own_code(
    studies: Path, tmp_path: Path, lost: str
) -> None:
    assert shell(f"scan {studies} --out {tmp_path}/r.pdf --no-pdf --workers 1", lost, tmp_path) == 3
    assert json.loads((tmp_path / "r.json").read_text())["complete"] is True


@pytest.mark.parametrize("lost", BROKEN)
def test_models_list_ends_with_0(tmp_path: Path, lost: str) -> None:
    assert shell("models list", lost, tmp_path) == 0


@pytest.mark.slow
@pytest.mark.parametrize("lost", [">/dev/full", "2>&1 | true"])
def test_the_doctor_and_an_error_keep_their_codes(tmp_path: Path, lost: str) -> None:
    assert shell("doctor", lost, tmp_path) == 0
    assert shell("scan --out r.pdf /nowhere", lost, tmp_path) == 2
    assert shell("scan --no-such-option", lost, tmp_path) == 2


@pytest.mark.slow
@pytest.mark.parametrize("lost", [">&-", "2>&1 | true"])
def test_a_report_told_again_is_written(studies: Path, tmp_path: Path, lost: str) -> None:
    ledger = tmp_path / "ledger"
    invoke("scan", studies, "--out", tmp_path / "r.pdf", "--no-pdf", "--ledger", ledger, "--workers", 1)
    assert shell(f"report --ledger {ledger} --out {tmp_path}/again.pdf --no-pdf", lost, tmp_path) == 0
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "r.csv").read_bytes()


def test_a_closed_descriptor_is_given_to_no_file(tmp_path: Path) -> None:
    """Python opens the next file as the lowest free descriptor: what is printed would go into it."""
    precious = tmp_path / "precious"
    code = (
        "import os, sys; from screener.streams import outlast_readers; outlast_readers();"
        f"file = open({str(precious)!r}, 'w'); os.system('echo child; echo child >&2'); print('out');"
        "print('error', file=sys.stderr); file.close()"
    )
    subprocess.run(["bash", "-c", f'{sys.executable} -c "$0" <&- >&- 2>&-', code], check=True)
    assert precious.read_bytes() == b""


def test_characters_that_the_terminal_lacks_are_escaped() -> None:
    code = "from screener.streams import outlast_readers; outlast_readers(); print('Ünïcode \\udcff …')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"\\xdcn\\xefcode \\udcff \\u2026\n"


def test_a_full_pipe_that_does_not_block_is_waited_for() -> None:
    """A pipe that its reader, such as a build server's, has set to non-blocking, and reads slowly."""
    code = (
        "import os; os.set_blocking(1, False); from screener.streams import outlast_readers;"
        "outlast_readers(); print('x' * 1_000_000)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        time.sleep(0.5)
        assert process.stdout is not None
        assert len(process.stdout.read()) == 1_000_001
    assert process.returncode == 0


@pytest.mark.slow
def test_a_terminal_that_goes_away_during_the_progress_bar_costs_nothing(
    studies: Path, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "screener", "scan", studies, "--out", tmp_path / "r.pdf", "--no-pdf"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    os.read(ours, 1)  # something of the bar
    os.close(ours)
    assert process.wait(60) == 3
    assert (tmp_path / "r.csv").is_file()


def test_a_log_in_a_folder_that_does_not_exist_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Name a folder that exists"):
        Log(tmp_path / "no folder" / "log")


def test_a_log_whose_disk_is_full_from_the_start_says_so_once_and_the_run_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = Log(Path("/dev/full"))
    log("one")
    told = "/dev/full: the disk is full; lines of the log are lost, the run goes on\n"
    assert capsys.readouterr().err == told


def test_a_log_whose_disk_was_full_at_the_start_says_later_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    with monkeypatch.context() as full:
        full.setattr(console.os, "open", failing(OSError(errno.EDQUOT, "Disk quota exceeded")))
        log = Log(path)
    log("one")
    assert [" ".join(line.split()[1:]) for line in path.read_text().splitlines()] == [
        "1 line before this one could not be written", "one",
    ]  # fmt: skip


@pytest.mark.parametrize("json_lines", [False, True])
def test_a_log_that_fails_in_the_night_says_so_once_and_later_how_much_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], json_lines: bool
) -> None:
    path = tmp_path / "logs" / "log"
    path.parent.mkdir()
    log = Log(path, json_lines)
    path.parent.rename(tmp_path / "gone")
    log("one")
    log.event("two", files=2)
    (tmp_path / "gone").rename(path.parent)
    log("three")
    log("four")
    said = path.read_text()
    assert "2 lines before this one could not be written" in said
    assert [word in said for word in ("one\n", "two", "three", "four")] == [False, False, True, True]
    assert capsys.readouterr().err.count("lines of the log are lost, the run goes on") == 1


def test_hang_ups_stay_ignored_under_nohup() -> None:
    from screener.screening.interrupt import interruptible

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(lambda _: None) as interrupted:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupted()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_second_hang_up_does_not_end_a_run_that_writes_its_report() -> None:
    from screener.screening.interrupt import interruptible

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    said: list[str] = []
    try:
        with interruptible(said.append) as interrupted:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interrupted()
        os.kill(os.getpid(), signal.SIGHUP)  # would be the end of this very process
    finally:
        signal.signal(signal.SIGHUP, before)
    assert len(said) == 1
