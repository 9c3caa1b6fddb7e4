"""Composites drawn from a table: what is drawn how often, and that only what is to be trained on is."""

from pathlib import Path

import numpy as np
import pytest

from screener.errors import DatasetError
from screener.training.composer import HIDDEN, OWN, Composer
from screener.training.lung_radiographs import read_lung_radiographs
from tests.training.lung_pictures import write_table


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("lungs"))


@pytest.mark.slow
@pytest.mark.parametrize("outlines", [HIDDEN, OWN])
def test_half_of_what_is_drawn_has_an_opacity_and_shows_where(table: Path, outlines: str) -> None:
    composer = Composer(read_lung_radiographs(table), outlines)
    drawn = [composer.draw(np.random.default_rng(i)) for i in range(120)]
    ill = [each for each in drawn if each.label]
    assert 40 < len(ill) < 80
    assert all(each.radiograph.opacity.any() for each in ill)
    assert not any(each.radiograph.opacity.any() for each in drawn if not each.label)
    assert {each.kind for each in drawn} == {"normal", "opacity", "other", ""}


@pytest.mark.slow
def test_hosts_come_of_both_views_alike_whatever_the_class(table: Path) -> None:
    composer = Composer(read_lung_radiographs(table))
    drawn = [composer.draw(np.random.default_rng(i)) for i in range(200)]
    for label in (0, 1):
        views = [each.view == "AP" for each in drawn if each.label == label]
        assert 0.35 < np.mean(views) < 0.65


def test_the_same_generator_draws_the_same_image(table: Path) -> None:
    composer = Composer(read_lung_radiographs(table))
    one, other = (composer.draw(np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one.radiograph.pixels, other.radiograph.pixels)


def test_only_the_part_asked_for_is_read(table: Path) -> None:
    text = table.read_text().splitlines()
    aside = table.with_name("aside.csv")
    rows = [text[0], *(line.replace(",train,", ",test,") if "-0.png" in line else line for line in text[1:])]
    aside.write_text("\n".join(rows))
    assert len(read_lung_radiographs(aside)) == 12
    assert {radiograph.path.stem[-1] for radiograph in read_lung_radiographs(aside, "test")} == {"0"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("class", "kind", "column class is missing", id="column"),
        pytest.param("other,other-PA-0", "mass,other-PA-0", "line 14: class is 'mass'", id="class"),
        pytest.param("0.21 0.39 0.20 0.20", "0.21 0.39", "line 8: box is '0.21 0.39'", id="box"),
        pytest.param("0.21 0.39 0.20 0.20", "215 399 200 200", "shares of the picture", id="box in pixels"),
        pytest.param("other-AP-1.png", "gone.png", "gone.png does not exist", id="file"),
        pytest.param(",train,", ",test,", "no image of part train", id="part"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_line(
    table: Path, old: str, new: str, said: str
) -> None:
    spoilt = table.with_name("spoilt.csv")
    spoilt.write_text(table.read_text().replace(old, new))
    with pytest.raises(DatasetError, match=said):
        read_lung_radiographs(spoilt)
