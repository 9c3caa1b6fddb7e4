"""The runs that a ledger knows, what they found, and what is waiting, for whoever looks after the nights."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from screener.errors import SUCCESSES, ExitCode
from screener.ledger.look import KnownRun, LedgerState
from screener.outputs.run_text import meaning
from screener.reporting.run_record import from_record
from screener.run_summary import RunSummary
from screener.said import Said, say

UNDER_WAY = "under way"
KILLED = "did not end"


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run.

    how: it ended, in words, for programs. summary: None where it was killed, is under way, or is too old.
    """

    number: int
    started: datetime
    how: str
    summary: RunSummary | None
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the last runs left for somebody, or for the next run; None where that is unknown.

    not_reviewed: flagged studies of the last complete run without a mark.
    """

    files_too_young: int | None
    files_not_reached: int | None
    images_failed: int | None
    not_reviewed: int | None


def past_runs(state: LedgerState) -> tuple[PastRun, ...]:
    """Return all runs, the last one first."""
    last = state.runs[-1].number if state.runs else 0
    return tuple(_past_run(run, state.held and run.number == last) for run in reversed(state.runs))


def waiting(state: LedgerState, runs: Iterable[PastRun]) -> Waiting:
    """Return what is waiting after the last run that has a summary."""
    known = [run.summary for run in runs if run.summary is not None]
    if not known:
        return Waiting(None, None, None, None)
    last, complete = known[0], next((each for each in known if each.complete), None)
    unread = None
    if complete is not None and state.marked is not None:
        unread = max(0, complete.totals.flagged - state.marked)
    return Waiting(last.totals.files_unsettled, last.files_not_reached, last.totals.images_failed, unread)


def last_success(runs: Iterable[PastRun]) -> datetime | None:
    """Return when the last complete run that wrote its report ended; None without one."""
    return next(
        (
            run.summary.finished
            for run in runs
            if run.summary is not None and run.summary.complete and run.summary.exit_code in SUCCESSES
        ),
        None,
    )


def ago(moment: datetime, now: datetime) -> Said:
    """Return how long ago that was, in the largest unit that fits; that it lies ahead, if clocks differ."""
    passed = now - moment
    if passed < timedelta(minutes=-1):
        return say("status.ahead")
    if passed >= timedelta(days=2):
        return say("status.days_ago", days=passed.days)
    hours, minutes = divmod(max(0, int(passed.total_seconds())) // 60, 60)
    if hours > 0:
        return say("status.hours_ago", hours=hours, minutes=minutes)
    return say("status.minutes_ago", minutes=minutes)


def _past_run(run: KnownRun, held: bool) -> PastRun:
    started = datetime.fromisoformat(run.started).astimezone()
    if not run.record:
        return PastRun(run.number, started, UNDER_WAY if held else KILLED, None, under_way=held)
    summary = from_record(run.record)
    code = ExitCode(summary.exit_code)
    return PastRun(run.number, started, f"{int(code)}: {meaning(code, summary).rstrip('.')}", summary)
