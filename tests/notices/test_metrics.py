"""The figures for Prometheus: what is in them, and what a failure leaves."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from screener.errors import ExitCode, OutputError, UsageError
from screener.notices.metrics import check_metrics_file, write_metrics
from screener.totals import PopulationTotals
from tests.notices.runs import BEGAN, TOTALS, ended
from tests.notices.runs import told as summary_of

LINE = re.compile(
    r"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\})? [-+.e0-9]+)$"
)


def figures(path: Path) -> dict[str, float]:
    lines = path.read_text().splitlines()
    assert all(LINE.match(each) for each in lines), lines
    pairs = (each.rsplit(" ", 1) for each in lines if not each.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_a_run_is_told_by_outcome_reason_status_and_share(tmp_path: Path) -> None:
    path, ledger = tmp_path / "screener.prom", tmp_path / "ledger.sqlite"
    ledger.write_bytes(b"x" * 512)
    summary = summary_of()
    write_metrics(ended(ExitCode.SOME_FAILED, summary=summary, ledger=ledger), path)
    told = figures(path)
    assert told['screener_files{outcome="screened"}'] == 40
    assert told['screener_files_not_screened{outcome="failed",reason_code="truncated"}'] == 1
    assert told['screener_studies{status="flagged"}'] == 10
    assert told["screener_flagged_share"] == 0.25
    assert told["screener_ledger_bytes"] == 512
    assert told["screener_last_run_exit_code"] == 3
    assert told["screener_last_run_seconds"] == 300
    assert told["screener_last_success_timestamp_seconds"] == (BEGAN + timedelta(minutes=5)).timestamp()
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_failed_run_keeps_when_the_last_success_was_and_no_figures_of_it(tmp_path: Path) -> None:
    path = tmp_path / "screener.prom"
    write_metrics(ended(summary=summary_of()), path)
    later = BEGAN + timedelta(days=1)
    write_metrics(ended(ExitCode.LEDGER_HELD, started=later, finished=later), path)
    write_metrics(ended(ExitCode.OUTPUT, started=later, finished=later), path)
    told = figures(path)
    assert told["screener_last_success_timestamp_seconds"] == (BEGAN + timedelta(minutes=5)).timestamp()
    assert told["screener_last_run_timestamp_seconds"] == later.timestamp()
    assert told["screener_last_run_exit_code"] == 6
    assert not [name for name in told if name.startswith("screener_files")]


def test_a_first_run_that_fails_knows_of_no_success(tmp_path: Path) -> None:
    write_metrics(ended(ExitCode.BUG), tmp_path / "screener.prom")
    assert "screener_last_success_timestamp_seconds" not in figures(tmp_path / "screener.prom")


def test_a_check_that_says_nothing_is_no_figure(tmp_path: Path) -> None:
    few = replace(
        TOTALS, by_population=(PopulationTotals(flagged=1, not_flagged=1),), flagged=1, not_flagged=1
    )
    write_metrics(ended(summary=summary_of(few)), tmp_path / "few.prom")
    assert "screener_population_check_holds" not in figures(tmp_path / "few.prom")


def test_a_name_or_a_folder_that_cannot_be_is_refused_before_the_night(tmp_path: Path) -> None:
    image = tmp_path / "film.dcm"
    image.write_bytes(bytes(128) + b"DICM")
    with pytest.raises(
        UsageError, match=r"must end in \.prom"
    ):  # nor as the last word of a run refused for it
        write_metrics(ended(ExitCode.USAGE), image)
    assert image.read_bytes() == bytes(128) + b"DICM"
    with pytest.raises(UsageError, match=r"must end in \.prom"):
        check_metrics_file(tmp_path / "metrics.txt")
    with pytest.raises(OutputError, match="Name a folder that exists"):
        check_metrics_file(tmp_path / "nowhere" / "screener.prom")


def test_prometheus_itself_finds_no_fault_in_figures_and_rules(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("no promtool here (Debian: apt install prometheus)")
    write_metrics(ended(summary=summary_of()), tmp_path / "screener.prom")
    figures_text = (tmp_path / "screener.prom").read_text()
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=figures_text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    rules = Path(__file__).parents[2] / "docs" / "monitoring" / "alerts.yml"
    done = subprocess.run(["promtool", "check", "rules", rules], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["alerts.yml", "grafana-dashboard.json"])
def test_rules_and_dashboard_ask_for_figures_that_there_are(name: str) -> None:
    top = Path(__file__).parents[2]
    source = (top / "screener" / "notices" / "metrics.py").read_text()
    written = set(re.findall(r'"(screener_[a-z_]+)"', source))
    asked = set(re.findall(r"screener_[a-z_]+", (top / "docs" / "monitoring" / name).read_text()))
    assert asked
    assert asked <= written
