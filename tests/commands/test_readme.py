"""The README prints what 'make demo' prints: the scan of the samples with the shipped model."""

import re
from pathlib import Path

import pytest

from tests.commands.conftest import invoke, read_csv

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
STUDIES = TOP / "sample_data" / "studies"


@pytest.mark.slow
def test_the_readme_shows_what_the_samples_give(tmp_path: Path) -> None:
    done = invoke("scan", STUDIES, "--out", tmp_path / "report.pdf", "--no-pdf")
    printed = {" ".join(line.split()) for line in done.output.splitlines()}
    [shown] = re.findall(r"ends with\n\n```\n(.*?)```", README, re.DOTALL)
    assert done.exit_code == 3
    assert {" ".join(line.split()) for line in shown.splitlines()} <= printed
    columns = ("file", "rank", "band", "notes", "reason", "probability")
    worklist = {
        row["file"]: [row[column] for column in columns[1:]] for row in read_csv(tmp_path / "report.csv")
    }
    rows = re.findall(r"^\| \d* ?\| [^|]*\.\w+ \|.*\|$", README, re.MULTILINE)
    assert len(rows) > 5
    for row in rows:
        rank, file, probability, *texts = (cell.strip() for cell in row.strip("|").split("|"))
        *others, given = worklist[file]
        assert others == [rank, *texts]
        assert (probability or given) == given or float(given) == pytest.approx(float(probability), abs=1e-3)
