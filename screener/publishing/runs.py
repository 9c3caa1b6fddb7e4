"""Which runs of a ledger a receiver may not have had yet."""

from collections.abc import Callable, Sequence

from screener.errors import UsageError
from screener.ledger import Ledger, Run
from screener.options.publish import PublishOptions
from screener.reporting.run_record import from_record
from screener.run_summary import RunSummary
from screener.said import Said, Spoken, say

PSEUDONYMISED = "pseudonymise"


def runs_to_publish(
    ledger: Ledger, options: PublishOptions, target: str, tell: Callable[[Spoken], None]
) -> list[tuple[Run, RunSummary]]:
    """Return the runs whose studies are to be published, the newest first; `tell` is told of those left out.

    Without --run: all since the last of which the receiver has answered everything. A receiver that had
    nothing yet gets the last run alone, not years of them.

    Raises:
        UsageError: There is no run to publish; or the one named was interrupted or told under pseudonyms.
    """
    runs = ledger.runs()
    if options.run is not None:
        return [_named(runs, options)]
    first = ledger.published.open_from(target)
    since = [run for run in runs if first is None or run.number >= first]
    chosen: list[tuple[Run, RunSummary]] = []
    for run in reversed(since):
        if why := _objection(run):
            tell(say("publish.run_left_out", run=run.number, why=why))
            continue
        chosen.append((run, from_record(run.summary)))
        if first is None:
            break
    if not since and first is not None:
        tell(say("publish.nothing_new", run=first - 1))
    if not chosen and first is None:
        raise UsageError("publish.no_runs", ledger=options.ledger)
    return chosen


def published_runs(ledger: Ledger, options: PublishOptions, target: str) -> list[tuple[Run, RunSummary]]:
    """Return the runs of which a receiver has stored anything, or the one that --run names, the newest first.

    Raises:
        UsageError: There is none.
    """
    numbers = {each.run for each in ledger.published.stored(target)}
    wanted = numbers if options.run is None else numbers & {options.run}
    if not wanted:
        if options.run is None:
            raise UsageError("publish.nothing_to_withdraw", target=target)
        raise UsageError("publish.nothing_of_run_to_withdraw", run=options.run, target=target)
    return [(run, from_record(run.summary)) for run in reversed(ledger.runs()) if run.number in wanted]


def _named(runs: Sequence[Run], options: PublishOptions) -> tuple[Run, RunSummary]:
    run = next((each for each in runs if each.number == options.run), None)
    if run is None:
        if not runs:
            raise UsageError("publish.no_such_run", run=options.run, ledger=options.ledger)
        last = runs[-1].number
        raise UsageError("publish.no_such_run_but", run=options.run, ledger=options.ledger, last=last)
    if why := _objection(run):
        raise UsageError("publish.run_unfit", run=options.run, why=why)
    return run, from_record(run.summary)


def _objection(run: Run) -> Said | None:
    """Return why a run cannot be published, None if it can."""
    if not run.summary:
        return say("publish.run_ended_early")
    if not run.complete:
        return say("publish.run_interrupted")
    if from_record(run.summary).options.given.get(PSEUDONYMISED):
        return say("publish.run_pseudonymous")
    return None
