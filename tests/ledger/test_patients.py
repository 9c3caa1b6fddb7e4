"""Earlier results of the same patient: whose, of which model, and at what cost."""

from datetime import datetime, timedelta

import pytest

from screener.ledger import Ledger, ResultKey, patients
from screener.operating_points import Calibration, OperatingPoint
from screener.reporting.listing import Worklist
from screener.scale import Scale, Scales
from tests.outcomes import found

FIRST = datetime(2026, 11, 20, 2)
SCALE = Scale(Calibration(1.0, 0.0, 0.5), OperatingPoint("p", 0.5), 0.5)


def scan(ledger, number, *outcomes):
    ledger.begin(FIRST + timedelta(days=number))
    ledger.record(outcomes)
    ledger.finish(FIRST + timedelta(days=number), True, len(outcomes))


def rows(ledger):
    worklist = Worklist(ledger=ledger, scales=Scales.one(SCALE), new_only=False, max_wait=None)
    return {row.file: worklist.with_earlier(row).earlier for row in worklist.rows()}


def told(earlier):
    return [(each.date, each.probability) for each in earlier]


def radiograph(name, logit, study, patient="P", date=""):
    return found(name, logit, study, patient_id=patient, study_date=date)


@pytest.fixture
def ledger():
    with Ledger(key=ResultKey("m")) as opened:
        yield opened


def test_the_patients_other_studies_of_earlier_runs_are_told_the_last_one_first(ledger):
    scan(ledger, 0, radiograph("a", 0.0, "1", date="2026-11-14"), radiograph("other", 3.0, "9", patient="Q"))
    scan(ledger, 1, radiograph("b", -0.5, "2"))
    scan(ledger, 2, radiograph("c", 1.0, "3", date="2026-11-30"))
    assert told(rows(ledger)["c"]) == [("2026-11-21", 0.377541), ("2026-11-14", 0.5)]


def test_a_study_is_not_its_own_earlier_result_nor_are_others_of_the_same_run(ledger):
    scan(ledger, 0, radiograph("a", 0.0, "1"))
    scan(ledger, 1, radiograph("a", 0.0, "1"), radiograph("b", 0.5, "2"))
    found_now = rows(ledger)
    assert found_now["a"] == ()
    assert len(found_now["b"]) == 1


def test_a_study_that_was_taken_later_is_no_earlier_result(ledger):
    scan(ledger, 0, radiograph("a", 0.0, "1", date="2026-11-14"))
    scan(ledger, 1, radiograph("b", 0.5, "2", date="2020-01-01"))
    assert rows(ledger)["b"] == ()


def test_of_two_images_of_a_study_the_higher_counts(ledger):
    scan(
        ledger, 0, radiograph("a", 0.0, "1", date="2026-11-14"), radiograph("a2", 1.0, "1", date="2026-11-14")
    )
    scan(ledger, 1, radiograph("b", 0.5, "2"))
    assert told(rows(ledger)["b"]) == [("2026-11-14", 0.731059)]


def test_nobody_without_an_id_and_nobody_under_a_placeholder_has_earlier_results(ledger, monkeypatch):
    monkeypatch.setattr(patients, "MOST_IMAGES", 3)
    scan(
        ledger,
        0,
        radiograph("a", 0.0, "1", ""),
        *(radiograph(f"x{n}", 0.0, f"2.{n}", "ANON") for n in range(4)),
    )
    scan(ledger, 1, radiograph("b", 0.5, "5", ""), radiograph("c", 0.5, "6", "ANON"))
    assert rows(ledger) == {"b": (), "c": ()}


def test_another_models_results_are_not_compared(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Ledger(path, key=ResultKey("old")) as ledger:
        scan(ledger, 0, radiograph("a", 0.0, "1"))
    with Ledger(path, key=ResultKey("new")) as ledger:
        scan(ledger, 1, radiograph("b", 0.5, "2"))
        assert rows(ledger)["b"] == ()


@pytest.mark.parametrize("patient", ["P{}", "ANON"], ids=["one patient each", "one placeholder for all"])
def test_what_a_row_costs_does_not_grow_with_the_ledger(patient):
    def steps(count):
        with Ledger(key=ResultKey("m")) as ledger:
            scan(ledger, 0, *(radiograph(f"a{n}", 0.0, f"1.{n}", patient.format(n)) for n in range(count)))
            scan(ledger, 1, radiograph("b", 0.5, "2", patient.format(0)))
            taken = 0

            def count_step():
                nonlocal taken
                taken += 1

            ledger._database.set_progress_handler(count_step, 1)
            ledger.patients.earlier(patient.format(0))
            return taken

    assert steps(4000) < 1.5 * steps(1000)


def test_the_index_is_used(ledger):
    values = {"patient": "P", "run": 1, "most": 5}
    plan = ledger._database.execute(f"EXPLAIN QUERY PLAN {patients.sql.EARLIER}", values).fetchall()
    assert any("by_patient" in str(step) for step in plan)
    assert not any("SCAN results" in str(step) for step in plan)
