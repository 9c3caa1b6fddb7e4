"""What a run says of itself, as the ledger keeps it: everything that a report says besides its rows."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from screener.operating_points import Calibration, Doubt, OperatingPoint
from screener.options import RunOptions
from screener.run_summary import ModelIdentity, RunSummary, SinceBefore
from screener.scale import ALL, Scale, Scales
from screener.totals import PopulationTotals, ReasonCount, Totals


def to_record(summary: RunSummary) -> str:
    """Return a run as text."""
    plain = asdict(summary) | {
        "started": summary.started.isoformat(),
        "finished": summary.finished.isoformat(),
        "exit_code": int(summary.exit_code),
        "options": dict(summary.options.given),
    }
    return json.dumps({"run": plain}, ensure_ascii=False)


def from_record(record: str) -> RunSummary:
    """Return what to_record was given, to the last bit; times in this machine's zone."""
    kept = json.loads(record)
    run = kept["run"]
    values: dict[str, Any] = {
        **run,
        "totals": _totals(run["totals"]),
        "model": ModelIdentity(**run["model"]),
        "scales": _scales(run["scales"]) if "scales" in run else _older_scales(run, kept["ages"]),
        "started": _moment(run["started"]),
        "finished": _moment(run["finished"]),
        "roots": tuple(run["roots"]),
        "options": RunOptions(run["options"]),
        "since": SinceBefore(**run.get("since", {})),
    }
    for name in ("scale", "validated_population", "validated_ages"):  # of an older version: now in scales
        values.pop(name, None)
    return RunSummary(**values)


def report_ids(record: str) -> frozenset[str]:
    """Return the ids by which reports of a run go: as it was scanned, and as this machine reports it again.

    An id depends on the zone in which the start is printed, and a machine's zone may have been changed since.
    """
    summary = from_record(record)
    as_scanned = datetime.fromisoformat(json.loads(record)["run"]["started"])
    return frozenset((summary.report_id, replace(summary, started=as_scanned).report_id))


def _totals(kept: dict[str, Any]) -> Totals:
    reasons = tuple(ReasonCount(**each) for each in kept.get("by_reason", ()))
    populations = _populations(kept.get("by_population", ()))
    return Totals(**{**kept, "by_population": populations, "by_reason": reasons})


def _populations(kept: Iterable[dict[str, Any]]) -> tuple[PopulationTotals, ...]:
    return tuple(PopulationTotals(**each) for each in kept)


def _scales(kept: dict[str, Any]) -> Scales:
    return Scales(tuple(map(_scale, kept["each"])), kept["default"])


def _older_scales(run: dict[str, Any], ages: list[int] | None) -> Scales:
    """Return the one scale of a run before models told populations apart."""
    return Scales.one(_scale({**run["scale"], "ages": ages, "validated_on": run["validated_population"]}))


def _scale(kept: dict[str, Any]) -> Scale:
    ages = kept.get("ages")
    return Scale(
        Calibration(**kept["calibration"]),
        _point(kept["operating_point"]),
        kept["prevalence"],
        tuple(map(_point, kept.get("points", ()))),
        kept.get("population", ALL),
        None if ages is None else (ages[0], ages[1]),
        kept["validated_on"],
    )


def _point(values: dict[str, Any]) -> OperatingPoint:
    """JSON has no tuples: an interval comes back as a list."""
    back: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    if back.get("doubt"):
        back["doubt"] = Doubt(back["doubt"])
    return OperatingPoint(**back)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()
