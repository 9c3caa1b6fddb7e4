"""screener status: the last runs, what they found, what is waiting, and whether one is under way."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from screener.commands.console import results
from screener.commands.console_language import console_language, told
from screener.errors import ExitCode
from screener.ledger.look import LedgerState, look_into
from screener.outputs.messages import shipped_messages
from screener.outputs.run_manifest import report_keys
from screener.outputs.run_text import meaning
from screener.reporting.past_runs import PastRun, Waiting, ago, last_success, past_runs, waiting
from screener.said import Together, say

_WAITING = ("files_too_young", "files_not_reached", "images_failed", "not_reviewed")


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
        console.print(told("status.held"))
    console.print(escape(_since(past, now())))
    if past:
        console.print(runs_table(past[:runs]))
    counts = {name: getattr(left, name) for name in _WAITING}
    lines = [say(f"status.{name}", count=count) for name, count in counts.items() if count]
    what = Together(tuple(lines), "; ") if lines else say("status.nothing")
    console.print(told("status.waiting", what=what), soft_wrap=True)
    return ExitCode.DONE


def runs_table(runs: Sequence[PastRun]) -> Table:
    """Return runs as a table, a line each."""
    table = Table(
        told("status.run"),
        told("status.began"),
        told("status.took"),
        told("status.files"),
        told("status.screened"),
        told("status.failed"),
        told("status.flagged"),
        told("status.not_flagged"),
        told("status.exit_code"),
    )
    messages = shipped_messages(console_language())
    for run in runs:
        began = run.started.strftime("%Y-%m-%d %H:%M")
        if run.summary is None:
            how = told("status.under_way") if run.under_way else told("status.did_not_end")
            table.add_row(str(run.number), began, *[""] * 6, how)
            continue
        totals = run.summary.totals
        counts = (totals.files_seen, totals.images_screened, totals.images_failed)
        listed = (totals.flagged, totals.not_flagged)
        took = f"{run.summary.seconds:.0f} s"
        code = ExitCode(run.summary.exit_code)
        how = f"{int(code)}: {messages.words(meaning(code, run.summary))}"
        table.add_row(str(run.number), began, took, *map(str, (*counts, *listed)), escape(how))
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
        return told("status.never_well")
    return told("status.last_success", moment=f"{success:%Y-%m-%d %H:%M}", ago=ago(success, now))
