"""A past run's report once more: from the ledger alone, without screening anything."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from screener.engines.local import LocalEngine
from screener.errors import UsageError
from screener.ledger import Ledger, Run
from screener.options import ReportOptions
from screener.reporting.listing import Worklist
from screener.reporting.one_stem import noting_whose_files
from screener.reporting.past_model import setup_of
from screener.reporting.preflight import check_outputs, name_mask
from screener.reporting.render import write_views
from screener.reporting.run_record import from_record
from screener.reporting.write import plain_options, write_lists, write_text
from screener.run_summary import RunSummary
from screener.said import Said, Spoken, Together, say

_LISTED_RUNS = 10  # in a message
_SHOWN_ANEW = ("excel", "include_names", "pseudonymise", "pseudonym_key")  # as this command was told to


def rerender(
    options: ReportOptions,
    tell: Callable[[Spoken], None],
    known: Callable[[RunSummary], None] = lambda summary: None,
) -> RunSummary:
    """Write CSV, JSON and PDF of a past run; with the run's own options, CSV and JSON byte for byte.

    The ledger is not changed. Images are read again for the cards alone, and for names if asked for. known:
    as in RunCallbacks.

    Raises:
        UsageError: There is no such ledger or run, or the run ended before it had a report.
        LedgerHeldError: A run holds the ledger.
        OutputError: A file cannot be written.
    """
    mask = name_mask(options)
    check_outputs(options)
    with Ledger(options.ledger, say=tell, mask=mask, create=False) as ledger:
        run = _chosen(ledger.runs(), options, tell)
        ledger.show(run.number)
        kept = from_record(run.summary)
        asked = plain_options(options)
        now = {name: asked[name] for name in _SHOWN_ANEW}
        summary = replace(kept, options=kept.options.but(**now))
        known(summary)
        _report_forgotten(ledger, kept, tell)
        worklist = Worklist.of(ledger, summary, mask, options.look)
        with (
            noting_whose_files(options),
            LocalEngine(setup_of(kept, options, tell), options.workers) as engine,
        ):
            write_lists(worklist, engine, options, summary, tell)
            write_views(worklist, engine, options, summary, tell)
            write_text(summary, options)
        return summary


def _report_forgotten(ledger: Ledger, kept: RunSummary, tell: Callable[[Spoken], None]) -> None:
    """Say how many files of a run the ledger has forgotten since; its totals stay as they were."""
    gone = kept.totals.files_seen - sum(ledger.counts().values())
    if gone > 0:
        tell(say("reporting.forgotten_since", count=gone))


def _chosen(runs: Sequence[Run], options: ReportOptions, tell: Callable[[Spoken], None]) -> Run:
    """Return the run to report; the last one that has a report, unless a number is named."""
    reported = [run for run in runs if run.summary]
    if not reported:
        raise UsageError("reporting.no_report", ledger=options.ledger)
    if options.run is None:
        run = reported[-1]
        if run != runs[-1]:
            tell(say("reporting.run_before", last=runs[-1].number, run=run.number))
        return run
    found = next((run for run in reported if run.number == options.run), None)
    if found is None:
        listed = Together(tuple(_in_words(run) for run in reported[-_LISTED_RUNS:]), "\n")
        raise UsageError("reporting.no_such_run", run=options.run, runs=listed)
    return found


def _in_words(run: Run) -> Said:
    key = "reporting.run_started" if run.complete else "reporting.run_interrupted"
    return say(key, run=run.number, started=run.started)
