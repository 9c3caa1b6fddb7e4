"""Every command and every option stands in the reference, and --help works without what is optional."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from screener.cli import app
from screener.cli.common import COMMANDS

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text(encoding="utf-8")
REFERENCE = (TOP / "docs" / "commands.md").read_text(encoding="utf-8")
GENERATED = [
    ("command_reference", "page", "PAGE"),
    ("command_reference", "manual", "MANUAL"),
    ("output_files", "page", "PAGE"),
    ("dicom_conformance", "page", "PAGE"),
]


def commands() -> list[tuple[str, click.Command]]:
    """Return each command with its full name, groups opened."""
    found = []
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found += [(f"{name} {each}", child) for each, child in below.items()] if below else [(name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_the_reference_has_a_section_with_every_option_of(name: str, command: click.Command) -> None:
    section = REFERENCE.partition(f"\n## screener {name}\n")[2].partition("\n## ")[0]
    assert section, f"docs/commands.md has no section '## screener {name}'"
    for parameter in command.params:
        for option in [*parameter.opts, *parameter.secondary_opts]:
            if option.startswith("--") and option != "--help":
                row = rf"^\| `([^`]*, )?{option}[ ,`]"
                assert re.search(row, section, re.MULTILINE), f"{option} is not in the section on {name}"


@pytest.mark.parametrize(("script", "write", "path"), GENERATED)
def test_a_written_page_is_what_the_program_says_today(script: str, write: str, path: str) -> None:
    written = runpy.run_path(str(TOP / "docs" / f"{script}.py"))
    assert written[path].read_text(encoding="utf-8") == written[write](), f"run: python docs/{script}.py"


def test_the_man_page_shows_every_option_and_exit_code_as_it_is_typed() -> None:
    if shutil.which("man") is None:
        pytest.skip("no man here to set the page with")
    wide = {**os.environ, "MANWIDTH": "500", "LC_ALL": "C.UTF-8"}
    command = ["man", "--warnings", "-l", str(TOP / "man" / "screener.1")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=wide)
    assert done.stderr == ""
    for name, command_of in commands():
        assert re.search(rf"^ +screener {name}\b", done.stdout, re.MULTILINE)
        for parameter in command_of.params:
            if parameter.opts[0].startswith("--") and parameter.opts[0] != "--help":
                assert f" {parameter.opts[0]}" in done.stdout
    assert re.search(r"^ +130 +interrupted$", done.stdout, re.MULTILINE)


def test_help_lists_the_commands_in_the_order_in_which_a_user_meets_them() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    listed = re.findall(r"^│ ([a-z][a-z-]*) ", shown, re.MULTILINE)
    assert listed == list(COMMANDS)
    assert listed[0] == "scan"
    assert listed[-1] == "train"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_completes(shell: str) -> None:
    done = CliRunner().invoke(app, [], env={"_SCREENER_COMPLETE": f"source_{shell}"}, prog_name="screener")
    assert "_SCREENER_COMPLETE=complete_" in done.output


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_option_has_a_help_text(name: str, command: click.Command) -> None:
    for parameter in command.params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_help_loads_neither_tensorflow_nor_what_a_scan_needs() -> None:
    heavy = ("tensorflow", "keras", "cv2", "pydicom", "weasyprint", "ai_edge_litert", "pandas", "numpy")
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom screener.cli import app\n"
        "for words in (['--help'], ['scan', '--help'], ['train', '--help']):\n"
        "    assert CliRunner().invoke(app, words).exit_code == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["make demo", "make test", "make test-fast"])
def test_the_readme_names(command: str) -> None:
    assert command in README


def test_every_command_that_contributors_are_told_to_run_is_a_target_of_make() -> None:
    contributing = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    told = set(re.findall(r"(?:`|^)make ([a-z-]+)", contributing, re.MULTILINE))
    assert {"test", "test-fast"} <= told
    assert told <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_the_list_of_reason_codes_is_as_code_and_catalogue_have_it() -> None:
    pages = runpy.run_path(str(TOP / "docs" / "reason_codes.py"))
    assert pages["PAGE"].read_text(encoding="utf-8") == pages["page"](), "run: python docs/reason_codes.py"
