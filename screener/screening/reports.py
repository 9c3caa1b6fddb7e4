"""From the ledger to CSV, JSON and PDF."""

import platform
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from screener.domain import ImageFile, Status, printed
from screener.errors import ExitCode, ScreenerError
from screener.inference.model_folder import ModelFolder
from screener.intake import Root, classify, display_name
from screener.options import ScanOptions
from screener.outputs.report_content import Card, CardPicture, ReportContent, select_rows
from screener.outputs.report_pdf import write_report_pdf
from screener.outputs.run_manifest import write_report_json
from screener.outputs.worklist_csv import write_files_csv, write_worklist_csv
from screener.screening.ledger import Ledger
from screener.screening.unit import PictureRequest
from screener.worklist import RunSummary, Scale, StudyRow, Totals, study_rows

_REPORTED_VERSIONS = ("ai-edge-litert", "numpy", "opencv-python-headless", "pillow", "pydicom", "weasyprint")


class CardPainter(Protocol):
    """Whatever can decode films again for the report; each engine can."""

    def draw_cards(self, requests: Sequence[PictureRequest]) -> list[CardPicture | str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a run knows of itself when the last outcome is committed.

    images_per_second: decoded and predicted in this run, from the first file opened to the last outcome
    committed. bugs: files that failed for an error which nothing foresees.
    """

    model: ModelFolder
    scale: Scale
    roots: tuple[Root, ...]
    started: datetime
    complete: bool
    images_per_second: float
    bugs: int = 0


def write_reports(
    ledger: Ledger,
    painter: CardPainter,
    options: ScanOptions,
    facts: RunFacts,
    say: Callable[[str], None],
) -> RunSummary:
    """Write CSV and JSON, then the PDF; the JSON tells how the whole ended.

    Raises:
        OutputError: A file cannot be written; those already written stay.
    """
    summary = summarise(ledger, options, facts)
    say("writing the worklist")
    if options.files_csv:
        write_files_csv(ledger.outcomes(), facts.scale, options.files_csv, options.mode)
    write_worklist_csv(
        _rows(ledger, facts.scale, facts.model, options), str(facts.model.identity), options.csv, options.mode
    )
    write_report_json(summary, options.json, options.mode)
    try:
        if options.pdf:
            say("writing the PDF report")
            _write_pdf(ledger, painter, options, summary, facts.model, say)
    except ScreenerError as error:
        _finish(summary, options, error.exit_code)
        raise
    except Exception:
        _finish(summary, options, ExitCode.BUG)
        raise
    return _finish(summary, options, ExitCode(summary.exit_code))


def summarise(ledger: Ledger, options: ScanOptions, facts: RunFacts) -> RunSummary:
    """Return the totals and circumstances of a run, as the ledger has them now."""
    files = ledger.counts()
    studies = Counter(row.status for row in _rows(ledger, facts.scale, facts.model, options))
    totals = Totals(
        files_ignored=files.get("ignored", 0) + files.get("unsettled", 0),
        files_unsettled=files.get("unsettled", 0),
        failures_known=ledger.known_failures(),
        images_screened=files.get("screened", 0),
        images_ineligible=files.get("ineligible", 0),
        images_failed=files.get("failed", 0),
        pictures_refused=ledger.pictures_refused(),
        flagged=studies[Status.FLAGGED],
        not_flagged=studies[Status.NOT_FLAGGED],
        not_screened=studies[Status.NOT_SCREENED],
    )
    return RunSummary(
        complete=facts.complete,
        totals=totals,
        model=facts.model.identity,
        scale=facts.scale,
        started=facts.started,
        finished=datetime.now().astimezone(),
        images_per_second=facts.images_per_second,
        exit_code=_exit_code(facts, totals),
        roots=tuple(display_name(str(root.path)) for root in facts.roots),
        validated_population=facts.model.validated_population,
        intended_use=facts.model.intended_use,
        versions=_versions(),
        options=_plain(options),
    )


def _exit_code(facts: RunFacts, totals: Totals) -> ExitCode:
    if not facts.complete:
        return ExitCode.INTERRUPTED
    if facts.bugs:
        return ExitCode.BUG
    return ExitCode.SOME_FAILED if totals.images_failed > totals.failures_known else ExitCode.DONE


def _finish(summary: RunSummary, options: ScanOptions, exit_code: ExitCode) -> RunSummary:
    """Write the JSON again with the final time and exit code; only now is the whole command known."""
    final = replace(
        summary, finished=datetime.now().astimezone(), exit_code=_worse(summary.exit_code, exit_code)
    )
    write_report_json(final, options.json, options.mode)
    return final


def _worse(first: int, second: int) -> int:
    """Return the exit code that tells more, by the contract: 130, 1, 6, 5, 3, 0."""
    order = [
        ExitCode.INTERRUPTED,
        ExitCode.BUG,
        ExitCode.OUTPUT,
        ExitCode.MISSING_DEPENDENCY,
        ExitCode.SOME_FAILED,
    ]
    return next((code for code in order if code in (first, second)), ExitCode.DONE)


def _write_pdf(
    ledger: Ledger,
    painter: CardPainter,
    options: ScanOptions,
    summary: RunSummary,
    model: ModelFolder,
    say: Callable[[str], None],
) -> None:
    rows, look = _rows(ledger, summary.scale, model, options), options.look
    threshold = printed(summary.scale.operating_point.threshold)
    selection = select_rows(rows, threshold, look.pdf_rows)
    cards = _cards(selection.for_cards(look.cards), painter)
    content = ReportContent(summary, selection, cards, options.csv.name)
    unshown = write_report_pdf(content, look, options.out, options.mode)
    if unshown:
        say(f"no font here shows {len(unshown)} of the PDF's characters; see 'screener doctor'")


def _cards(rows: Sequence[StudyRow], painter: CardPainter) -> tuple[Card, ...]:
    requests = {}
    for row in rows:
        file = classify(row.path, row.file)
        if isinstance(file, ImageFile) and row.activation_map is not None:
            requests[row.path] = PictureRequest(file, row.activation_map, row.correction)
    drawn = dict(zip(requests, painter.draw_cards(list(requests.values())), strict=True))
    return tuple(_card(row, drawn.get(row.path, "the file is gone, or was replaced since")) for row in rows)


def _card(row: StudyRow, drawn: CardPicture | str) -> Card:
    return Card(row, None, drawn) if isinstance(drawn, str) else Card(row, drawn)


def _rows(ledger: Ledger, scale: Scale, model: ModelFolder, options: ScanOptions) -> Iterator[StudyRow]:
    images = ledger.images(scale.probability, options.new_only)
    return study_rows(images, scale, model.validated_ages)


def _versions() -> dict[str, str]:
    installed = {name: version(name) for name in _REPORTED_VERSIONS}
    return {"screener": version("cxr-screener"), "python": platform.python_version(), **installed}


def _plain(options: ScanOptions) -> dict[str, str | int | float | bool | list[str] | None]:
    """Return the options as JSON holds them, those of the PDF among the rest; mode as chmod writes it."""
    plain: dict[str, str | int | float | bool | list[str] | None] = {}
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
