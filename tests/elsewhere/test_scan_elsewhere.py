"""A scan where what only POSIX has is missing: as far as that can be told on Linux, it works on Windows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import make_mixed_tree

LACKING = Path(__file__).parent
TOP = LACKING.parents[1]


def run(*arguments: object, lacking: bool, folder: Path = TOP) -> "subprocess.CompletedProcess[str]":
    """Run Python; lacking: without what Windows lacks."""
    path = [str(LACKING)] * lacking + [str(TOP)]
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_taken_away_is_gone() -> None:
    done = run("-c", "import os; print(hasattr(os, 'fchmod')); import fcntl", lacking=True)
    assert done.stdout == "False\n"
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.slow
def test_a_folder_is_screened_as_on_linux_with_a_ledger_and_every_report(tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    make_mixed_tree(studies)
    for lacking in (False, True):
        out = tmp_path / f"lacking-{lacking}" / "report.pdf"
        out.parent.mkdir()
        scan = ("-m", "screener", "scan", studies, "--out", out, "--html", "--xlsx", "--workers", 2)
        done = run(*scan, "--ledger", out.with_name("ledger"), lacking=lacking)
        assert done.returncode == 3, done.stderr
        assert {path.suffix for path in out.parent.iterdir()} >= {".pdf", ".csv", ".json", ".html", ".xlsx"}
    [here, elsewhere] = [tmp_path / f"lacking-{lacking}" / "report.csv" for lacking in (False, True)]
    assert here.read_bytes() == elsewhere.read_bytes()
    status = run("-m", "screener", "status", "--ledger", elsewhere.with_name("ledger"), lacking=True)
    assert "The last run that ended well" in status.stdout, status.stderr


def test_python_screens_a_folder_without_starting_the_program_again(tmp_path: Path) -> None:
    make_mixed_tree(tmp_path / "studies")
    program = tmp_path / "program.py"
    program.write_text(
        "import screener\nprint('begun')\nscan = screener.scan('studies', workers=1)\n"
        "print(scan.summary['images_screened'])\n"
    )
    done = run(program, lacking=True, folder=tmp_path)
    assert done.stdout.splitlines()[0] == "begun", done.stderr
    assert done.stdout.count("begun") == 1
    assert int(done.stdout.splitlines()[1]) > 0
