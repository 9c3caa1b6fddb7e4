"""One scan from start to end: check everything, screen everything, then write what is known."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

from screener.domain import Finding, Outcome, Screenable
from screener.engines.engine import Engine, make_engine
from screener.engines.machine import temporary_folder
from screener.engines.report_images import ImageReader
from screener.engines.worker import GATE_RULE, Screener, ScreenerSetup
from screener.errors import UsageError
from screener.inference.gate import GATE
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.intake import INTAKE_REVISION, FoundFile, Root, count_files, decoder_key, scan_roots, walk
from screener.ledger import Ledger, ResultKey
from screener.locations import ObjectUrl
from screener.options import ScanOptions
from screener.options.shard import Shard
from screener.outputs.pseudonyms import NameMask, mask_outcome
from screener.reporting.audited import audit_details
from screener.reporting.preflight import check_outputs, name_mask
from screener.reporting.run_record import to_record
from screener.reporting.write import RunCallbacks, RunFacts, write_reports
from screener.run_summary import RunSummary
from screener.said import Said, Spoken, say
from screener.scale import Scales
from screener.screening.admission import Admission, Forecast
from screener.screening.copies import record_copies
from screener.screening.interrupt import interruptible
from screener.screening.shard import Slice


class ScanReporter(Protocol):
    """How a scan shows its user where it is; a terminal and a log implement it."""

    def begin(self, files: int, model: str) -> None: ...

    def outcome(self, outcome: Outcome | None) -> None: ...

    def say(self, message: Spoken) -> None: ...


@dataclass(frozen=True, slots=True)
class Reports:
    """What becomes of a run once every outcome is in its ledger.

    check: refuses, before the first file, what could not be written after the last. write: as write_reports.
    listed: whether somebody reads of the studies, so that --new-only lists them no more.
    """

    check: Callable[[ScanOptions], None]
    write: Callable[[Ledger, ImageReader, ScanOptions, RunFacts, RunCallbacks], RunSummary]
    listed: bool = True


WRITTEN = Reports(check_outputs, write_reports)
"""What the command does: CSV, JSON, triage page and PDF beside --out."""


@dataclass(slots=True)
class _Clock:
    """When the first file was opened and the last outcome committed, in monotonic seconds."""

    first: float = 0.0
    last: float = 0.0
    screened: int = 0  # images decoded and predicted in this run

    @property
    def rate(self) -> float:
        """Images per second, decoded and predicted in this run."""
        seconds = self.last - self.first
        return self.screened / seconds if seconds > 0 else 0.0


def run_scan(
    options: ScanOptions,
    reporter: ScanReporter,
    known: Callable[[RunSummary], None] = lambda summary: None,
    reports: Reports = WRITTEN,
) -> RunSummary:
    """Screen every file below the options' paths and write CSV, JSON and PDF, or what `reports` makes of it.

    A file that cannot be read is an outcome; the run goes on. Ctrl-C or SIGTERM ends it after the
    batches in hand, and what is known is written. known: as in RunCallbacks.

    Raises:
        ScreenerError: Something that the whole run needs is missing; before the first file.
    """
    started = datetime.now().astimezone()
    if any(isinstance(path, ObjectUrl) for path in options.paths):
        reporter.say(say("scan.asking_stores"))
    _check_temporary(any(isinstance(path, ObjectUrl) for path in options.paths))
    roots = scan_roots(options.paths)
    model = load_model_folder(options.model)
    scales = make_scales(model, options)
    mask = name_mask(options)
    setup = replace(ScreenerSetup.of(model), digests=options.ledger is not None, stores=stores_of(roots))
    Screener.of(setup)  # opened here once, so that a fault shows before the workers start
    reports.check(options)
    key = result_key(model, options.shard or "")
    with Ledger(options.ledger, key=key, decoders=decoder_key(), say=reporter.say, mask=mask) as ledger:
        files = _count(roots, ledger, options, reporter.say)
        with make_engine(setup, options, reporter.say) as engine:
            reporter.begin(files, str(model.identity))
            ledger.begin(started, str(model.identity))
            shared = shared_out(options, files)
            clock, complete = _screen(roots, engine, ledger, shared, reporter, mask)
            record_copies(ledger, engine.reader)
            facts = RunFacts(
                model=model,
                scales=scales,
                roots=roots,
                started=started,
                complete=complete,
                images_per_second=clock.rate,
                bugs=len(engine.bugs),
                files_found=files,
            )
            callbacks = RunCallbacks(mask, reporter.say, known)
            summary = reports.write(ledger, engine.reader, options, facts, callbacks)
        _finish(ledger, summary, options, reports.listed)
        return summary


def _finish(ledger: Ledger, summary: RunSummary, options: ScanOptions, listed: bool) -> None:
    """Keep the run's record and end it. Last of all: one killed before has listed nothing, and resumes."""
    ledger.keep(to_record(summary))
    ledger.finish(
        summary.finished,
        summary.complete,
        summary.totals.files_seen,
        listed=listed,
        details=audit_details(summary, options, written=listed),
    )


def result_key(model: ModelFolder, shard: str = "") -> ResultKey:
    """Return what the results of a run depend on besides their files."""
    return ResultKey(
        network=model.identity.sha256,
        gate=model.manifest["files"].get(GATE, ""),
        preprocessing=json.dumps(model.preprocessing.as_json(), sort_keys=True),
        intake=INTAKE_REVISION,
        gate_rule=GATE_RULE,
        shard=shard,
    )


def _check_temporary(copies: bool) -> None:
    """Raise if temporary files cannot be written; copies: whether images of a store are copied to TMPDIR.

    Raises:
        OutputError: No folder for them can be written; its disk may be full.
        UsageError: Copies of images would lie elsewhere.
    """
    folder = temporary_folder()
    asked = os.environ.get("TMPDIR")
    if copies and asked and Path(asked).resolve() != Path(folder).resolve():
        raise UsageError("scan.no_temporary_copies", asked=asked, folder=folder)


def stores_of(roots: Sequence[Root]) -> tuple[str, ...]:
    """Return the schemes of the object stores that roots lie in."""
    return tuple(sorted({root.path.scheme for root in roots if isinstance(root.path, ObjectUrl)}))


def make_scales(model: ModelFolder, options: ScanOptions) -> Scales:
    """Return how this run prints; raises as ModelFolder.scales does."""
    return model.scales(
        options.population,
        options.default_population,
        operating_point=options.operating_point,
        threshold=options.threshold,
        prevalence=options.prevalence,
    )


def shared_out(options: ScanOptions, files: int) -> ScanOptions:
    """Return options whose batches are so small that each worker gets two of them, however few the files."""
    return replace(options, batch_size=min(options.batch_size, max(1, files // (2 * options.workers))))


def _count(
    roots: tuple[Root, ...], ledger: Ledger, options: ScanOptions, tell: Callable[[Said], None]
) -> int:
    """Return how many files there are; where earlier runs knew of some, say how many of them.

    Raises:
        UsageError: A root holds not a single file.
    """
    if options.ledger is None or not ledger.before.any_run():
        return sum(_some(root, count_files([root])) for root in roots)
    forecast = Forecast(ledger, options.settle)
    for root in roots:
        _some(root, sum(map(forecast.counts, walk([root]))))
    for line in forecast.lines():
        tell(line)
    return forecast.files


def _some(root: Root, files: int) -> int:
    if not files:
        raise UsageError("scan.empty_folder", path=root.path)
    return files


def _screen(
    roots: Sequence[Root],
    engine: Engine,
    ledger: Ledger,
    options: ScanOptions,
    reporter: ScanReporter,
    mask: NameMask,
) -> tuple[_Clock, bool]:
    """Let every file seen end in the ledger as exactly one outcome; return the time, and whether all were."""
    clock = _Clock()
    mine = Slice(Shard.of(options.shard), engine.reader)
    admission = Admission(ledger, options.settle, _counting(_masked(reporter, mask), clock), mine.takes)
    with interruptible(reporter.say) as interrupted:
        clock.first = time.monotonic()

        def stopped() -> bool:
            return interrupted() or admission.store_is_away

        found = _until(walk(roots, stopped), stopped)
        images = mine.own(admission.to_screen(found, stopped), admission.leave)
        for outcomes in engine.screen(_batches(images, options.batch_size)):
            admission.record(outcomes)
        admission.flush()
        clock.last = time.monotonic()
    if admission.store_is_away:
        reporter.say(say("scan.store_out_of_reach"))
    return clock, not stopped() and not engine.lost


def _counting(report: Callable[[Outcome | None], None], clock: _Clock) -> Callable[[Outcome | None], None]:
    def counted(outcome: Outcome | None) -> None:
        clock.screened += isinstance(outcome, Finding)
        report(outcome)

    return counted


def _masked(reporter: ScanReporter, mask: NameMask) -> Callable[[Outcome | None], None]:
    """Return how outcomes reach the reporter: under the names that may be shown."""
    return lambda outcome: reporter.outcome(outcome and mask_outcome(outcome, mask))


def _batches(images: Iterator[Screenable], size: int) -> Iterator[list[Screenable]]:
    while batch := list(islice(images, size)):
        yield batch


def _until(found: Iterable[FoundFile], interrupted: Callable[[], bool]) -> Iterator[FoundFile]:
    for each in found:
        if interrupted():
            return
        yield each
