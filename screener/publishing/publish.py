"""One publication: every study that the receiver lacks is described, checked, sent, recorded."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime

from screener.ledger import Ledger, Run
from screener.options.publish import PublishOptions
from screener.outputs.messages import shipped_messages
from screener.publishing.commit import commit
from screener.publishing.documents import FHIR, FHIR_R5, HL7, DocumentFolder
from screener.publishing.making import Maker
from screener.publishing.pictures import Pictures
from screener.publishing.runs import published_runs, runs_to_publish
from screener.publishing.session import PublishOutcome, Session
from screener.publishing.studies import PublishableStudy, Selection
from screener.publishing.targets import Outlet, Target
from screener.publishing.withdraw import withdraw
from screener.run_summary import RunSummary
from screener.said import Spoken


def publish(
    options: PublishOptions,
    ledger: Ledger,
    target: Target,
    done: PublishOutcome,
    tell: Callable[[Spoken], None],
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
    outlets: list[tuple[Outlet, Sequence[str]]] = [(target, options.objects), *_documents(options)]
    messages = shipped_messages()
    with closing(Pictures(tell)) as pictures:
        maker = Maker(pictures, messages, options.contour)
        session = Session(options, ledger, target, outlets, maker, messages, done, now)
        _run(session, tell)


def _run(session: Session, tell: Callable[[Spoken], None]) -> None:
    options, ledger, target, done = session.options, session.ledger, session.target, session.done
    if options.withdraw:
        runs = published_runs(ledger, options, target.name)
        withdraw(_each_once(_studies(runs, session)), session)
        return
    runs = runs_to_publish(ledger, options, target.name, tell)
    for study in _each_once(_studies(runs, session)):
        done.studies += 1
        session.publish(study)
    commit(session)
    if runs and options.run is None and not (options.dry_run or done.to_try_again):
        ledger.published.settle(target.name, max(run.number for run, _ in runs))


def _documents(options: PublishOptions) -> Iterator[tuple[DocumentFolder, Sequence[str]]]:
    fhir = FHIR_R5 if options.fhir_release == "R5" else FHIR
    for kind, folder in ((fhir, options.fhir), (HL7, options.hl7)):
        if folder is not None:
            yield DocumentFolder(folder, kind, options.mode), (kind,)


def _studies(runs: Sequence[tuple[Run, RunSummary]], session: Session) -> Iterator[PublishableStudy]:
    for run, summary in runs:
        session.ledger.show(run.number)
        selection = Selection(
            session.ledger,
            summary,
            run.number,
            session.messages,
            session.options.also_unscreened,
            session.options.zone,
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
