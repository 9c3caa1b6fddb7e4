"""screener status: the last runs, what they found, what is waiting, and whether one is under way."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from screener.commands.console import results
from screener.errors import ExitCode
from screener.ledger.look import LedgerState, look_into
from screener.outputs.run_manifest import report_keys
from screener.reporting.past_runs import PastRun, Waiting, ago, last_success, past_runs, waiting

_WAITING = {
    "files_too_young": "{} too young last time, left for the next run",
    "files_not_reached": "{} that the last run did not reach",
    "images_failed": "{} that failed, tried again once they change",
    "not_reviewed": "{} flagged without a reader's mark",
}
_NOUNS = {
    "files_too_young": "file",
    "files_not_reached": "file",
    "images_failed": "image",
    "not_reviewed": "study",
}


def status(
    ledger: Path, runs: int, as_json: bool, now: Callable[[], datetime] = lambda: datetime.now().astimezone()
) -> ExitCode:
    """Print how the last runs went; nothing is taken, changed or waited for.

    now: the clock by which the last success is so long ago.
    """
    state = look_into(ledger)
    past = past_runs(state)
    left = waiting(state, past)
    if as_json:
        print_json({"ledger": state_keys(state), **_keys(past[:runs], left, last_success(past))})
        return ExitCode.DONE
    console = results()
    if state.held:
        console.print("A run holds the ledger now; what it has found so far is not shown.")
    console.print(escape(_since(past, now())))
    if past:
        console.print(runs_table(past[:runs]))
    lines = [_line(name, getattr(left, name)) for name in _WAITING if getattr(left, name)]
    console.print("Waiting: " + ("; ".join(lines) if lines else "nothing"), soft_wrap=True)
    return ExitCode.DONE


def runs_table(runs: Sequence[PastRun]) -> Table:
    """Return runs as a table, a line each."""
    table = Table(
        "run", "began", "took", "files", "screened", "failed", "flagged", "not flagged", "exit code"
    )
    for run in runs:
        began = run.started.strftime("%Y-%m-%d %H:%M")
        if run.summary is None:
            table.add_row(str(run.number), began, *[""] * 6, run.how)
            continue
        totals = run.summary.totals
        counts = (totals.files_seen, totals.images_screened, totals.images_failed)
        listed = (totals.flagged, totals.not_flagged)
        took = f"{run.summary.seconds:.0f} s"
        table.add_row(str(run.number), began, took, *map(str, (*counts, *listed)), escape(run.how))
    return table


def run_keys(run: PastRun) -> dict[str, Any]:
    """Return a run for programs: its report.json, where it has one."""
    report = None if run.summary is None else report_keys(run.summary)
    return {"run": run.number, "started": run.started.isoformat(), "ended": run.how, "report": report}


def state_keys(state: LedgerState) -> dict[str, Any]:
    """Return what a ledger holds, for programs."""
    return {
        "held": state.held,
        "format": state.format,
        "bytes": state.bytes,
        "runs": len(state.runs),
        "files_known": state.files_known,
        "results": state.results,
        "results_overtaken": state.overtaken,
        "marks": state.marks,
        "published": state.published,
    }


def print_json(values: Any) -> None:
    """Print JSON, as it is, to standard output."""
    results().print(json.dumps(values, indent=2, ensure_ascii=False), markup=False, soft_wrap=True)


def _keys(past: Sequence[PastRun], left: Waiting, success: datetime | None) -> dict[str, Any]:
    return {
        "last_success": None if success is None else success.isoformat(),
        "waiting": {name: getattr(left, name) for name in _WAITING},
        "last_runs": [run_keys(each) for each in past],
    }


def _since(past: Sequence[PastRun], now: datetime) -> str:
    success = last_success(past)
    if success is None:
        return "No run has ended well yet."
    return f"The last run that ended well: {success:%Y-%m-%d %H:%M}, {ago(success, now)}."


def _line(name: str, count: int) -> str:
    noun = _NOUNS[name]
    plural = "studies" if noun == "study" else f"{noun}s"
    return _WAITING[name].format(f"{count} {noun if count == 1 else plural}")
