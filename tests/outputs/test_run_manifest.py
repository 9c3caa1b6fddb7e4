import json

import pytest

from screener.outputs.run_manifest import write_report_json
from screener.totals import ReasonCount, Totals

KEYS = [
    "complete",
    "files_seen",
    "files_ignored",
    "images_screened",
    "images_ineligible",
    "images_failed",
    "studies",
    "model",
    "operating_point",
    "prevalence",
    "ppv",
    "npv",
    "seconds",
    "images_per_second",
    "exit_code",
    "versions",
    "options",
    "images_picture_refused",
    "images_failed_known",
    "files_unsettled",
    "order",
    "report_id",
    "bands",
    "population_check",
    "files_found",
    "files_known",
    "images_picture_refused_known",
    "folders_unreadable",
    "archives_ignored",
    "since_before",
    "operating_points",
    "populations",
    "reason_codes",
]


@pytest.fixture
def written(tmp_path, make_summary):
    """Write a summary, give back what the JSON holds."""

    def write(**changes):
        path = tmp_path / "report.json"
        write_report_json(make_summary(**changes), path)
        return json.loads(path.read_text(encoding="utf-8"))

    return write


def test_keys_are_the_contract_in_its_order(written):
    found = written()
    assert list(found) == KEYS
    assert list(found["studies"]) == ["flagged", "not_flagged", "not_screened"]
    assert list(found["model"]) == ["name", "version", "sha256"]
    assert list(found["operating_point"]) == ["name", "threshold", "sensitivity", "specificity"]


def test_files_seen_is_the_sum_of_its_parts(written):
    totals = Totals(files_ignored=1, images_screened=20, images_ineligible=300, images_failed=4000)
    assert written(totals=totals)["files_seen"] == 4321


def test_threshold_is_rounded_as_printed(written):
    assert written()["operating_point"]["threshold"] == 0.312346


def test_ppv_and_npv_follow_from_the_prevalence(written):
    found = written()
    assert found["ppv"] == pytest.approx(0.98 / (0.98 + 0.16))
    assert found["npv"] == pytest.approx(0.84 / (0.84 + 0.02))


def test_a_custom_threshold_has_no_values_it_was_not_validated_at(written, custom_scale):
    found = written(scale=custom_scale)
    assert found["operating_point"] == {
        "name": "custom",
        "threshold": 0.4,
        "sensitivity": None,
        "specificity": None,
    }
    assert found["ppv"] is None
    assert found["npv"] is None


def test_seconds_are_those_of_the_whole_command(written):
    assert written()["seconds"] == 90.5


def test_a_number_that_json_cannot_hold_is_refused(tmp_path, make_summary):
    path = tmp_path / "report.json"
    with pytest.raises(ValueError, match="JSON"):
        write_report_json(make_summary(images_per_second=float("nan")), path)
    assert not path.exists()


def test_reasons_are_counted_by_code_whatever_the_outcome(written):
    reasons = (
        ReasonCount("failed", "bits_allocated", 1),
        ReasonCount("failed", "empty_file", 2),
        ReasonCount("ineligible", "bits_allocated", 3),
        ReasonCount("ineligible", "view", 2),
    )
    assert list(written(totals=Totals(by_reason=reasons))["reason_codes"].items()) == [
        ("bits_allocated", 4),
        ("empty_file", 2),
        ("view", 2),
    ]
