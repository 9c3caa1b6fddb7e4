"""The tables of the page on performance are replaced where they stand, and nothing else is."""

import pytest

from benchmarks.performance_page import MEASURED, PAGE, tables_in, with_table

OUTPUT = """50 images

| way | moved |
|---|---|
| old | 1 |
100 images

| way | moved |
|---|---|
| new | 2 |
"""


def test_tables_are_told_from_what_stands_between_them():
    assert tables_in(OUTPUT) == [
        "| way | moved |\n|---|---|\n| old | 1 |",
        "| way | moved |\n|---|---|\n| new | 2 |",
    ]


@pytest.mark.parametrize("name", [name for names in MEASURED for name in names])
def test_each_table_has_its_place_on_the_page(name):
    page = PAGE.read_text(encoding="utf-8")
    once = with_table(page, name, "| a |")
    assert once.count("| a |") == 1
    assert with_table(once, name, "| b |") == once.replace("| a |", "| b |")
    before, after = page.split(f"<!-- {name} -->")[0], page.split(f"<!-- /{name} -->")[1]
    assert once.startswith(before)
    assert once.endswith(after)


def test_a_page_without_the_place_is_not_written():
    with pytest.raises(ValueError, match="rates"):
        with_table("# Performance\n", "rates", "| a |")
