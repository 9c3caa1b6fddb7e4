from pathlib import Path

import pytest

from screener.errors import ExitCode
from screener.options import RunOptions
from screener.outputs.run_text import run_text
from screener.outputs.unfinished_text import MEANINGS, write_run_text
from screener.totals import Totals

TOTALS = Totals(
    files_ignored=1, images_screened=20, images_failed=4, failures_known=3, pictures_refused=2, flagged=5
)


def test_the_first_line_says_what_the_reader_must_know(make_summary):
    text = run_text(make_summary(totals=TOTALS), (Path("/r.pdf"),))
    assert text.splitlines()[0] == (
        "Screener: 5 to look at first; 1 image failed anew (3 known from earlier reports); "
        "2 pictures refused."
    )


def test_totals_model_report_and_exit_code_are_told(make_summary):
    summary = make_summary(totals=TOTALS, exit_code=ExitCode.SOME_FAILED)
    lines = dict(
        line.split(":", 1)
        for line in run_text(summary, (Path("/o/r.pdf"), Path("/o/r.csv"))).splitlines()
        if ":" in line
    )
    told = {name: value.strip() for name, value in lines.items()}
    assert told["images failed"] == "4 (1 new, 3 known from earlier reports)"
    assert told["pictures refused"] == "2"
    assert told["studies flagged"] == "5, at 0.31 (high_sensitivity)"
    assert told["model"] == "net@1.0.0"
    assert told["report"] == "/o/r.pdf, /o/r.csv"
    assert told["report id"] == summary.report_id
    assert told["exit code"] == "3: done, some images failed for the first time"


def test_a_threshold_of_ones_own_is_not_validated_here_either(make_summary, custom_scale):
    assert "0.4 (custom, not validated)" in run_text(make_summary(scale=custom_scale), ())


def test_an_interrupted_run_says_so_first(make_summary):
    summary = make_summary(complete=False, exit_code=130)
    assert run_text(summary, ()).splitlines()[0].endswith("INTERRUPTED.")


def test_folders_and_options_are_not_told(make_summary):
    text = run_text(make_summary(roots=("/p/Smith",), options=RunOptions({"paths": ["Smith"]})), ())
    assert "Smith" not in text


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_code_that_a_report_may_hold_has_a_meaning(code):
    assert ExitCode(code) in MEANINGS


def test_the_file_is_private_and_utf_8(make_summary, tmp_path):
    write_run_text(run_text(make_summary(), (tmp_path / "Zoë.pdf",)), tmp_path / "short.txt")
    assert "Zoë.pdf" in (tmp_path / "short.txt").read_text(encoding="utf-8")
    assert (tmp_path / "short.txt").stat().st_mode & 0o777 == 0o600
