"""Every command and every option stands in the README, and --help works without what is optional."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer

from screener.cli import app

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text(encoding="utf-8")


def commands() -> list[tuple[str, click.Command]]:
    """Return each command with its full name, groups opened."""
    found = []
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found += [(f"{name} {each}", child) for each, child in below.items()] if below else [(name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_the_readme_has_a_section_with_every_option_of(name: str, command: click.Command) -> None:
    section = README.partition(f"### `screener {name.split()[0]}")[2].partition("\n### ")[0]
    assert section, f"the README has no section '### `screener {name}'"
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert f"`{option}" in section, f"{option} is not in the README's section on {name}"


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
