"""What is done for each study of one publication: describe, check, make, send, record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from screener.archives.words import ArchiveAnswerError
from screener.dicom_results.common import ResultObject
from screener.dicom_results.result import ObjectKind
from screener.ledger import Ledger
from screener.ledger.published import Answer, Publication
from screener.options.publish import PublishOptions
from screener.outputs.messages import Messages
from screener.publishing.documents import make_document
from screener.publishing.making import DRAWN, SOP_CLASSES, Maker
from screener.publishing.studies import Left, PublishableStudy
from screener.publishing.targets import STORED, Headers, Outlet, Target, WithheldError
from screener.said import Said, say

_MOST_BAD_ANSWERS = 20  # in a row; then no other study is tried


@dataclass(frozen=True, slots=True)
class Refused:
    """A study of which something was not stored; file: of its first image."""

    file: str
    why: Said


@dataclass(slots=True)
class PublishOutcome:
    """What became of a ledger's results.

    studies: looked at. stored: objects, in a dry run those that would be sent; by kind. known: studies whose
    results the receiver has already. to_try_again: whether it refused what it may take later.
    sent: what was stored this time.
    """

    studies: int = 0
    known: int = 0
    to_try_again: bool = False
    bad_answers: int = 0
    stored: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    sent: list[tuple[PublishableStudy, Publication]] = field(default_factory=list)
    left: Left = field(default_factory=Left)


@dataclass(frozen=True, slots=True)
class WantedResults:
    """One object that a place lacks; last: what it has of that kind, None for nothing."""

    kind: str
    outlet: Outlet
    last: Publication | None


@dataclass(frozen=True, slots=True)
class Session:
    """What every study of one publication needs.

    target: where headers come from. outlets: what goes where; the target first, with the DICOM objects.
    """

    options: PublishOptions
    ledger: Ledger
    target: Target
    outlets: Sequence[tuple[Outlet, Sequence[str]]]
    maker: Maker
    messages: Messages
    done: PublishOutcome
    now: Callable[[], datetime]

    def publish(self, study: PublishableStudy) -> None:
        """Send what the places lack of one study.

        Raises:
            ArchiveError: The archive is out of reach, refuses this machine, or gives no answers to use.
            OutputError: A folder or the ledger cannot be written.
        """
        wanted = list(self._wanted(study))
        if not wanted:
            self.done.known += 1
            return
        asked = self.now()
        headers = self.headers(study, wanted[0].kind, asked)
        if headers is None:
            return
        for outlet, _ in self.outlets:
            here = [each for each in wanted if each.outlet is outlet]
            made = [one for each in here if (one := self._made(study, headers, each, asked))]
            if made and not self.send(study, outlet, made, asked):
                return  # a document would speak of a report that is not there

    def _wanted(self, study: PublishableStudy) -> Iterator[WantedResults]:
        for outlet, kinds in self.outlets:
            for kind in kinds:
                last = self.ledger.published.last(study.result.study_uid, kind, outlet.name)
                if kind in DRAWN and not (study.result.images[0].flagged or (last and study.result.screened)):
                    continue
                if last is None or last.content != study.result.content:
                    yield WantedResults(kind, outlet, last)

    def headers(self, study: PublishableStudy, kind: str, asked: datetime) -> Headers | None:
        """Return the headers of a study's images; None, and recorded so, where nothing may be sent of it."""
        try:
            return self.target.headers(study)
        except WithheldError as error:
            why = say(f"publish.{error.why}")
        except ArchiveAnswerError as error:
            self._bad_answer(error)
            why = error.said
        self._withhold(study, kind, why, asked)
        return None

    def _withhold(self, study: PublishableStudy, kind: str, why: Said, asked: datetime) -> None:
        nothing = ResultObject(kind, "", "", "", study.result.study_uid, b"")
        self._record(study, self.target, [nothing], {"": why}, asked)

    def send(
        self, study: PublishableStudy, outlet: Outlet, made: Sequence[ResultObject], asked: datetime
    ) -> bool:
        """Send objects of one study and record the answers; return whether all are stored."""
        if self.options.dry_run:
            self._count(made)
            return True
        try:
            answers = outlet.store(made)
            self.done.bad_answers = 0
        except ArchiveAnswerError as error:
            self._bad_answer(error)
            answers = {each.sop_uid: error.said for each in made}
        self._record(study, outlet, made, answers, asked)
        stored = [each for each in made if answers[each.sop_uid] is STORED]
        self._count(stored)
        self.done.to_try_again |= len(stored) < len(made)
        return len(stored) == len(made)

    def sop_class(self, kind: str) -> str:
        """Return the SOP class of a kind of object."""
        return SOP_CLASSES[kind]

    def _made(
        self, study: PublishableStudy, headers: Headers, wanted: WantedResults, asked: datetime
    ) -> ResultObject | None:
        first = headers[study.images[0].sop_instance_uid]
        if wanted.outlet is not self.target:
            return make_document(wanted.kind, study.result, first, self._report_uid(study))
        last = wanted.last
        if last and self.ledger.published.is_withdrawn(last.study, last.target):
            last = None
        predecessor = (last.series_uid, last.sop_uid) if last else ("", "")
        try:
            return self.maker.make(ObjectKind(wanted.kind), study, headers, predecessor)
        except WithheldError as error:
            self._withhold(study, wanted.kind, say(f"publish.{error.why}"), asked)
            return None

    def _report_uid(self, study: PublishableStudy) -> str:
        """Return the UID of the study's report: what is stored by now, else what would be."""
        last = self.ledger.published.last(study.result.study_uid, ObjectKind.SR, self.target.name)
        return last.sop_uid if last else study.result.sop_uid(ObjectKind.SR)

    def _bad_answer(self, error: ArchiveAnswerError) -> None:
        """Go on to the next study, unless there were too many of them; raises the error then."""
        self.done.to_try_again = True
        self.done.bad_answers += 1
        if self.done.bad_answers >= _MOST_BAD_ANSWERS:
            raise error

    def _record(
        self,
        study: PublishableStudy,
        outlet: Outlet,
        made: Sequence[ResultObject],
        answers: Mapping[str, Said | None],
        asked: datetime,
    ) -> None:
        for each in made:
            why = answers[each.sop_uid]
            if why is not STORED:
                self.done.refused.append(Refused(study.images[0].file, why))
            if self.options.dry_run:
                continue
            publication = self._publication(study, outlet, each, asked, why)
            self.ledger.published.add(publication)
            if why is STORED and outlet is self.target:
                self.done.sent.append((study, publication))

    def _publication(
        self, study: PublishableStudy, outlet: Outlet, made: ResultObject, asked: datetime, why: Said | None
    ) -> Publication:
        return Publication(
            study=study.result.study_uid,
            kind=made.kind,
            sop_uid=made.sop_uid,
            series_uid=made.series_uid,
            content=study.result.content,
            model=str(study.result.model),
            run=study.run,
            target=outlet.name,
            asked=asked,
            answered=self.now(),
            answer=Answer.REFUSED if why else Answer.STORED,
            why=str(why or ""),
        )

    def _count(self, made: Sequence[ResultObject]) -> None:
        for each in made:
            self.done.stored[each.kind] = self.done.stored.get(each.kind, 0) + 1
