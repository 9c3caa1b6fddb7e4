"""The ledgers of all shards of a scan as one report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from screener.engines.local import LocalEngine
from screener.errors import ExitCode, UsageError
from screener.ledger.join import JoinedLedger, SourceLedger
from screener.options import MergeOptions
from screener.options.shard import Shard
from screener.outputs.pseudonyms import unmasked
from screener.reporting.count import count_totals
from screener.reporting.listing import Worklist
from screener.reporting.one_stem import noting_whose_files
from screener.reporting.past_model import setup_of
from screener.reporting.preflight import check_outputs, name_mask
from screener.reporting.render import write_views
from screener.reporting.run_record import from_record
from screener.reporting.write import plain_options, write_lists, write_text
from screener.run_summary import RunSummary, SinceBefore
from screener.said import Said, Spoken, say
from screener.totals import Totals

_AGREE = {  # what every shard must have been told, or be
    "model": say("reporting.shard_model"),
    "scales": say("reporting.shard_scales"),
    "roots": say("reporting.shard_roots"),
    "versions": say("reporting.shard_versions"),
}
_AGREE_OPTIONS = {"new_only": "--new-only", "max_wait": "--max-wait"}


@dataclass(frozen=True, slots=True)
class ShardRun:
    """The last run of one shard, as its ledger has it."""

    path: Path
    number: int
    shard: Shard
    summary: RunSummary


def merge(
    options: MergeOptions,
    tell: Callable[[Spoken], None],
    known: Callable[[RunSummary], None] = lambda summary: None,
) -> RunSummary:
    """Write what a scan without --shard would have written; CSVs byte for byte, JSON but for its times.

    The ledgers are not changed. Images are read again for the cards, and for names if asked for. known: as in
    RunCallbacks.

    Raises:
        UsageError: A ledger is not a shard's; shards are missing or do not belong together.
        LedgerHeldError: A scan holds one.
        OutputError: A file cannot be written.
    """
    mask = name_mask(options)
    check_outputs(options)
    runs = [_last_run(path, tell) for path in options.ledgers]
    check_belong_together(runs)
    setup = setup_of(runs[0].summary, options, tell)
    with JoinedLedger(mask=mask) as ledger, LocalEngine(setup, options.workers) as reader:
        ledger.begin(min(run.summary.started for run in runs))
        for run in runs:
            with SourceLedger(run.path, say=tell, create=False) as source:
                source.show(run.number)
                ledger.take(source)
        summary = _joined(runs, ledger, options)
        known(summary)
        _say_missing(runs, summary.totals, tell)
        worklist = Worklist.of(ledger, summary, mask, options.look)
        with noting_whose_files(options):
            write_lists(worklist, reader, options, summary, tell)
            write_views(worklist, reader, options, summary, tell)
            write_text(summary, options)
        return summary


def check_belong_together(runs: Sequence[ShardRun]) -> None:
    """Raise unless the runs are all shards of one scan, each once.

    Raises:
        UsageError: One is missing, twice there, or was told something else.
    """
    counts = sorted({run.shard.count for run in runs})
    if len(counts) > 1:
        raise UsageError("reporting.shards_of_other_scans", fewest=counts[0], most=counts[-1])
    there = [run.shard.index for run in runs]
    missing = [str(index) for index in range(1, counts[0] + 1) if index not in there]
    if missing:
        raise UsageError("reporting.shards_missing", missing=", ".join(missing), all=counts[0])
    if twice := next((index for index in there if there.count(index) > 1), None):
        raise UsageError("reporting.shard_twice", shard=twice, all=counts[0])
    first, *others = runs
    for other in others:
        if difference := _difference(first.summary, other.summary):
            raise UsageError("reporting.shards_differ", other=other.path, first=first.path, what=difference)


def _difference(first: RunSummary, other: RunSummary) -> Said | str:
    for name, words in _AGREE.items():
        if getattr(first, name) != getattr(other, name):
            return words
    for name, option in _AGREE_OPTIONS.items():
        if first.options.given.get(name) != other.options.given.get(name):
            return option
    return ""


def _last_run(path: Path, tell: Callable[[Spoken], None]) -> ShardRun:
    with SourceLedger(path, say=tell, create=False) as ledger:
        runs = ledger.runs()
    if not runs or not runs[-1].summary:
        raise UsageError("reporting.shard_killed", path=path)
    summary = from_record(runs[-1].summary)
    shard = summary.options.shard
    if shard is None:
        raise UsageError("reporting.no_shard", path=path)
    return ShardRun(path, runs[-1].number, shard, summary)


def _joined(runs: Sequence[ShardRun], ledger: JoinedLedger, options: MergeOptions) -> RunSummary:
    """Return what the one run says of itself that the shards were parts of."""
    summaries = [run.summary for run in runs]
    joined = replace(
        summaries[0],
        complete=all(each.complete for each in summaries),
        started=min(each.started for each in summaries),
        finished=max(each.finished for each in summaries),
        images_per_second=sum(each.images_per_second for each in summaries),
        files_found=max(each.files_found for each in summaries),
        options=summaries[0].options.but(**plain_options(options), shard=None),
        since=_since(summaries),
    )
    totals = count_totals(Worklist.of(ledger, joined, unmasked))
    return replace(joined, totals=totals, exit_code=_exit_code(summaries, totals))


def _exit_code(summaries: Sequence[RunSummary], totals: Totals) -> ExitCode:
    if not all(each.complete for each in summaries):
        return ExitCode.INTERRUPTED
    if any(each.exit_code == ExitCode.BUG for each in summaries):
        return ExitCode.BUG
    return ExitCode.SOME_FAILED if totals.failures_new else ExitCode.DONE


def _since(summaries: Sequence[RunSummary]) -> SinceBefore:
    """Return what all shards have to do with the runs before them: no study and no file is in two."""
    gone = [each.since.images_gone for each in summaries]
    unended = min(
        (each.since for each in summaries if each.since.not_ended), key=_began, default=SinceBefore()
    )
    return replace(
        unended,
        studies_again=sum(each.since.studies_again for each in summaries),
        images_gone=None if None in gone else sum(each or 0 for each in gone),
    )


def _began(since: SinceBefore) -> str:
    return since.not_ended


def _say_missing(runs: Sequence[ShardRun], totals: Totals, tell: Callable[[Spoken], None]) -> None:
    """Tell of files that came, or changed, while the shards ran at different times."""
    found = {run.summary.files_found for run in runs}
    missing = max(found) - totals.files_seen
    if len(found) > 1 or missing:
        least, most = min(found), max(found)
        tell(say("reporting.files_in_no_shard", least=least, most=most, missing=max(0, missing)))
