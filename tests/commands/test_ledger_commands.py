"""'screener status' and 'screener ledger' as they are typed."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from screener.commands.ledger import before_of
from screener.commands.status import status
from screener.errors import ExitCode, UsageError
from screener.ledger import Ledger, ResultKey, Stamp
from screener.reporting.run_record import to_record
from screener.totals import Totals
from tests.commands.conftest import invoke
from tests.outcomes import found
from tests.reporting.test_run_record import SUMMARY

NOW = datetime(2026, 11, 20, 8).astimezone()
IMAGES = [found(f"{each}.dcm", 1.0, f"1.{each}", sop=f"1.{each}.1", patient_id="SECRET") for each in range(3)]
TOTALS = Totals(
    images_screened=3, images_failed=1, flagged=1, not_flagged=2, files_ignored=2, files_unsettled=2
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger of a good night, and of one that was killed after it."""
    path = tmp_path / "ledger.sqlite"
    ended = NOW - timedelta(hours=3)
    summary = replace(SUMMARY, started=ended - timedelta(minutes=5), finished=ended, totals=TOTALS)
    with Ledger(path, key=ResultKey("m")) as ledger:
        ledger.begin(summary.started)
        ledger.record(IMAGES, {each.path: Stamp(9, 5) for each in IMAGES})
        ledger.keep(to_record(summary))
        ledger.finish(ended, True, 3)
        ledger.begin(NOW)
    return path


def test_status_tells_the_last_runs_and_what_is_waiting(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(path, 5, False, now=lambda: NOW) is ExitCode.DONE
    told = capsys.readouterr().out
    assert "05:00, 3 h 0 min ago" in told
    assert "did not end" in told
    assert "Waiting: 2 files too young last time, left for the next run; 1 image that failed" in told


def test_status_says_when_the_last_run_lies_in_the_future_of_this_clock(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status(path, 5, False, now=lambda: NOW - timedelta(days=400))
    assert "05:00, by this machine's clock in the future: check the clock" in capsys.readouterr().out


def test_status_tells_programs_the_same(path: Path) -> None:
    told = json.loads(invoke("status", "--ledger", path, "--json").output)
    assert told["ledger"]["held"] is False
    assert told["waiting"]["files_too_young"] == 2
    assert told["waiting"]["not_reviewed"] is None
    assert [each["run"] for each in told["last_runs"]] == [2, 1]
    assert told["last_runs"][1]["report"]["studies"]["flagged"] == 1
    assert told["last_success"]


def test_each_ledger_command_does_what_it_says(path: Path, tmp_path: Path) -> None:
    assert "runs               2, 1 of them complete" in invoke("ledger", "info", "--ledger", path).output
    assert json.loads(invoke("ledger", "info", "--ledger", path, "--json").output)["files_known"] == 3
    assert len(json.loads(invoke("ledger", "runs", "--ledger", path, "--json").output)) == 2
    assert invoke("ledger", "check", "--ledger", path).output == "The ledger is whole.\n"
    assert "checked" in invoke("ledger", "backup", "--ledger", path, "--to", tmp_path / "copy").output
    assert "MB now" in invoke("ledger", "vacuum", "--ledger", path).output


def test_forgetting_says_how_much_and_never_whose(path: Path) -> None:
    tried = invoke("ledger", "forget", "--ledger", path, "--study", "1.0", "--dry-run")
    assert "1 file of 1 study would be forgotten" in tried.output
    done = invoke("ledger", "forget", "--ledger", path, "--patient", "SECRET")
    assert "3 files of 3 studies forgotten, with 0 marks and 0 records of publishing" in done.output
    assert "the next scan screens and lists them anew" in done.output
    assert "SECRET" not in done.output
    assert b"SECRET" not in path.read_bytes()


def test_a_damaged_ledger_ends_with_usage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    done = invoke("ledger", "check", "--ledger", path)
    assert done.exit_code == 2
    assert "damaged" in done.output


@pytest.mark.parametrize("options", [(), ("--patient", "A", "--study", "B")])
def test_what_to_forget_is_named_once(path: Path, options: tuple[str, ...]) -> None:
    done = invoke("ledger", "forget", "--ledger", path, *options)
    assert done.exit_code == 2
    assert "Give one of --patient, --study and --older-than." in done.output


@pytest.mark.parametrize(
    ("age", "before"),
    [
        ("10y", date(2014, 2, 28)),
        ("1m", date(2024, 1, 29)),
        ("12m", date(2023, 2, 28)),
        ("3m", date(2023, 11, 29)),
        ("60d", date(2023, 12, 31)),
        ("9999y", date.min),
    ],
)
def test_an_age_is_a_day_of_the_calendar(age: str, before: date) -> None:
    assert before_of(age, date(2024, 2, 29)) == before


@pytest.mark.parametrize("age", ["", "y", "0y", "-1y", "ten", "1.5y", "10w", "²y"])
def test_what_is_no_age_is_refused(age: str) -> None:
    with pytest.raises(UsageError, match="such as 10y, 18m or 90d"):
        before_of(age, date(2024, 2, 29))
