"""Readers' marks on the studies of a report, from their files into the ledger."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from screener.agreement import Agreement, Mark, Review, StudyKey
from screener.domain import Status
from screener.errors import UsageError
from screener.ledger import Ledger, Run
from screener.outputs.pseudonyms import NameMask, Pseudonyms, mask_row, read_key, unmasked
from screener.reporting.listing import Worklist
from screener.reporting.marks_file import (
    READER_CHARACTERS,
    MarksFile,
    StudyMark,
    read_marks,
    reader_name,
)
from screener.reporting.run_record import from_record, report_ids
from screener.said import Said, Spoken, say

# By which a clock may be wrong: the last mark counts, so one from 2099 always would.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOptions:
    """Everything 'screener review' can vary.

    reader: goes before the one that the files name. pseudonym_key: of the reports that were marked.
    """

    ledger: Path
    marks: tuple[Path, ...]
    reader: str | None = None
    pseudonym_key: Path | None = None

    def __post_init__(self) -> None:
        if self.reader is not None:
            try:
                reader_name(self.reader)
            except ValueError as error:
                raise UsageError("review.reader_option", most=READER_CHARACTERS) from error


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mark that was not recorded; why: without the study's id."""

    file: Path
    study_id: str
    why: Said


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the marks: each is new, or known from before, or refused."""

    new: int
    known: int
    refused: tuple[Refusal, ...]
    agreement: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A study as its report listed it."""

    key: StudyKey
    status: Status


def record_marks(options: ReviewOptions, tell: Callable[[Spoken], None]) -> Recorded:
    """Record every mark that can be; no mark changes a study's status, or any other mark.

    Raises:
        UsageError: There is no such ledger; or a file is no marks file, or of a report that the ledger
            does not know: then nothing is recorded.
        LedgerHeldError: A run holds the ledger.
        OutputError: The ledger cannot be written.
    """
    files = [read_marks(path) for path in options.marks]
    mask: NameMask = Pseudonyms(read_key(options.pseudonym_key)) if options.pseudonym_key else unmasked
    now = datetime.now().astimezone()
    with Ledger(options.ledger, say=tell, create=False) as ledger:
        runs = _runs_of(files, ledger.runs(), options.ledger)
        reviews: list[Review] = []
        refused: list[Refusal] = []
        for file, run in zip(files, runs, strict=True):
            listed = _listed(ledger, run, {mark.study_id for mark in file.marks}, mask)
            for mark in file.marks:
                studies = listed.get(mark.study_id, [])
                if why := _objection(mark, studies, now, mask is unmasked):
                    refused.append(Refusal(file.path, mark.study_id, why))
                else:
                    reviews.append(_review(run, file, mark, studies[0], options.reader))
        new = ledger.reviews.add(reviews, now)
        return Recorded(new, len(reviews) - new, tuple(refused), ledger.reviews.agreement())


def _runs_of(files: Sequence[MarksFile], runs: Iterable[Run], ledger: Path) -> list[Run]:
    """Return the run that each file's report told of."""
    by_report = {report_id: run for run in runs if run.summary for report_id in report_ids(run.summary)}
    return [_run_of(file, by_report.get(file.report_id), ledger) for file in files]


def _run_of(file: MarksFile, run: Run | None, ledger: Path) -> Run:
    if run is None:
        raise UsageError("review.report_unknown", file=file.path, ledger=ledger, report=file.report_id)
    model = str(from_record(run.summary).model)
    if file.model != model:
        raise UsageError("review.other_model", file=file.path, report=file.report_id, model=model)
    return run


def _listed(ledger: Ledger, run: Run, wanted: set[str], mask: NameMask) -> dict[str, list[_Listed]]:
    """Return the studies that a run listed under the names wanted; one name may be that of several."""
    ledger.show(run.number)
    found: dict[str, list[_Listed]] = {}
    for row in Worklist.of(ledger, from_record(run.summary), mask).rows():
        name = mask_row(row, mask).study_id
        if name in wanted:
            found.setdefault(name, []).append(_Listed(row.key, row.status))
    return found


def _objection(mark: StudyMark, studies: Sequence[_Listed], now: datetime, own_names: bool) -> Said | None:
    """Return why a mark cannot be recorded, None if it can."""
    if not studies:
        return say("review.not_listed" if own_names else "review.not_listed_or_other_key")
    if len(studies) > 1:
        return say("review.several_listed")
    if studies[0].status is Status.NOT_SCREENED and mark.mark is not Mark.UNSURE:
        return say("review.not_screened")
    if mark.marked > now + _AHEAD:
        return say("review.in_future")
    return None


def _review(run: Run, file: MarksFile, mark: StudyMark, study: _Listed, reader: str | None) -> Review:
    return Review(
        run=run.number,
        model=file.model,
        study=study.key,
        study_id=mark.study_id,
        status=study.status,
        mark=mark.mark,
        note=mark.note,
        reader=file.reader if reader is None else reader_name(reader),
        marked=mark.marked,
    )
