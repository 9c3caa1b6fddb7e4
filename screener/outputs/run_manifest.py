"""report.json: what one run did, in numbers for other programs. No identifier of any study."""

import json
from collections import Counter
from typing import Any

from screener.locations import Location
from screener.operating_points import OperatingPoint, printed
from screener.outputs.atomic import PRIVATE, text_written_whole
from screener.population import PopulationCheck
from screener.run_summary import RunSummary
from screener.totals import PopulationRun, Totals


def write_report_json(summary: RunSummary, path: Location, mode: int = PRIVATE) -> None:
    """Write one run's totals, model and operating point; UTF-8, indented.

    Raises:
        OutputError: The file cannot be written; one that was there before stays whole.
        ValueError: A number is infinite or NaN, which JSON cannot hold.
    """
    text = json.dumps(report_keys(summary), indent=2, ensure_ascii=False, allow_nan=False)
    with text_written_whole(path, mode) as file:
        file.write(text + "\n")


def report_keys(summary: RunSummary) -> dict[str, Any]:
    """Return report.json's content; keys and order are a contract with other programs."""
    totals = summary.totals
    return {
        "complete": summary.complete,
        "files_seen": totals.files_seen,
        "files_ignored": totals.files_ignored,
        "images_screened": totals.images_screened,
        "images_ineligible": totals.images_ineligible,
        "images_failed": totals.images_failed,
        "studies": {
            "flagged": totals.flagged,
            "not_flagged": totals.not_flagged,
            "not_screened": totals.not_screened,
        },
        "model": {
            "name": summary.model.name,
            "version": summary.model.version,
            "sha256": summary.model.sha256,
        },
        **_scale_keys(summary),
        "seconds": round(summary.seconds, 3),
        "images_per_second": round(summary.images_per_second, 3),
        "exit_code": int(summary.exit_code),
        "versions": summary.versions,
        "options": dict(summary.options.given),
        "images_picture_refused": totals.pictures_refused,
        "images_failed_known": totals.failures_known,
        "files_unsettled": totals.files_unsettled,
        "order": summary.order,
        "report_id": summary.report_id,
        "bands": {"first": totals.first, "next": totals.next, "later": totals.later},
        "population_check": _check_keys(summary.population_check),
        "files_found": summary.files_found,
        "files_known": totals.files_known,
        "images_picture_refused_known": totals.refusals_known,
        "folders_unreadable": totals.folders_unreadable,
        "archives_ignored": totals.archives_ignored,
        "since_before": {
            "studies_again": summary.since.studies_again,
            "images_gone": summary.since.images_gone,
            "run_not_ended": summary.since.not_ended or None,
        },
        "operating_points": [
            {
                "population": each.scale.population,
                **_point_keys(each.scale.operating_point),
                "studies": each.totals.studies,
            }
            for each in summary.populations
        ],
        "populations": [_population_keys(each) for each in summary.populations],
        "reason_codes": _reason_codes(totals),
    }


def _reason_codes(totals: Totals) -> dict[str, int]:
    """Return by code how many files were not screened for that reason, the most frequent first."""
    counts: Counter[str] = Counter()
    for each in totals.by_reason:
        counts[each.reason_code] += each.files
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _population_keys(run: PopulationRun) -> dict[str, Any]:
    totals = run.totals
    ppv, npv = run.predictive_values
    return {
        "population": run.scale.population,
        "studies": {"flagged": totals.flagged, "not_flagged": totals.not_flagged},
        "bands": {"first": totals.first, "next": totals.next, "later": totals.later},
        "ages_unknown": totals.ages_unknown,
        "ages_not_validated": totals.ages_differ - totals.ages_unknown,
        "prevalence": run.scale.prevalence,
        "ppv": ppv,
        "npv": npv,
        "population_check": _check_keys(run.check),
    }


def _check_keys(check: PopulationCheck) -> dict[str, Any]:
    expected = check.expected_flagged
    return {
        "screened": check.screened,
        "expected_flagged": None if expected is None else round(expected, 1),
        "observed_flagged": check.observed_flagged,
        "holds": check.holds,
        "why": check.why,
    }


def _scale_keys(summary: RunSummary) -> dict[str, Any]:
    """Return the keys of the scale that most studies were read on."""
    ppv, npv = summary.predictive_values
    return {
        "operating_point": _point_keys(summary.scale.operating_point),
        "prevalence": summary.scale.prevalence,
        "ppv": ppv,
        "npv": npv,
    }


def _point_keys(point: OperatingPoint) -> dict[str, Any]:
    return {
        "name": point.name,
        "threshold": printed(point.threshold),
        "sensitivity": point.sensitivity,
        "specificity": point.specificity,
    }
