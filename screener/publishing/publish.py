"""One publication: every study that the receiver lacks is described, checked, sent, recorded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from screener.archives.words import ArchiveAnswerError
from screener.dicom_results.common import ResultObject
from screener.dicom_results.report import make_report
from screener.dicom_results.result import ObjectKind
from screener.ledger import Ledger, Run
from screener.ledger.published import Answer, Publication
from screener.options.publish import PublishOptions
from screener.outputs.messages import Messages, shipped_messages
from screener.publishing.runs import runs_to_publish
from screener.publishing.studies import Left, PublishableStudy, Selection
from screener.publishing.targets import STORED, Headers, Target, WithheldError
from screener.worklist import RunSummary

_MOST_BAD_ANSWERS = 20  # in a row; then no other study is tried


@dataclass(frozen=True, slots=True)
class Refused:
    """A study of which something was not stored; file: of its first image. why: in words."""

    file: str
    why: str


@dataclass(slots=True)
class PublishOutcome:
    """What became of a ledger's results.

    studies: looked at. stored: objects, in a dry run those that would be sent; by kind. known: studies whose
    results the receiver has already. to_try_again: whether it refused what it may take later.
    """

    studies: int = 0
    known: int = 0
    to_try_again: bool = False
    bad_answers: int = 0
    stored: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    left: Left = field(default_factory=Left)


def publish(
    options: PublishOptions,
    ledger: Ledger,
    target: Target,
    done: PublishOutcome,
    say: Callable[[str], None],
    now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
) -> None:
    """Send what the receiver lacks of a ledger's results, and record each answer as it comes.

    done: is told of each as it happens, so that it stays known where the archive goes away.

    Killed at any moment, it can be run again: what was answered is known, and what was not is sent with the
    same UIDs and the same bytes.

    Raises:
        UsageError: As runs_to_publish; or the archive refuses this machine.
        OutputError: Folder or ledger cannot be written.
        ArchiveError: The archive is out of reach; what it answered before is recorded.
    """
    session = _Session(options, ledger, target, shipped_messages(), done, now)
    runs = runs_to_publish(ledger, options, target.name, say)
    for study in _each_once(_studies(runs, session)):
        done.studies += 1
        session.publish(study)
    if runs and options.run is None and not (options.dry_run or done.to_try_again):
        ledger.published.settle(target.name, max(run.number for run, _ in runs))


def _studies(runs: Sequence[tuple[Run, RunSummary]], session: "_Session") -> Iterator[PublishableStudy]:
    for run, summary in runs:
        session.ledger.show(run.number)
        selection = Selection(
            session.ledger,
            summary,
            run.number,
            session.messages,
            session.options.also_unscreened,
            session.done.left,
        )
        yield from selection.studies()


def _each_once(studies: Iterator[PublishableStudy]) -> Iterator[PublishableStudy]:
    """Yield a study that several runs listed as the newest of them, which comes first, has it."""
    seen: set[str] = set()
    for study in studies:
        if study.result.study_uid not in seen:
            seen.add(study.result.study_uid)
            yield study


@dataclass(frozen=True, slots=True)
class _Session:
    """What every study of one publication needs."""

    options: PublishOptions
    ledger: Ledger
    target: Target
    messages: Messages
    done: PublishOutcome
    now: Callable[[], datetime]

    def publish(self, study: PublishableStudy) -> None:
        """Send what the receiver lacks of one study."""
        last = {kind: self._last(study, kind) for kind in map(ObjectKind, self.options.objects)}
        wanted = [kind for kind, had in last.items() if had is None or had.content != study.result.content]
        if not wanted:
            self.done.known += 1
            return
        asked = self.now()
        try:
            headers = self.target.headers(study)
        except WithheldError as error:
            self._refuse(study, wanted[0], asked, self.messages.plain(f"publish.{error.why}"))
            return
        except ArchiveAnswerError as error:
            self._bad_answer(error)
            self._refuse(study, wanted[0], asked, str(error))
            return
        made = [self._made(study, headers, kind, last[kind]) for kind in wanted]
        if self.options.dry_run:
            self._count(made)
            return
        self._record(study, made, self._stored(made), asked)

    def _stored(self, made: Sequence[ResultObject]) -> Mapping[str, str]:
        """Return the answer to each object; one that cannot be used is as good as a refusal.

        Raises:
            ArchiveError: The archive is out of reach, refuses this machine, or gives no other answers.
        """
        try:
            answers = self.target.store(made)
        except ArchiveAnswerError as error:
            self._bad_answer(error)
            return {each.sop_uid: str(error) for each in made}
        self.done.bad_answers = 0
        return answers

    def _bad_answer(self, error: ArchiveAnswerError) -> None:
        """Go on to the next study, unless there were too many of them; raises the error then."""
        self.done.to_try_again = True
        self.done.bad_answers += 1
        if self.done.bad_answers >= _MOST_BAD_ANSWERS:
            raise error

    def _last(self, study: PublishableStudy, kind: ObjectKind) -> Publication | None:
        return self.ledger.published.last(study.result.study_uid, kind, self.target.name)

    def _made(
        self, study: PublishableStudy, headers: Headers, kind: ObjectKind, last: Publication | None
    ) -> ResultObject:
        predecessor = (last.series_uid, last.sop_uid) if last else ("", "")
        return make_report(study.result, headers, predecessor)

    def _record(
        self,
        study: PublishableStudy,
        made: Sequence[ResultObject],
        answers: Mapping[str, str],
        asked: datetime,
    ) -> None:
        for each in made:
            why = answers[each.sop_uid]
            self.ledger.published.add(self._publication(study, each, asked, why))
            if why != STORED:
                self.done.to_try_again = True
                self.done.refused.append(Refused(study.images[0].file, why))
        self._count([each for each in made if answers[each.sop_uid] == STORED])

    def _refuse(self, study: PublishableStudy, kind: ObjectKind, asked: datetime, why: str) -> None:
        self.done.refused.append(Refused(study.images[0].file, why))
        if not self.options.dry_run:
            nothing = ResultObject(kind, "", "", "", study.result.study_uid, b"")
            self.ledger.published.add(self._publication(study, nothing, asked, why))

    def _publication(
        self, study: PublishableStudy, made: ResultObject, asked: datetime, why: str
    ) -> Publication:
        return Publication(
            study=study.result.study_uid,
            kind=made.kind,
            sop_uid=made.sop_uid,
            series_uid=made.series_uid,
            content=study.result.content,
            model=str(study.result.model),
            run=study.run,
            target=self.target.name,
            asked=asked,
            answered=self.now(),
            answer=Answer.REFUSED if why else Answer.STORED,
            why=why,
        )

    def _count(self, made: Sequence[ResultObject]) -> None:
        for each in made:
            self.done.stored[each.kind] = self.done.stored.get(each.kind, 0) + 1
