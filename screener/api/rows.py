"""The rows of a scan, as Python sees them: one a study, one a file."""

from dataclasses import dataclass, fields
from pathlib import Path

from screener.domain import Cause, Finding, FloatImage, NotScreened, Outcome, Status
from screener.outputs.messages import Messages
from screener.reasons import ReasonCode
from screener.scale import Band, Scales
from screener.worklist import StudyRow, study_id


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """One line of the worklist; its fields are the columns of report.csv, and the map.

    Attributes:
        rank: 1 for the highest probability; None where no image of the study was screened.
        study_id: Study Instance UID, else the file.
        images: Distinct images that were screened.
        probability: Of the image with the highest one, 0 to 1; None where none was screened.
        reason: Why images were not screened, in words; empty where all were. reason_codes: the same codes.
        file: Of the image that set the probability; without one, of the first that was not screened.
        path: Where that file lies; a URL for an object of a store.
        band: How soon to look at a flagged study; None for one that is not flagged.
        population: As whose it was read; empty where no image was screened.
        map: As in `Result.map`; None where no image was screened.
    """

    rank: int | None
    study_id: str
    patient_id: str
    accession_number: str
    study_date: str
    view: str
    images: int
    probability: float | None
    status: Status
    reason: str
    file: str
    path: Path | str
    notes: tuple[str, ...]
    band: Band | None
    reason_codes: tuple[ReasonCode, ...]
    population: str
    map: FloatImage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedFile:
    """How one file ended; its fields are the columns of --files-csv, and the logit.

    Attributes:
        file: Its name below the scanned folder.
        study_id: Study Instance UID, else the file; empty for a file that was ignored.
        outcome: "screened", "not_screened", or "ignored" for what is plainly no image.
        cause: Why it was not screened: ineligible, or failed; else None.
        reason: In words; of a screened one, of which file it is a duplicate; else empty.
        probability: Of pneumonia, 0 to 1; None where it was not screened. logit: before calibration.
        reason_code: The reason from a closed list, see docs/reason-codes.md; else None.
        population: As whose it was read; empty where it was not screened.
        path: Where it lies; a URL for an object of a store.
    """

    file: str
    study_id: str
    outcome: str
    cause: Cause | None
    reason: str
    probability: float | None
    reason_code: ReasonCode | None
    logit: float | None
    population: str
    path: Path | str


def study_of(row: StudyRow) -> Study:
    """Return a row of the worklist as Python sees it."""
    same = {each.name: getattr(row, each.name) for each in fields(Study) if each.name != "map"}
    return Study(map=row.activation_map, **same)


def file_of(outcome: Outcome, scales: Scales, messages: Messages) -> ScannedFile:
    """Return how one file ended, as Python sees it; messages: the words of reasons."""
    screened = outcome if isinstance(outcome, Finding) else None
    missed = outcome if isinstance(outcome, NotScreened) else None
    image = screened or missed
    age = screened.identifiers.patient_age if screened else ""
    logit = screened.prediction.logit if screened else None
    twin = f"duplicate of {screened.duplicate_of}" if screened and screened.duplicate_of else ""
    return ScannedFile(
        file=outcome.file,
        study_id=study_id(image) if image else "",
        outcome="screened" if screened else "not_screened" if missed else "ignored",
        cause=missed.cause if missed else None,
        reason=messages.missed(missed) if missed else twin,
        probability=None if logit is None else scales.probability(logit, age),
        reason_code=missed.reason.code if missed else None,
        logit=logit,
        population=scales.of(age).population if screened else "",
        path=outcome.path,
    )
