"""A run in a few lines of plain text, for the mail that cron sends: no identifier of any patient.

It is written when a run begins, and again when it ends, so that a mail never tells of the night before.
"""

from collections.abc import Iterator

from screener.errors import ExitCode
from screener.locations import Location
from screener.operating_points import printed
from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages
from screener.outputs.run_words import NO_WORDS, RunWords
from screener.outputs.unfinished_text import BEGINNING, MEANINGS, NOTICE, Line, failed_head, paragraph, table
from screener.run_summary import RunSummary
from screener.totals import Totals


def run_text(
    summary: RunSummary, outputs: tuple[Location, ...], words: RunWords = NO_WORDS, error: str = ""
) -> str:
    """Return a run's totals; the first line alone says what the reader must know.

    outputs: where its report lies. words: the sentences that come right after the first line. error: what
    ended the run while its report was being written; empty for most.
    """
    code = ExitCode(summary.exit_code)
    said = "".join(f"{sentence}\n" for sentence in (*words.population, *words.unseen, *words.since))
    figures = _figures(summary, _code_line(code, summary), outputs)
    if error:
        return (
            f"{failed_head(code)}\n\n{paragraph(error)}\nWhat it found: {_found(summary)}.\n{said}"
            f"\n{figures}\n{NOTICE}\n"
        )
    return f"{BEGINNING}{_found(summary)}.\n{said}\n{figures}\n{NOTICE}\n"


def meaning(code: ExitCode, summary: RunSummary | None = None) -> str:
    """Return what an exit code says of a run; known failures are no new ones."""
    known = summary is not None and summary.totals.failures_known > 0
    if code is ExitCode.DONE and known:
        return "done, nothing new failed"
    if code is ExitCode.SOME_FAILED and known:
        return "done, some images failed for the first time"
    if code is ExitCode.INTERRUPTED and summary is not None:
        return "interrupted: only what was reached is in the report"
    return MEANINGS[code]


def _found(summary: RunSummary) -> str:
    totals = summary.totals
    among = " among what is new" if summary.new_only else ""
    anew = f" anew ({totals.failures_known} known from earlier reports)" if totals.failures_known else ""
    failed = f"{_counted(totals.failures_new, 'image')} failed{anew}"
    refused = f"; {_counted(totals.refusals_new, 'picture')} refused" if totals.refusals_new else ""
    young = (
        f"; {_counted(totals.files_unsettled, 'file')} left for the next run"
        if totals.files_unsettled
        else ""
    )
    interrupted = "" if summary.complete else "; INTERRUPTED"
    return f"{_to_look_at(summary)}{among}; {failed}{refused}{young}{interrupted}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _to_look_at(summary: RunSummary) -> str:
    totals = summary.totals
    if not all(each.points for each in summary.scales.each):
        return f"{totals.flagged} to look at first"
    return f"{totals.first} to look at first, {totals.next} next, {totals.later} later"


def _figures(summary: RunSummary, code: Line, outputs: tuple[Location, ...]) -> str:
    totals = summary.totals
    listed = [
        *_flagged(summary),
        ("studies not flagged", f"{totals.not_flagged}"),
        ("studies not screened", f"{totals.not_screened}"),
    ]
    found = [
        ("images failed", _parted(totals.images_failed, totals.failures_known)),
        ("pictures refused", _parted(totals.pictures_refused, totals.refusals_known)),
        ("images screened", f"{totals.images_screened}"),
        ("images ineligible", f"{totals.images_ineligible}"),
        ("files ignored", f"{totals.files_ignored}{_young(totals.files_unsettled)}"),
        ("files seen", _seen(totals)),
    ]
    run = [
        ("model", f"{summary.model}"),
        ("started", f"{summary.started:%Y-%m-%d %H:%M}, {summary.seconds:.0f} s"),
        ("report", ", ".join(_clean(path) for path in outputs)),
        ("report id", summary.report_id),
        code,
    ]
    if not summary.new_only:
        return table([*listed, *found, *run])
    return (
        f"Listed, only what is new\n{table(listed)}\n"
        f"In the folders, known files included\n{table(found)}\n"
        f"The run\n{table(run)}"
    )


def _flagged(summary: RunSummary) -> Iterator[Line]:
    """Yield how many studies are flagged, and from which threshold on; one line for each population met."""
    several = len(summary.populations) > 1
    for run in summary.populations:
        point = run.scale.operating_point
        validated = "" if point.validated else ", not validated"
        threshold = Figures(shipped_messages()).threshold(printed(point.threshold))
        of = f" of {run.totals.studies} read as {run.scale.population}" if several else ""
        yield "studies flagged", f"{run.totals.flagged}{of}, at {threshold} ({point.name}{validated})"


def _parted(count: int, known: int) -> str:
    """Return a count; where some of it was told before, how many were and how many were not."""
    return f"{count} ({count - known} new, {known} known from earlier reports)" if known else f"{count}"


def _seen(totals: Totals) -> str:
    if not totals.files_known:
        return f"{totals.files_seen}"
    left = f", {totals.files_unsettled} left for the next run" if totals.files_unsettled else ""
    return (
        f"{totals.files_seen} ({totals.files_known} known from earlier reports, {totals.files_new} new{left})"
    )


def _young(count: int) -> str:
    return f" ({count} too young, left for the next run)" if count else ""


def _code_line(code: ExitCode, summary: RunSummary | None = None) -> Line:
    return "exit code", f"{int(code)}: {meaning(code, summary)}"


def _clean(path: Location) -> str:
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")
