"""The worklist, and the record of an image, cost as much for the last file as for the first."""

import pytest

from screener.ledger import Ledger
from tests.outcomes import SCALES, found, missed

FEW = 300


def _steps(count, **identifiers):
    """Return how many thousands of steps SQLite took to list so many equal pictures."""
    taken = []
    with Ledger() as ledger:
        ledger.record(found(f"{number:05d}.jpg", digest="the same", **identifiers) for number in range(count))
        ledger._database.set_progress_handler(lambda: taken.append(1), 1000)
        assert sum(1 for _ in ledger.images(SCALES)) == count
    return len(taken)


@pytest.mark.parametrize(
    "identifiers", [{}, {"study": "1.2"}], ids=["files without a study", "one study without instances"]
)
def test_four_times_as_many_files_cost_four_times_as_much(identifiers):
    few, many = _steps(FEW, **identifiers), _steps(4 * FEW, **identifiers)
    assert few > 0
    assert many < 6 * few


def _steps_of_recording(count):
    """Return how many hundreds of steps SQLite took to record so many failures, each as it came."""
    taken = []
    with Ledger() as ledger:
        ledger._database.set_progress_handler(lambda: taken.append(1), 100)
        for number in range(count):
            ledger.record([missed(f"{number:05d}.dcm")])
    return len(taken)


def test_recording_four_times_as_many_failures_costs_four_times_as_much():
    few, many = _steps_of_recording(FEW), _steps_of_recording(4 * FEW)
    assert few > 0
    assert many < 6 * few
