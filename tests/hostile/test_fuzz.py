"""A short mutation fuzz with a fixed seed; the long one is `python -m tests.hostile.fuzz`."""

import random
from pathlib import Path

import pytest

from tests.hostile.fuzz import scan_round, seeds, write_round


@pytest.mark.slow
def test_every_damaged_file_ends_as_one_outcome_and_the_totals_add_up(tmp_path: Path) -> None:
    folder, out = tmp_path / "studies", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    write_round(folder, seeds(None), random.Random(7), 150)
    counted = scan_round(folder, out, 150)
    assert counted["failed"] > 10
    assert counted["ineligible"] > 10
