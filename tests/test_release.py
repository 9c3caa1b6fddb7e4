"""One version everywhere: in the program, the citation, the changelog and the examples."""

import re
from pathlib import Path

import pytest

from screener import __version__

TOP = Path(__file__).parents[1]
SAID = {
    "CITATION.cff": r"^version: (.+)$",
    "CHANGELOG.md": r"^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$",
    "Containerfile": r'image\.version="(.+)"$',
    "docs/scaling.md": r"image: registry\.example/screener:(.+)$",
}


@pytest.mark.parametrize("file", SAID)
def test_the_version_is_that_of_the_program_in(file: str) -> None:
    said = re.findall(SAID[file], (TOP / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert said[0] == __version__


def test_the_changelog_has_a_place_for_what_comes_next_above_all_releases() -> None:
    headings = re.findall("^## (.+)$", (TOP / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings.index("Unreleased") == 0
    assert headings.count("Unreleased") == 1
