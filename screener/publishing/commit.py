"""Whether an archive takes over responsibility for what it has stored (storage commitment)."""

from dataclasses import replace

from screener.ledger.published import Answer
from screener.publishing.session import Refused, Session
from screener.publishing.targets import DimseTarget
from screener.said import say


def commit(session: Session) -> None:
    """Ask for storage commitment of what was stored this time, where that is wanted; record the answers.

    Raises:
        ArchiveError: The archive is out of reach, or commits itself to nothing.
    """
    port, sent, target = session.options.commit_port, session.done.sent, session.target
    if port is None or not sent or not isinstance(target, DimseTarget):
        return
    answers = target.commit([(session.sop_class(each.kind), each.sop_uid) for _, each in sent], port)
    for study, each in sent:
        committed = (answers or {}).get(each.sop_uid)
        if committed:
            session.ledger.published.add(replace(each, answer=Answer.COMMITTED, answered=session.now()))
            continue
        key = "publish.not_told" if committed is None else "publish.not_committed"
        session.done.refused.append(Refused(study.images[0].file, say(key)))
        if committed is False:
            session.ledger.published.add(replace(each, answer=Answer.NOT_COMMITTED, answered=session.now()))
