"""screener review: readers' marks into the ledger, and what they come to."""

from collections.abc import Iterator, Sequence

from rich.markup import escape

from screener.agreement import Agreement
from screener.commands.console import log, progress_console, results
from screener.commands.console_language import told
from screener.errors import ExitCode
from screener.proportions import Interval
from screener.reporting.review import Recorded, Refusal, ReviewOptions, record_marks
from screener.said import Said, say

_SHOWN_REFUSALS = 50
_SHOWN_CHARACTERS = 80  # of a study id; a UID has 64 at most


def review(options: ReviewOptions) -> ExitCode:
    """Record marks, print which were, which were not, and how far readers agree; usage if one was refused."""
    recorded = record_marks(options, log)
    results().print(escape(_counts(recorded)))
    faults = progress_console()
    for line in _refusals(recorded.refused):
        faults.print(escape(line), soft_wrap=True)
    for line in agreement_in_words(recorded.agreement):
        results().print(escape(line), soft_wrap=True)
    return ExitCode.USAGE if recorded.refused else ExitCode.DONE


def agreement_in_words(agreement: Sequence[Agreement]) -> Iterator[str]:
    """Yield lines that tell the running agreement, and what it is not."""
    for each in agreement:
        yield told("review.marked_by", model=each.model, count=each.readers)
        flagged, others = each.flagged, each.not_flagged
        found = _share("review.ppv", flagged.agree, flagged.decided, each.ppv_interval)
        yield told("review.flagged", found=found, unsure=flagged.unsure)
        found = _share("review.missed", others.disagree, others.decided, each.missed_interval)
        yield told("review.not_flagged", found=found, unsure=others.unsure)
    if agreement:
        yield told("review.no_sample")


def _share(key: str, events: int, trials: int, interval: Interval | None) -> Said:
    if interval is None:
        return say("review.none_reviewed")
    low, high = (100 * each for each in interval)
    share = 100 * events / trials
    return say(key, share=share, events=events, trials=trials, low=low, high=high)


def _counts(recorded: Recorded) -> str:
    refused = len(recorded.refused)
    return told("review.recorded", count=recorded.new, known=recorded.known, refused=refused)


def _refusals(refused: Sequence[Refusal]) -> Iterator[str]:
    for each in refused[:_SHOWN_REFUSALS]:
        yield told("review.refused", file=each.file, study=_shown(each.study_id), why=each.why)
    if len(refused) > _SHOWN_REFUSALS:
        yield told("review.more_refused", number=len(refused) - _SHOWN_REFUSALS)
    if refused:
        yield told("review.mend")


def _shown(name: str) -> str:
    """Return a study id out of somebody's file as one short line that no terminal obeys."""
    short = name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}…"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in short)
