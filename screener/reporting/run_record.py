"""What a run says of itself, as the ledger keeps it: everything that a report tells besides its rows."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from screener.domain import Calibration, Doubt, OperatingPoint
from screener.notes import Ages
from screener.scale import Scale
from screener.worklist import ModelIdentity, RunSummary, SinceBefore, Totals


def to_record(summary: RunSummary, ages: Ages | None) -> str:
    """Return a run as text; ages: those that its model was validated for."""
    plain = asdict(summary) | {
        "started": summary.started.isoformat(),
        "finished": summary.finished.isoformat(),
        "exit_code": int(summary.exit_code),
    }
    return json.dumps({"run": plain, "ages": ages}, ensure_ascii=False)


def from_record(record: str) -> tuple[RunSummary, Ages | None]:
    """Return what to_record was given, to the last bit; times in this machine's zone."""
    kept = json.loads(record)
    run, ages = kept["run"], kept["ages"]
    scale = run["scale"]
    values: dict[str, Any] = {
        **run,
        "totals": Totals(**run["totals"]),
        "model": ModelIdentity(**run["model"]),
        "scale": Scale(
            Calibration(**scale["calibration"]),
            _point(scale["operating_point"]),
            scale["prevalence"],
            tuple(map(_point, scale.get("points", ()))),
        ),
        "started": _moment(run["started"]),
        "finished": _moment(run["finished"]),
        "roots": tuple(run["roots"]),
        "since": SinceBefore(**run.get("since", {})),
        "validated_ages": None if ages is None else (ages[0], ages[1]),
    }
    return RunSummary(**values), values["validated_ages"]


def report_ids(record: str) -> frozenset[str]:
    """Return the ids by which reports of a run go: as it was scanned, and as this machine tells it again.

    An id depends on the zone in which the start is told, and a machine's zone may have been changed since.
    """
    summary, _ = from_record(record)
    as_scanned = datetime.fromisoformat(json.loads(record)["run"]["started"])
    return frozenset((summary.report_id, replace(summary, started=as_scanned).report_id))


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
