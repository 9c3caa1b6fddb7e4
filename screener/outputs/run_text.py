"""A run in a few lines of plain text, for the mail that cron sends: no identifier of any patient.

It is written when a run begins, and again when it ends, so that a mail never tells of the night before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from screener.errors import ExitCode
from screener.locations import Location
from screener.operating_points import printed
from screener.outputs.figures import Figures
from screener.outputs.messages import Messages, shipped_messages
from screener.outputs.population_words import population_name
from screener.outputs.run_words import NO_WORDS, RunWords
from screener.outputs.unfinished_text import BEGINNING, MEANINGS, NOTICE, Line, failed_head, paragraph, table
from screener.run_summary import RunSummary
from screener.totals import Totals


def run_text(
    summary: RunSummary,
    outputs: tuple[Location, ...],
    words: RunWords = NO_WORDS,
    error: str = "",
    messages: Messages | None = None,
) -> str:
    """Return a run's totals; the first line alone says what the reader must know.

    outputs: where its report lies. words: the sentences that come right after the first line. error: what
    ended the run while its report was being written; empty for most. messages: of the language; None for
    English.
    """
    text = _RunText(summary, messages or shipped_messages())
    translated = text.messages.words
    said = "".join(f"{sentence}\n" for sentence in (*words.population, *words.unseen, *words.since))
    ending = f"{said}\n{text.figures(outputs)}\n{translated(NOTICE)}\n"
    if error:
        found = text.messages.plain("mail.what_it_found", found=text.found())
        head = failed_head(ExitCode(summary.exit_code), translated)
        return f"{head}\n\n{paragraph(error)}\n{found}\n{ending}"
    return f"{BEGINNING}{text.found()}.\n{ending}"


def meaning(code: ExitCode, summary: RunSummary | None = None) -> str:
    """Return what an exit code says of a run, in English; known failures are no new ones."""
    known = summary is not None and summary.totals.failures_known > 0
    if code is ExitCode.DONE and known:
        return "done, nothing new failed"
    if code is ExitCode.SOME_FAILED and known:
        return "done, some images failed for the first time"
    if code is ExitCode.INTERRUPTED and summary is not None:
        return "interrupted: only what was reached is in the report"
    return MEANINGS[code]


@dataclass(frozen=True, slots=True)
class _RunText:
    summary: RunSummary
    messages: Messages

    def found(self) -> str:
        """Return what the reader must know, without a full stop."""
        totals, plain = self.summary.totals, self.messages.plain
        look = self._to_look_at()
        anew = "_anew" if totals.failures_known else ""
        parts = [
            plain("mail.among_new", look=look) if self.summary.new_only else look,
            plain(f"mail.failed{anew}", count=totals.failures_new, known=totals.failures_known),
        ]
        if totals.refusals_new:
            parts.append(plain("mail.refused", count=totals.refusals_new))
        if totals.files_unsettled:
            parts.append(plain("mail.young", count=totals.files_unsettled))
        if not self.summary.complete:
            parts.append(plain("mail.interrupted"))
        return "; ".join(parts)

    def _to_look_at(self) -> str:
        totals, plain = self.summary.totals, self.messages.plain
        if not all(each.points for each in self.summary.scales.each):
            return plain("mail.look_at_flagged", flagged=totals.flagged)
        return plain("mail.look_at", first=totals.first, next=totals.next, later=totals.later)

    def figures(self, outputs: tuple[Location, ...]) -> str:
        """Return the counts and the circumstances, a line each."""
        listed, found, run = self._listed(), self._found(), self._run(outputs)
        if not self.summary.new_only:
            return table([*listed, *found, *run])
        plain = self.messages.plain
        return (
            f"{plain('mail.listed_new')}\n{table(listed)}\n"
            f"{plain('mail.in_folders')}\n{table(found)}\n"
            f"{plain('mail.the_run')}\n{table(run)}"
        )

    def _listed(self) -> list[Line]:
        totals = self.summary.totals
        return [
            *((self._name("studies_flagged"), said) for said in self._flagged()),
            (self._name("studies_not_flagged"), f"{totals.not_flagged}"),
            (self._name("studies_not_screened"), f"{totals.not_screened}"),
        ]

    def _found(self) -> list[Line]:
        totals = self.summary.totals
        return [
            (self._name("images_failed"), self._parted(totals.images_failed, totals.failures_known)),
            (self._name("pictures_refused"), self._parted(totals.pictures_refused, totals.refusals_known)),
            (self._name("images_screened"), f"{totals.images_screened}"),
            (self._name("images_ineligible"), f"{totals.images_ineligible}"),
            (self._name("files_ignored"), self._ignored(totals)),
            (self._name("files_seen"), self._seen(totals)),
        ]

    def _run(self, outputs: tuple[Location, ...]) -> list[Line]:
        summary, code = self.summary, ExitCode(self.summary.exit_code)
        began = Figures(self.messages).moment(summary.started.replace(tzinfo=None))
        return [
            (self._name("model"), f"{summary.model}"),
            (self._name("started"), f"{began}, {summary.seconds:.0f} s"),
            (self._name("report"), ", ".join(_clean(path) for path in outputs)),
            (self._name("report_id"), summary.report_id),
            (self._name("exit_code"), f"{int(code)}: {self.messages.words(meaning(code, summary))}"),
        ]

    def _name(self, of: str) -> str:
        return self.messages.plain(f"mail.name.{of}")

    def _flagged(self) -> Iterator[str]:
        """Yield how many studies are flagged, and from which threshold on, for each population met."""
        several = "_of" if len(self.summary.populations) > 1 else ""
        for run in self.summary.populations:
            point = run.scale.operating_point
            unsure = "" if point.validated else self.messages.plain("mail.not_validated")
            yield self.messages.plain(
                f"mail.flagged{several}",
                flagged=run.totals.flagged,
                studies=run.totals.studies,
                population=population_name(self.messages, run.scale.population),
                threshold=Figures(self.messages).threshold(printed(point.threshold)),
                point=f"{point.name}{unsure}",
            )

    def _parted(self, count: int, known: int) -> str:
        """Return a count; where some of it was told before, how many were and how many were not."""
        return (
            self.messages.plain("mail.parted", all=count, new=count - known, known=known)
            if known
            else f"{count}"
        )

    def _seen(self, totals: Totals) -> str:
        if not totals.files_known:
            return f"{totals.files_seen}"
        counts = {"all": totals.files_seen, "known": totals.files_known, "new": totals.files_new}
        if totals.files_unsettled:
            return self.messages.plain("mail.seen_and_young", **counts, young=totals.files_unsettled)
        return self.messages.plain("mail.seen", **counts)

    def _ignored(self, totals: Totals) -> str:
        ignored, young = totals.files_ignored, totals.files_unsettled
        return self.messages.plain("mail.ignored_young", all=ignored, young=young) if young else f"{ignored}"


def _clean(path: Location) -> str:
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")
