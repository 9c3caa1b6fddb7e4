"""The examples of docs/python.md and of the notebook run, and print what they show."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import screener

TOP = Path(__file__).parents[2]
NOTEBOOK = TOP / "docs" / "notebook.ipynb"
SAMPLES = TOP / "sample_data" / "studies"
MOST_BYTES = 200_000

_EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```(?:\n\n```text\n(?P<printed>.*?)```)?", re.DOTALL)


@pytest.fixture(scope="module")
def samples() -> screener.ScanResult:
    """Return the one scan that page and notebook make, made once for both."""
    return screener.scan(SAMPLES)


@pytest.fixture
def scanned_once(monkeypatch: pytest.MonkeyPatch, samples: screener.ScanResult) -> None:
    def scan(paths: str) -> screener.ScanResult:
        assert TOP / paths == SAMPLES
        return samples

    monkeypatch.chdir(TOP)
    monkeypatch.setattr(screener, "scan", scan)


@pytest.mark.slow
@pytest.mark.usefixtures("scanned_once")
def test_every_example_of_the_page_prints_what_it_shows() -> None:
    page = (TOP / "docs" / "python.md").read_text(encoding="utf-8")
    examples = list(_EXAMPLE.finditer(page))
    assert len(examples) == page.count("```python") > 5
    names: dict[str, Any] = {}
    for example in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(example["code"], names)
        if example["printed"] is not None:
            assert printed.getvalue() == example["printed"], example["code"]


def test_the_page_names_all_that_is_offered() -> None:
    page = (TOP / "docs" / "python.md").read_text(encoding="utf-8")
    for name in ("load_model", "scan", "explain", "Result", "Explanation", "UsageError", "OutputError"):
        assert name in screener.__all__
        assert name in page


def cells(kind: str) -> list[dict[str, Any]]:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.mark.slow
@pytest.mark.usefixtures("scanned_once")
def test_the_notebook_runs() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells("code"):
            exec("".join(cell["source"]), names)


def test_the_notebook_is_small_executed_and_of_the_shipped_model() -> None:
    assert NOTEBOOK.stat().st_size < MOST_BYTES
    counts = [cell["execution_count"] for cell in cells("code")]
    assert counts == list(range(1, len(counts) + 1))
    outputs = [output for cell in cells("code") for output in cell["outputs"]]
    assert {output["output_type"] for output in outputs} <= {"stream", "display_data", "execute_result"}
    shown = json.dumps(outputs)
    assert "image/png" in shown
    assert "text/html" in shown
    model = screener.load_model()
    assert f"{model.name}@{model.version}" in shown, "another model: run 'python docs/run_notebook.py'"
