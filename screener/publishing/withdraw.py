"""The kill switch: what an archive has stored is called withdrawn there; nothing is deleted."""

from collections.abc import Iterator

from screener.dicom_results.rejection import WITHDRAWAL, Stored, make_withdrawal, withdrawal_uid
from screener.ledger.published import Publication
from screener.publishing.session import Session
from screener.publishing.studies import PublishableStudy


def withdraw(studies: Iterator[PublishableStudy], session: Session) -> None:
    """Send a rejection note for each study of which the receiver holds results that are not withdrawn yet.

    Raises:
        ArchiveError, OutputError: As Session.publish.
    """
    stored: dict[str, list[Publication]] = {}
    for each in session.ledger.published.stored(session.target.name):
        stored.setdefault(each.study, []).append(each)
    for study in studies:
        held = stored.get(study.result.study_uid, [])
        objects = [
            each for each in held if each.kind != WITHDRAWAL and session.options.run in (None, each.run)
        ]
        if not objects:
            continue
        session.done.studies += 1
        _withdraw(study, objects, {each.sop_uid for each in held}, session)


def _withdraw(study: PublishableStudy, objects: list[Publication], known: set[str], session: Session) -> None:
    named = [Stored(session.sop_class(each.kind), each.sop_uid, each.series_uid) for each in objects]
    if withdrawal_uid(named) in known:
        session.done.known += 1
        return
    asked = session.now()
    headers = session.headers(study, WITHDRAWAL, asked)
    if headers is None:
        return
    when = objects[-1].answered
    zone = session.options.zone
    note = make_withdrawal(
        study.result.study_uid,
        named,
        headers[study.images[0].sop_instance_uid],
        when.astimezone(zone) if zone else when,
        session.messages.plain("result.withdrawn"),
    )
    session.send(study, session.target, [note], asked)
