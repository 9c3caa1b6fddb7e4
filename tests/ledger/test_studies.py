"""The studies that a ledger knows, without whose they are."""

from datetime import datetime
from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.ledger import Ledger, ResultKey, Stamp
from screener.ledger.studies import ScreenedStudy, known_studies
from tests.outcomes import found, missed

STAMP = Stamp(1000, 5)


def scan(path: Path, *outcomes, model="m", complete=True) -> None:
    with Ledger(path, key=ResultKey(model)) as ledger:
        ledger.begin(datetime(2026, 11, 20, 2))
        ledger.record(outcomes, {each.path: STAMP for each in outcomes})
        ledger.keep(f"told by {model}")
        ledger.finish(datetime(2026, 11, 20, 3), complete, len(outcomes))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_a_study_is_told_once_by_its_highest_image_and_only_by_the_last_model(path: Path) -> None:
    first = found("a.dcm", -1.0, "1.2", study_date="2026-11-19", patient_age="004Y")
    second = found("b.dcm", 2.0, "1.2", study_date="2026-11-19", patient_age="004Y")
    alone = found("c.jpg", 0.5)
    scan(path, first, model="old")
    scan(path, first, second, alone, missed("d.dcm"), model="new")
    known = known_studies(path, print)
    assert known.record == "told by new"
    assert sorted(known.studies, key=lambda each: each.logit) == [
        ScreenedStudy("", "", 0.5),
        ScreenedStudy("2026-11-19", "004Y", 2.0),
    ]


def test_a_ledger_without_a_complete_run_says_so(path: Path) -> None:
    scan(path, found("a.dcm", 1.0), complete=False)
    with pytest.raises(UsageError, match="no complete run in it yet"):
        known_studies(path, print)
