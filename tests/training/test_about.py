from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.training.about import read_about

REPOSITORY = Path(__file__).parents[2]


def test_without_a_file_nothing_is_claimed() -> None:
    about = read_about(None)
    assert about.population == "not described"
    assert about.prevalence is None


def test_the_shipped_description_is_read_whole() -> None:
    about = read_about(REPOSITORY / "docs" / "datasets" / "kermany-2018.toml")
    assert about.age_years == (1, 5)
    assert about.prevalence == 0.16
    assert about.not_validated_for


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("titel = 'x'", "unknown key titel", id="misspelt key"),
        pytest.param("prevalence = 1.5", "between 0 and 1", id="prevalence out of range"),
        pytest.param("title = ", "cannot be read as TOML", id="no TOML"),
    ],
)
def test_a_bad_description_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "about.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_about(path)
