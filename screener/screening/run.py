"""One scan from start to end: check everything, screen everything, then write what is known."""

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeAlias

from screener.domain import Ignored, ImageFile, NotScreened, OperatingPoint, Outcome
from screener.errors import UsageError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.intake import Root, count_files, find_files, scan_roots
from screener.options import ScanOptions
from screener.outputs.atomic import check_writable
from screener.outputs.report_pdf import check_pdf_library
from screener.screening.ledger import Ledger
from screener.screening.local import LocalEngine
from screener.screening.reports import RunFacts, write_reports
from screener.screening.unit import Screener, ScreenerSetup
from screener.worklist import RunSummary, Scale

Seen: TypeAlias = ImageFile | NotScreened | Ignored


class Reporter(Protocol):
    """How a scan tells its user where it is; a terminal and a log implement it."""

    def begin(self, files: int, model: str) -> None: ...

    def outcome(self, outcome: Outcome) -> None: ...

    def writing(self, what: str) -> None: ...


@dataclass(slots=True)
class _Clock:
    """When the first file was opened and the last outcome committed, in monotonic seconds."""

    first: float = 0.0
    last: float = 0.0

    @property
    def seconds(self) -> float:
        return self.last - self.first


def run_scan(options: ScanOptions, reporter: Reporter) -> RunSummary:
    """Screen every file below the options' paths and write CSV, JSON and PDF.

    A file that cannot be read is an outcome; the run goes on. Ctrl-C or SIGTERM ends it after the
    batches in hand, and what is known is written.

    Raises:
        ScreenerError: Something that the whole run needs is missing; before the first file.
    """
    started = datetime.now().astimezone()
    roots = scan_roots(options.paths)
    model = load_model_folder(options.model)
    scale = make_scale(model, options)
    setup = ScreenerSetup.of(model)
    Screener.of(setup)  # opened here once, so that a fault shows before the workers start
    _check_outputs(options)
    files = _count(roots)
    reporter.begin(files, str(model.identity))
    clock = _Clock()
    with Ledger() as ledger, LocalEngine(setup, options.workers) as engine:
        with _interruptible() as interrupted:
            clock.first = time.monotonic()
            seen = _until(find_files(roots), interrupted)
            _screen(seen, engine, ledger, options.batch_size, reporter)
            clock.last = time.monotonic()
        facts = RunFacts(
            model=model,
            scale=scale,
            roots=roots,
            started=started,
            complete=not interrupted(),
            screening_seconds=clock.seconds,
        )
        return write_reports(ledger, engine, options, facts, reporter.writing)


def make_scale(model: ModelFolder, options: ScanOptions) -> Scale:
    """Return how this run prints: the model's operating point moved to the run's prevalence.

    A threshold of the user's own is taken as printed, and has no sensitivity or specificity.
    """
    calibration = model.calibration
    prevalence = model.prevalence if options.prevalence is None else options.prevalence
    if options.threshold is not None:
        return Scale(calibration, OperatingPoint("custom", options.threshold), prevalence)
    point = model.operating_point(options.operating_point)
    shifted = calibration.shifted(point.threshold, prevalence)
    return Scale(calibration, replace(point, threshold=shifted), prevalence)


def _check_outputs(options: ScanOptions) -> None:
    """Refuse before the first file what would fail after the last."""
    outputs = [options.csv, options.json, options.files_csv, options.out if options.pdf else None]
    for path in filter(None, outputs):
        check_writable(path)
    if options.pdf:
        check_pdf_library()


def _count(roots: tuple[Root, ...]) -> int:
    total = 0
    for root in roots:
        files = count_files([root])
        if not files:
            raise UsageError(f"{root.path}: not a single file in it. Is the share mounted?")
        total += files
    return total


def _screen(
    seen: Iterable[Seen],
    engine: LocalEngine,
    ledger: Ledger,
    batch_size: int,
    reporter: Reporter,
) -> None:
    """Let every file seen end in the ledger as exactly one outcome."""

    def record(outcomes: list[Outcome]) -> None:
        ledger.record(outcomes)
        for outcome in outcomes:
            reporter.outcome(outcome)

    def images() -> Iterator[ImageFile]:
        for each in seen:
            if isinstance(each, ImageFile):
                yield each
            else:
                record([each])

    for outcomes in engine.screen(_batches(images(), batch_size)):
        record(list(outcomes))


def _batches(images: Iterator[ImageFile], size: int) -> Iterator[list[ImageFile]]:
    while batch := list(islice(images, size)):
        yield batch


def _until(seen: Iterable[Seen], interrupted: Callable[[], bool]) -> Iterator[Seen]:
    for each in seen:
        if interrupted():
            return
        yield each


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a request to stop; a second Ctrl-C stops at once."""
    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
