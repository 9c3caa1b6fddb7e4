"""A scan from Python: the engine, limits and rules of the command, without its reports."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screener.api.frames import files_frame, studies_frame
from screener.api.model import Model
from screener.api.reading import AnyPath
from screener.api.rows import ScannedFile, Study, file_of, study_of
from screener.domain import Outcome
from screener.engines.machine import check_memory
from screener.engines.report_images import ImageReader
from screener.errors import ExitCode
from screener.ledger import Ledger
from screener.locations import as_location
from screener.options import RunOptions, ScanOptions
from screener.outputs.run_manifest import report_keys
from screener.reporting.listing import Worklist
from screener.reporting.write import RunCallbacks, RunFacts, summarise
from screener.resources import shipped_model
from screener.run_summary import RunSummary
from screener.runtime import CPUS
from screener.said import Spoken
from screener.screening.scan import WRITTEN, Reports, run_scan

if TYPE_CHECKING:
    import pandas

_LOG = logging.getLogger("screener")
_NO_REPORT = Path("report.pdf")  # what options must name although nothing is written


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ScanResult:
    """What a scan found.

    Attributes:
        studies: The worklist, in its order: likely pneumonia first, what was not screened last.
        files: How each file ended, by name.
        summary: Totals, model, operating points and settings, as report.json has them.
        complete: Whether every file was reached; false after an interruption.
        exit_code: What the command would have ended with: DONE, SOME_FAILED, INTERRUPTED or BUG.
    """

    studies: tuple[Study, ...]
    files: tuple[ScannedFile, ...]
    summary: Mapping[str, Any]
    complete: bool
    exit_code: ExitCode

    def __repr__(self) -> str:
        """In short, and without any identifier: notebooks print it."""
        counts = self.summary["studies"]
        listed = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items())
        return f"<ScanResult: {len(self.files)} files, {len(self.studies)} studies: {listed}>"

    def studies_frame(self) -> "pandas.DataFrame":
        """Return `studies` as a pandas frame with the columns of report.csv.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        model = self.summary["model"]
        return studies_frame(self.studies, f"{model['name']}@{model['version']}")

    def files_frame(self) -> "pandas.DataFrame":
        """Return `files` as a pandas frame with the columns of --files-csv, then logit and population.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        return files_frame(self.files)


def scan(
    paths: AnyPath | Iterable[AnyPath],
    *,
    model: Model | AnyPath | None = None,
    workers: int | None = None,
    ledger: AnyPath | None = None,
    out: AnyPath | None = None,
    population: str | None = None,
    operating_point: str | None = None,
    threshold: float | None = None,
    prevalence: float | None = None,
    file_timeout: float = 60.0,
    file_memory: int = 4096,
) -> ScanResult:
    """Screen every file below some folders, as the command `screener scan` does, and return what it found.

    Files are read by worker processes with limits on time and memory, so no file can end or stop your
    program. Nothing is printed: what the command would print goes to the logger "screener". The first Ctrl-C,
    or interrupt of a notebook's kernel, ends the scan after the files in hand; what is known is returned.

    Args:
        paths: Folders, files, and URLs of stores; one or several.
        model: A model or its folder; None for the one that Screener ships.
        workers: Processes; None for one on each CPU.
        ledger: A file that remembers results: unchanged files are not read again. It may be the one of the
            nightly command. A scan without `out` lists nothing there: for --new-only, its studies stay new.
        out: A path ending in .pdf, to write the reports of the command too: CSV, JSON and PDF.
        population: As whose all images are read; None to go by each patient's age.
        operating_point: What is flagged; None for the model's default.
        threshold: A probability of your own, instead of an operating point; it is not validated.
        prevalence: Share of patients with pneumonia, between 0 and 1; None for the model's.
        file_timeout: Seconds that one file may take.
        file_memory: MB that decoding one file may take.

    Raises:
        UsageError: A path does not exist or holds no file, or an argument is out of range.
        ModelRejectedError: The model's folder is missing, incomplete, altered, or of another format.
        MissingDependencyError: What worker processes or the PDF need is missing.
        OutputError: A report or the ledger cannot be written.
        LedgerHeldError: Another run writes to the ledger.
    """
    check_memory()
    several = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    options = ScanOptions(
        paths=tuple(as_location(os.fspath(path)) for path in several),
        model=_folder_of(model),
        workers=CPUS if workers is None else workers,
        ledger=None if ledger is None else Path(ledger),
        out=_NO_REPORT if out is None else as_location(os.fspath(out)),
        pdf=out is not None,
        population=population,
        operating_point=operating_point,
        threshold=threshold,
        prevalence=prevalence,
        file_timeout=file_timeout,
        file_memory=file_memory,
    )
    collected = _Collected(written=out is not None)
    summary = run_scan(options, _LoggingReporter(), reports=collected.reports)
    return ScanResult(
        studies=collected.studies,
        files=collected.files,
        summary=report_keys(summary),
        complete=summary.complete,
        exit_code=ExitCode(summary.exit_code),
    )


def _folder_of(model: Model | AnyPath | None) -> Path:
    if isinstance(model, Model):
        return model.path
    return shipped_model() if model is None else Path(model)


class _Collected:
    """Takes a run's rows out of its ledger before that is closed; written: whether reports are, too."""

    def __init__(self, written: bool) -> None:
        self._written = written
        self.studies: tuple[Study, ...] = ()
        self.files: tuple[ScannedFile, ...] = ()

    @property
    def reports(self) -> Reports:
        """What run_scan is to make of the run."""
        check = WRITTEN.check if self._written else lambda options: None
        return Reports(check, self._take, listed=self._written)

    def _take(
        self,
        ledger: Ledger,
        reader: ImageReader,
        options: ScanOptions,
        facts: RunFacts,
        callbacks: RunCallbacks,
    ) -> RunSummary:
        if self._written:
            summary = WRITTEN.write(ledger, reader, options, facts, callbacks)
        else:
            summary = summarise(ledger, options, facts)
            summary = replace(summary, options=RunOptions({**summary.options.given, "out": None}))
        worklist = Worklist.of(ledger, summary, callbacks.mask)
        self.studies = tuple(map(study_of, worklist.rows()))
        self.files = tuple(
            file_of(outcome, summary.scales, worklist.messages) for outcome in worklist.outcomes()
        )
        return summary


class _LoggingReporter:
    """Tells of a scan by Python's logging, which prints nothing of it unless asked to."""

    def begin(self, files: int, model: str) -> None:
        _LOG.info("screening %d files with %s", files, model)

    def outcome(self, outcome: Outcome | None) -> None:
        """Say nothing: every outcome is in the result."""

    def say(self, message: Spoken) -> None:
        _LOG.info("%s", message)
