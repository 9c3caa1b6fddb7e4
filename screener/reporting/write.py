"""From the ledger to CSV, JSON, triage page and PDF."""

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from screener.engines.report_images import ImageReader
from screener.errors import ExitCode, OutputError, ScreenerError, full_disk
from screener.inference.model_folder import ModelFolder
from screener.intake import Root, display_name
from screener.ledger import Ledger
from screener.options import OutputOptions, Plain, RunOptions, ScanOptions
from screener.outputs.messages import Messages
from screener.outputs.pseudonyms import NameMask, mask_summary, unmasked
from screener.outputs.run_manifest import write_report_json
from screener.outputs.run_text import run_text
from screener.outputs.run_words import run_words
from screener.outputs.templating import messages_of
from screener.outputs.unfinished_text import write_run_text
from screener.outputs.watched import Watched
from screener.outputs.worklist_csv import FileWords, write_files_csv, write_worklist_csv
from screener.reporting.count import count_totals
from screener.reporting.listing import Worklist
from screener.reporting.one_stem import noting_whose_files
from screener.reporting.render import write_views
from screener.reporting.run_record import to_record
from screener.run_summary import RunSummary, SinceBefore
from screener.said import Spoken, say
from screener.scale import Scales
from screener.totals import Totals

_REPORTED_VERSIONS = ("ai-edge-litert", "numpy", "opencv-python-headless", "pillow", "pydicom", "weasyprint")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a run knows of itself when the last outcome is committed.

    images_per_second: decoded and predicted in this run, from the first file opened to the last outcome
    committed. bugs: files that failed for an error which nothing foresees. files_found: as in RunSummary.
    """

    model: ModelFolder
    scales: Scales
    roots: tuple[Root, ...]
    started: datetime
    complete: bool
    images_per_second: float
    bugs: int = 0
    files_found: int = 0


@dataclass(frozen=True, slots=True)
class RunCallbacks:
    """How a run reports its progress while it writes its reports.

    mask: how names are shown. say: for a line that passes by. known: called with what the run says of itself,
    as soon as there is something to say and again at the end, for whoever reports how it ended. watched:
    tells whether anything has changed at this site; None where nobody asked.
    """

    mask: NameMask
    say: Callable[[Spoken], None]
    known: Callable[[RunSummary], None] = lambda summary: None
    watched: Callable[[Ledger, Messages], Watched | None] = lambda ledger, messages: None


def write_reports(
    ledger: Ledger, reader: ImageReader, options: ScanOptions, facts: RunFacts, callbacks: RunCallbacks
) -> RunSummary:
    """Write CSV and JSON, then triage page and PDF; JSON and short text say how the whole ended.

    Raises:
        OutputError: A file cannot be written; those already written stay, and a note says which.
    """
    summary = summarise(ledger, options, facts)
    callbacks.known(summary)
    ledger.keep(to_record(summary))
    worklist = Worklist.of(ledger, summary, callbacks.mask, options.look)
    with noting_whose_files(options):
        write_lists(worklist, reader, options, summary, callbacks.say)
        try:
            watched = callbacks.watched(ledger, messages_of(options.look))
            write_views(worklist, reader, options, summary, callbacks.say, watched)
            write_text(_finished(summary), options)
        except MemoryError as error:
            _finish(summary, options, callbacks, ExitCode.OUTPUT)
            raise OutputError("reporting.no_memory", out=options.out) from error
        except BaseException as error:
            _finish(summary, options, callbacks, _exit_code_of(error))
            raise
        return _finish(summary, options, callbacks, ExitCode(summary.exit_code))


def _exit_code_of(error: BaseException) -> ExitCode:
    if isinstance(error, ScreenerError):
        return error.exit_code
    if isinstance(error, OSError) and full_disk(error):
        return ExitCode.OUTPUT
    return ExitCode.BUG if isinstance(error, Exception) else ExitCode.INTERRUPTED


def write_lists(
    worklist: Worklist,
    reader: ImageReader,
    options: OutputOptions,
    summary: RunSummary,
    tell: Callable[[Spoken], None],
) -> None:
    """Write the CSVs and the JSON; raises as write_reports does."""
    tell(say("reporting.writing_worklist"))
    if options.files_csv:
        write_files_csv(
            worklist.outcomes(),
            FileWords(summary.scales, worklist.messages.missed),
            options.files_csv,
            options.mode,
            excel=options.excel,
        )
    write_worklist_csv(
        worklist.shown(worklist.rows(), reader if options.include_names else None),
        str(summary.model),
        options.csv,
        options.mode,
        names=options.include_names,
        excel=options.excel,
    )
    write_report_json(mask_summary(summary, worklist.mask), options.json, options.mode)


def summarise(ledger: Ledger, options: ScanOptions, facts: RunFacts) -> RunSummary:
    """Return the totals and circumstances of a run, as the ledger has them now."""
    summary = RunSummary(
        complete=facts.complete,
        totals=Totals(),
        model=facts.model.identity,
        scales=facts.scales,
        started=facts.started,
        finished=datetime.now().astimezone(),
        images_per_second=facts.images_per_second,
        exit_code=ExitCode.DONE,
        roots=tuple(display_name(str(root.path)) for root in facts.roots),
        intended_use=facts.model.intended_use,
        versions=_versions(),
        options=RunOptions(plain_options(options)),
        files_found=facts.files_found,
    )
    totals = count_totals(Worklist.of(ledger, summary, unmasked))
    since = since_before(ledger, summary)
    return replace(summary, totals=totals, since=since, exit_code=_exit_code(facts, totals))


def since_before(ledger: Ledger, summary: RunSummary) -> SinceBefore:
    """Return what a run has to do with those before it in its ledger."""

    def same(run: dict[str, Any]) -> bool:
        shard = RunOptions(run["options"]).shard
        return tuple(run["roots"]) == summary.roots and shard == summary.options.shard

    not_ended, interrupted = ledger.before.not_ended()
    return SinceBefore(
        studies_again=ledger.before.studies_again() if summary.new_only else 0,
        images_gone=ledger.before.images_gone(same) if summary.complete else None,
        not_ended=not_ended,
        interrupted=interrupted,
    )


def _exit_code(facts: RunFacts, totals: Totals) -> ExitCode:
    if not facts.complete:
        return ExitCode.INTERRUPTED
    if facts.bugs:
        return ExitCode.BUG
    return ExitCode.SOME_FAILED if totals.failures_new else ExitCode.DONE


def _finish(
    summary: RunSummary, options: ScanOptions, callbacks: RunCallbacks, exit_code: ExitCode
) -> RunSummary:
    """Write the JSON again with the final time and exit code; only now is the whole command known."""
    complete = summary.complete and exit_code is not ExitCode.INTERRUPTED
    final = replace(_finished(summary), complete=complete, exit_code=_worse(summary.exit_code, exit_code))
    callbacks.known(final)
    write_report_json(mask_summary(final, callbacks.mask), options.json, options.mode)
    return final


def _finished(summary: RunSummary) -> RunSummary:
    return replace(summary, finished=datetime.now().astimezone())


def write_text(summary: RunSummary, options: OutputOptions) -> None:
    """Write the short text, where one is asked for."""
    if options.summary:
        messages = messages_of(options.look)
        text = run_text(summary, options.reports, run_words(summary, messages), messages=messages)
        write_run_text(text, options.summary, options.mode)


def _worse(first: int, second: int) -> int:
    """Return the exit code that says more, by the contract: 130, 1, 6, 5, 3, 0."""
    order = [
        ExitCode.INTERRUPTED,
        ExitCode.BUG,
        ExitCode.OUTPUT,
        ExitCode.MISSING_DEPENDENCY,
        ExitCode.SOME_FAILED,
    ]
    return next((code for code in order if code in (first, second)), ExitCode.DONE)


def _versions() -> dict[str, str]:
    installed = {name: version(name) for name in _REPORTED_VERSIONS}
    return {"screener": version("cxr-screener"), "python": platform.python_version(), **installed}


def plain_options(options: OutputOptions) -> dict[str, Plain]:
    """Return the options as JSON holds them, those of the PDF among the rest; mode as chmod writes it."""
    plain: dict[str, Plain] = {}
    given = asdict(options)
    look = given.pop("look")
    for name, value in {**given, **look}.items():
        if isinstance(value, Path):
            plain[name] = display_name(str(value))
        elif isinstance(value, tuple):
            plain[name] = [display_name(str(each)) for each in value]
        else:
            plain[name] = value
    return {**plain, "mode": f"{options.mode:04o}"}
