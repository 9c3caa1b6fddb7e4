"""Outcomes to ordered study rows and totals. Pure: no file, no database, no clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from screener.domain import (
    AS_SHOWN,
    Cause,
    Correction,
    EarlierResult,
    Finding,
    FloatImage,
    NotScreened,
    Status,
)
from screener.locations import Location
from screener.note_codes import Note, NoteCode
from screener.notes import age_note, image_notes, patient_notes
from screener.reasons import ReasonCode
from screener.scale import Band, Scales


@dataclass(frozen=True, slots=True)
class RefusedImage:
    """An image refused for its picture; digest: of its file, empty where no ledger keeps one."""

    file: str
    path: Location
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One line of the worklist.

    rank: 1 for the highest probability; None where no image of the study was screened.
    images: distinct images screened. file, path, view, activation_map: of the image that
    set the probability; without one, of the first image that was not screened.
    cause: the worst thing that happened to one of its images, None when all were screened.
    reason: why images were not screened, in words; reason_codes: the same for programs.
    band: how soon to look at it; None where it is not flagged. notes: what the reader should know.
    age_note: the one of them that tells an age outside the validated ones, or unknown; else empty.
    population: as whose it was read; empty where no image was screened. correction: how that image was turned
    to be screened.
    refused: images whose picture was refused. pixel_digest: of the image that was screened, as in Finding.
    waiting_days: since the study was first seen, where that lifts it; else None.
    age, sex: of the patient, as people write them; empty where unknown. earlier: results of the patient's
    other studies, the last one first; only in what people look at.
    patient_name: only with --include-names, see outputs/names.py.
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
    path: Location
    activation_map: FloatImage | None = None
    cause: Cause | None = None
    notes: tuple[str, ...] = ()
    correction: Correction = AS_SHOWN
    refused: tuple[RefusedImage, ...] = ()
    pixel_digest: str = ""
    waiting_days: int | None = None
    patient_name: str = ""
    reason_codes: tuple[ReasonCode, ...] = ()
    band: Band | None = None
    population: str = ""
    age_note: str = ""
    note_codes: tuple[NoteCode, ...] = ()
    age: str = ""
    sex: str = ""
    earlier: tuple[EarlierResult, ...] = ()

    @property
    def picture_refused(self) -> bool:
        return bool(self.refused)

    @property
    def key(self) -> tuple[bool, str]:
        """What the study is, under whatever name it is shown: as study_key has it."""
        by_file = self.study_id == self.file
        return not by_file, str(self.path) if by_file else self.study_id


def study_key(outcome: Finding | NotScreened) -> tuple[bool, str]:
    """Return what one study's images share: the Study Instance UID, else the file's path.

    Not its name as it is shown, which two files may share where one holds bytes that are no UTF-8.
    """
    uid = outcome.identifiers.study_instance_uid
    return bool(uid), uid or str(outcome.path)


def study_id(outcome: Finding | NotScreened) -> str:
    """Return what a study is called: by its Study Instance UID, else by its file."""
    return outcome.identifiers.study_instance_uid or outcome.file


class Words(Protocol):
    """Puts reasons and notes into words."""

    def missed(self, outcome: NotScreened) -> str:
        """Return why an image was not screened."""

    def note(self, note: Note) -> str:
        """Return a note in words."""

    def age(self, age: str) -> str:
        """Return an age as DICOM writes it as people do; empty where it is unknown."""

    def sex(self, sex: str) -> str:
        """Return a patient's sex as DICOM writes it as people do."""

    def some_failed(self, failed: int, images: int, reasons: str) -> str:
        """Return that images of a study failed of which others were screened, and why."""


def study_rows(outcomes: Iterable[Finding | NotScreened], scales: Scales, words: Words) -> Iterator[StudyRow]:
    """Return the worklist's rows in the order in which the outcomes come.

    outcomes: in worklist order (see Ledger.images), so that a study's images are neighbours.
    """
    rank = 0
    for _, images in groupby(outcomes, key=study_key):
        group = list(images)
        findings = [image for image in group if isinstance(image, Finding)]
        misses = [image for image in group if isinstance(image, NotScreened)]
        if findings:
            rank += 1
            yield _screened_row(rank, _Images(findings, misses), scales, words)
        else:
            yield _not_screened_row(misses, words)


@dataclass(frozen=True, slots=True)
class _Images:
    """The images of one study."""

    screened: list[Finding]
    missed: list[NotScreened]


def _screened_row(rank: int, images: _Images, scales: Scales, words: Words) -> StudyRow:
    misses, decisive = images.missed, _decisive(images.screened, scales)
    scale = scales.of(decisive.identifiers.patient_age)
    probability = scale.probability(decisive.prediction.logit)
    distinct = {(each.identifiers.sop_instance_uid, each.pixel_digest) for each in images.screened}
    refused = _refused(misses, words)
    failed = [miss for miss in misses if miss.cause is Cause.FAILED]
    notes = (
        *_waiting(decisive.waiting_days),
        *patient_notes(decisive.identifiers, scales),
        *image_notes(decisive.notes, scale.status(probability) is Status.FLAGGED),
        *((Note(NoteCode.ANOTHER_REFUSED),) if refused else ()),
    )
    own_age = age_note(decisive.identifiers, scales)
    reason = words.some_failed(len(failed), len(distinct) + len(misses), _reasons(failed, words))
    return StudyRow(
        **_named(decisive),
        rank=rank,
        images=len(distinct),
        probability=probability,
        status=scale.status(probability),
        reason=reason if failed else "",
        reason_codes=_codes(failed),
        activation_map=decisive.prediction.activation_map,
        cause=_worst(misses),
        notes=tuple(map(words.note, notes)),
        note_codes=tuple(each.code for each in notes),
        correction=decisive.correction,
        refused=refused,
        pixel_digest=decisive.pixel_digest,
        waiting_days=decisive.waiting_days,
        band=scale.band(probability),
        age_note=words.note(own_age) if own_age else "",
        population=scale.population,
        age=words.age(decisive.identifiers.patient_age),
        sex=words.sex(decisive.identifiers.patient_sex),
    )


def _not_screened_row(misses: list[NotScreened], words: Words) -> StudyRow:
    misses = sorted(
        misses, key=lambda miss: (miss.cause is not Cause.FAILED, not miss.picture_refused, miss.file)
    )
    first = misses[0]
    return StudyRow(
        **_named(first),
        rank=None,
        images=0,
        probability=None,
        status=Status.NOT_SCREENED,
        reason=_reasons(misses, words),
        reason_codes=_codes(misses),
        cause=_worst(misses),
        refused=_refused(misses, words),
    )


def _decisive(findings: list[Finding], scales: Scales) -> Finding:
    """Return the image that sets a study's probability: the most likely one, the first by name of equals."""

    def order(image: Finding) -> tuple[float, str]:
        return -scales.calibrated(image.prediction.logit, image.identifiers.patient_age), image.file

    return min(findings, key=order)


def _named(image: Finding | NotScreened) -> dict[str, Any]:
    """Return what a row is found by, of the image that stands for its study."""
    return {
        "study_id": study_id(image),
        "patient_id": image.identifiers.patient_id,
        "accession_number": image.identifiers.accession_number,
        "study_date": image.identifiers.study_date,
        "view": image.identifiers.view_position,
        "file": image.file,
        "path": image.path,
    }


def _refused(misses: list[NotScreened], words: Words) -> tuple[RefusedImage, ...]:
    return tuple(
        RefusedImage(miss.file, miss.path, miss.content_digest, words.missed(miss))
        for miss in misses
        if miss.picture_refused
    )


def _waiting(days: int | None) -> tuple[Note, ...]:
    return () if days is None else (Note.of(NoteCode.WAITING, days=days),)


def _worst(misses: list[NotScreened]) -> Cause | None:
    causes = {miss.cause for miss in misses}
    return Cause.FAILED if Cause.FAILED in causes else next(iter(causes), None)


def _reasons(misses: list[NotScreened], words: Words) -> str:
    return "; ".join(dict.fromkeys(map(words.missed, misses)))


def _codes(misses: list[NotScreened]) -> tuple[ReasonCode, ...]:
    return tuple(dict.fromkeys(miss.reason.code for miss in misses))
