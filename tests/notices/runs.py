"""Runs that have ended, to be told."""

from datetime import datetime, timedelta
from typing import Any

from screener.errors import ExitCode
from screener.notices.run_end import RunEnd
from screener.operating_points import Calibration, OperatingPoint
from screener.options import RunOptions
from screener.run_summary import ModelIdentity, RunSummary
from screener.scale import Scale, Scales
from screener.totals import PopulationTotals, ReasonCount, Totals

BEGAN = datetime(2026, 11, 20, 2).astimezone()
TOTALS = Totals(
    files_ignored=1,
    images_screened=40,
    images_ineligible=2,
    images_failed=1,
    flagged=10,
    not_flagged=30,
    not_screened=3,
    by_population=(PopulationTotals(flagged=10, not_flagged=30),),
    by_reason=(ReasonCount("ineligible", "lateral_view", 2), ReasonCount("failed", "truncated", 1)),
)


def told(totals: Totals = TOTALS) -> RunSummary:
    """Return what a run with these totals says of itself."""
    return RunSummary(
        complete=True,
        totals=totals,
        model=ModelIdentity("net", "1.0.0", "ab" * 32),
        scales=Scales.one(Scale(Calibration(1, 0, 0.5), OperatingPoint("balanced", 0.5, 0.9, 0.8), 0.1)),
        started=BEGAN,
        finished=BEGAN + timedelta(minutes=4),
        images_per_second=61.4,
        exit_code=0,
        roots=("/studies/SECRET",),
        intended_use="ordering",
        versions={},
        options=RunOptions({}),
    )


def ended(code: ExitCode = ExitCode.DONE, **given: Any) -> RunEnd:
    """Return the end of a run of five minutes, without summary or ledger unless they are given."""
    usual = {"started": BEGAN, "finished": BEGAN + timedelta(minutes=5), "summary": None, "options": None}
    return RunEnd(**{"code": code, "ledger": None, "version": "9.8.7", **usual, **given})
