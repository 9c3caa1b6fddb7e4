"""The import contracts of pyproject.toml notice what they are there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]

pytestmark = pytest.mark.slow  # the linter reads the whole package each time


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a copy of the package, without bytecode, with its contracts."""
    shutil.copytree(
        TOP / "screener", tmp_path / "screener", ignore=shutil.ignore_patterns("__pycache__", "*.json")
    )
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    return tmp_path


def broken(house: Path) -> set[str]:
    """Return the names of the contracts that do not hold."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
    done = subprocess.run(
        [*command, "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(house)},
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return {line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")}


def test_they_hold(house: Path) -> None:
    assert broken(house) == set()


def test_a_heavy_library_outside_its_home_is_noticed_wherever_it_is_imported(house: Path) -> None:
    with (house / "screener" / "notes.py").open("a") as file:
        file.write("import ray, pydicom\n")
    (house / "screener" / "outputs" / "newest.py").write_text(
        "import weasyprint, typer\nfrom keras import layers\n"
    )
    (house / "screener" / "screening" / "newest.py").write_text(
        "def later():\n    import fsspec, boto3, ai_edge_litert\n"
    )
    assert broken(house) == {
        "Ray has one home",
        "pydicom has one home",
        "WeasyPrint has one home",
        "Typer has one home",
        "TensorFlow has one home",
        "Object stores have one home",
        "LiteRT has one home",
        "What fsspec loads by itself nobody imports",
        "Scanning needs neither pandas nor scikit-learn nor TensorFlow",
    }


def test_a_new_module_must_be_given_its_layer(house: Path) -> None:
    (house / "screener" / "newest.py").write_text('"""Somewhere."""\n')
    assert broken(house) == {"Imports point one way through the house"}
