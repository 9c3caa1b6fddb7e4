"""The worklist costs as much for the last file as for the first."""

import pytest

from screener.screening.ledger import Ledger

from ..outcomes import found

FEW = 300


def _steps(count, **identifiers):
    """Return how many thousands of steps SQLite took to list so many equal pictures."""
    taken = []
    with Ledger() as ledger:
        ledger.record(found(f"{number:05d}.jpg", digest="the same", **identifiers) for number in range(count))
        ledger._database.set_progress_handler(lambda: taken.append(1), 1000)
        assert sum(1 for _ in ledger.images(float)) == count
    return len(taken)


@pytest.mark.parametrize(
    "identifiers", [{}, {"study": "1.2"}], ids=["files without a study", "one study without instances"]
)
def test_four_times_as_many_files_cost_four_times_as_much(identifiers):
    few, many = _steps(FEW, **identifiers), _steps(4 * FEW, **identifiers)
    assert few > 0
    assert many < 6 * few
