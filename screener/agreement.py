"""How far readers agree with what reports said of studies, by model version. Pure: no file, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from screener.domain import Status
from screener.proportions import Interval, wilson_interval

StudyKey: TypeAlias = tuple[bool, str]
"""A study as such: (True, its Study Instance UID), else (False, the path of its file)."""


class Mark(StrEnum):
    """What a reader thinks of the status that a report gave a study."""

    AGREE = "agree"
    DISAGREE = "disagree"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Review:
    """One reader's mark on one study of one report.

    run: number in the ledger. model: name@version. study_id, status: as that report printed them, so
    perhaps a pseudonym. marked: with a zone, by the clock of the reader's machine.
    """

    run: int
    model: str
    study: StudyKey
    study_id: str
    status: Status
    mark: Mark
    note: str
    reader: str
    marked: datetime


@dataclass(frozen=True, slots=True)
class MarkCounts:
    """Studies by the mark that counts."""

    agree: int = 0
    disagree: int = 0
    unsure: int = 0

    @property
    def decided(self) -> int:
        """Studies of which readers were sure."""
        return self.agree + self.disagree


@dataclass(frozen=True, slots=True)
class Agreement:
    """What readers found of one model version's studies, each study once.

    To agree with a flagged study is to see pneumonia, to disagree with one not flagged is to have found a
    missed case. Studies are reviewed as readers please, so nothing here estimates a sensitivity.
    model: name@version. readers: who marked a study of this version.
    """

    model: str
    readers: int
    flagged: MarkCounts
    not_flagged: MarkCounts

    @property
    def ppv(self) -> float | None:
        """Share of flagged studies reviewed that show pneumonia, 0..1; None where none is decided."""
        return _share(self.flagged.agree, self.flagged.decided)

    @property
    def ppv_interval(self) -> Interval | None:
        return _interval(self.flagged.agree, self.flagged.decided)

    @property
    def missed(self) -> int:
        """Studies not flagged in which a reader saw pneumonia."""
        return self.not_flagged.disagree

    @property
    def missed_share(self) -> float | None:
        """Share of the decided studies not flagged that were missed, 0..1; None where there is none."""
        return _share(self.missed, self.not_flagged.decided)

    @property
    def missed_interval(self) -> Interval | None:
        return _interval(self.missed, self.not_flagged.decided)

    @property
    def unsure(self) -> int:
        """Studies that count in neither figure."""
        return self.flagged.unsure + self.not_flagged.unsure


def agreements(reviews: Iterable[Review]) -> tuple[Agreement, ...]:
    """Return the agreement for each model version, the one that was marked last first.

    Of a study's marks under one version the last one made counts, whoever made it and on whichever report;
    of those made at the same moment, the one that comes later in reviews. Studies that were not screened
    count nowhere.
    """
    last: dict[str, dict[StudyKey, Review]] = {}
    readers: dict[str, set[str]] = {}
    for review in reviews:
        if review.status is Status.NOT_SCREENED:
            continue
        readers.setdefault(review.model, set()).add(review.reader)
        marked = last.setdefault(review.model, {})
        if review.study not in marked or marked[review.study].marked <= review.marked:
            marked[review.study] = review
    newest = sorted(last, key=lambda model: max(each.marked for each in last[model].values()), reverse=True)
    return tuple(
        Agreement(
            model,
            len(readers[model]),
            _counted(last[model].values(), Status.FLAGGED),
            _counted(last[model].values(), Status.NOT_FLAGGED),
        )
        for model in newest
    )


def _counted(reviews: Iterable[Review], status: Status) -> MarkCounts:
    marks = [review.mark for review in reviews if review.status is status]
    return MarkCounts(marks.count(Mark.AGREE), marks.count(Mark.DISAGREE), marks.count(Mark.UNSURE))


def _share(events: int, trials: int) -> float | None:
    return events / trials if trials else None


def _interval(events: int, trials: int) -> Interval | None:
    return wilson_interval(events, trials) if trials else None
