"""screener review: readers' marks into the ledger, and what they come to."""

from collections.abc import Iterator, Sequence

from rich.markup import escape

from screener.agreement import Agreement, MarkCounts
from screener.commands.console import log, progress_console, results
from screener.errors import ExitCode
from screener.proportions import Interval
from screener.reporting.review import Recorded, Refusal, ReviewOptions, record_marks

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
        yield f"{each.model}, marked by {each.readers} {'reader' if each.readers == 1 else 'readers'}"
        yield (
            f"  flagged: {_flagged_in_words(each.flagged, each.ppv_interval)}; {each.flagged.unsure} unsure"
        )
        yield (
            f"  not flagged: {_others_in_words(each.not_flagged, each.missed_interval)}; "
            f"{each.not_flagged.unsure} unsure"
        )
    if agreement:
        yield (
            "Studies reviewed are no random sample of those screened: nothing here estimates a sensitivity. "
            "Marks change no study's status."
        )


def _flagged_in_words(counts: MarkCounts, interval: Interval | None) -> str:
    if interval is None:
        return "none reviewed"
    return f"PPV of those reviewed {_share(counts.agree, counts.decided, interval)}"


def _others_in_words(counts: MarkCounts, interval: Interval | None) -> str:
    if interval is None:
        return "none reviewed"
    return f"missed cases found among those reviewed {_share(counts.disagree, counts.decided, interval)}"


def _share(events: int, trials: int, interval: Interval) -> str:
    low, high = interval
    return f"{events / trials:.1%} ({events} of {trials}; 95 % interval {low:.1%} to {high:.1%})"


def _counts(recorded: Recorded) -> str:
    marks = "mark" if recorded.new == 1 else "marks"
    return f"{recorded.new} {marks} recorded, {recorded.known} known already, {len(recorded.refused)} refused"


def _refusals(refused: Sequence[Refusal]) -> Iterator[str]:
    for each in refused[:_SHOWN_REFUSALS]:
        yield f"refused: {each.file}: {_shown(each.study_id)}: {each.why}"
    if len(refused) > _SHOWN_REFUSALS:
        yield f"refused: and {len(refused) - _SHOWN_REFUSALS} more"
    if refused:
        yield "The other marks are recorded; with these mended, the same file can be given again."


def _shown(name: str) -> str:
    """Return a study id out of somebody's file as one short line that no terminal obeys."""
    short = name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}…"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in short)
