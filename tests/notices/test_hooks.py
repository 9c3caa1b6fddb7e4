"""Commands of the user's own learn how a night ended, and cannot change it."""

import time
from pathlib import Path

import pytest

from screener.errors import ExitCode
from screener.notices.hooks import hook_environment, run_hook
from screener.options import MergeOptions
from tests.notices.runs import ended, told


def test_a_command_gets_exit_code_report_id_paths_and_totals_and_no_identifier(tmp_path: Path) -> None:
    options = MergeOptions(
        out=Path("/reports/r.pdf"), ledgers=(), workers=1, summary=Path("/reports/short.txt")
    )
    end = ended(ExitCode.SOME_FAILED, summary=told(), options=options, ledger=Path("/l.sqlite"))
    given = hook_environment(end)
    assert given["SCREENER_RUN_EXIT_CODE"] == "3"
    assert given["SCREENER_RUN_REPORT_ID"] == told().report_id
    assert given["SCREENER_RUN_PDF"] == "/reports/r.pdf"
    assert given["SCREENER_RUN_CSV"] == "/reports/r.csv"
    assert given["SCREENER_RUN_SUMMARY"] == "/reports/short.txt"
    assert given["SCREENER_RUN_LEDGER"] == "/l.sqlite"
    assert given["SCREENER_RUN_STUDIES_FLAGGED"] == "10"
    assert given["SCREENER_RUN_IMAGES_FAILED"] == "1"
    assert "SCREENER_RUN_HTML" not in given
    assert "SECRET" not in str(given)


def test_a_run_that_ended_before_it_knew_anything_tells_its_exit_code() -> None:
    given = hook_environment(ended(ExitCode.LEDGER_HELD))
    assert given["SCREENER_RUN_EXIT_CODE"] == "7"
    assert not [name for name in given if "STUDIES" in name or "PDF" in name]


def test_the_shell_runs_it_with_those_variables(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        run_hook("--on-success", f'echo "$SCREENER_RUN_EXIT_CODE" > {out}', {"SCREENER_RUN_EXIT_CODE": "0"})
        is None
    )
    assert out.read_text() == "0\n"


def test_one_that_fails_or_hangs_is_told_and_ended_with_all_that_it_started(tmp_path: Path) -> None:
    assert str(run_hook("--on-failure", "exit 9", {})) == "--on-failure: ended with exit code 9"
    began = time.monotonic()
    words = run_hook("--on-success", f"(sleep 2; touch {tmp_path}/late) & sleep 30", {}, 0.2)
    assert str(words) == "--on-success: did not end within 0.2 s, and was ended"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("code", "success"),
    [
        (ExitCode.DONE, True),
        (ExitCode.SOME_FAILED, True),
        (ExitCode.OUTPUT, False),
        (ExitCode.INTERRUPTED, False),
    ],
)
def test_a_night_with_unreadable_images_has_its_report_and_is_a_success(
    code: ExitCode, success: bool
) -> None:
    assert ended(code).success is success
