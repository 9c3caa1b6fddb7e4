"""screener scan: studies in, a worklist and a report out."""

import time
from dataclasses import replace

from rich.markup import escape
from rich.progress import Progress, TaskID

from screener.commands.console import Log, Paced, make_progress, progress_console, results, shown
from screener.commands.console_language import console_language, here, told
from screener.commands.ending import Ending
from screener.commands.run_summary import print_summary, totals_in_words
from screener.domain import Cause, NotScreened, Outcome
from screener.engines.report_images import ImageReader
from screener.errors import ExitCode
from screener.ledger import Ledger
from screener.options import ScanOptions
from screener.options.period import baseline_asked
from screener.outputs.messages import Messages, shipped_messages
from screener.outputs.run_text import meaning
from screener.outputs.run_words import RunWords
from screener.outputs.templating import plain_run_words
from screener.outputs.watched import Watched
from screener.reporting.dated import DatedReports
from screener.reporting.write import RunCallbacks, RunFacts, write_reports
from screener.run_summary import RunSummary
from screener.said import ENGLISH, Spoken, say
from screener.screening.scan import WRITTEN, Reports, run_scan


def scan(options: ScanOptions, dated: DatedReports, ending: Ending, written: Log) -> ExitCode:
    """Run one scan and print where its outputs are and what they say; written: where its log goes."""
    console = progress_console()
    reports = _watching(options.monitor_baseline) if options.monitor else WRITTEN
    reporter = None if console.is_terminal and options.log_file is None else _LogReporter(written)
    with dated.in_order(options, written) as ended:
        if reporter is None:
            progress = make_progress(console)
            with shown(progress):
                summary = run_scan(options, _OnTerminal(progress), ending.known, reports)
        else:
            summary = run_scan(options, reporter, ending.known, reports)
        ended(summary.exit_code)
    if reporter is not None:  # not asked of the console again: its terminal may have gone
        reporter.end(summary, plain_run_words(summary, options.look, ENGLISH))
    print_summary(results(), options, summary)
    return ExitCode(summary.exit_code)


def _watching(baseline: str | None) -> Reports:
    """Return reports that also say whether anything has changed at this site."""
    from screener.monitoring.report_page import watched_of

    period = baseline_asked(baseline)

    def write(
        ledger: Ledger,
        reader: ImageReader,
        options: ScanOptions,
        facts: RunFacts,
        callbacks: RunCallbacks,
    ) -> RunSummary:
        def watched(ledger: Ledger, messages: Messages) -> Watched | None:
            callbacks.say(say("scan.comparing"))
            return watched_of(ledger, period, messages, callbacks.say)

        return write_reports(ledger, reader, options, facts, replace(callbacks, watched=watched))

    return replace(WRITTEN, write=write)


class _OnTerminal:
    """A bar with rate and time to go, and a line for each file that failed."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._messages = shipped_messages(console_language())
        self._task: TaskID | None = None
        self._failed = 0

    def begin(self, files: int, model: str) -> None:
        self._task = self._progress.add_task(told("scan.screening"), total=files, note="")

    def outcome(self, outcome: Outcome | None) -> None:
        if isinstance(outcome, NotScreened) and outcome.cause is Cause.FAILED:
            self._failed += 1
            failed, why = told("scan.failed"), escape(self._messages.missed(outcome))
            self._progress.console.print(f"[red]{failed}[/] {escape(_one_line(outcome.file))}: {why}")
        if self._task is not None:
            note = told("scan.failures", count=self._failed) if self._failed else ""
            self._progress.update(self._task, advance=1, note=note)

    def say(self, message: Spoken) -> None:
        said = here(message)
        self._progress.console.print(said[:1].upper() + said[1:], markup=False)


class _LogReporter:
    """One line now and then, and one for each file that failed: what cron mails and logs keep."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._paced = Paced()
        self._total = 0
        self._done = 0
        self._start = time.monotonic()

    def begin(self, files: int, model: str) -> None:
        self._total = files
        self._log.event(f"screening {files} files with {model}", files=files, model=model)

    def outcome(self, outcome: Outcome | None) -> None:
        self._done += 1
        if isinstance(outcome, NotScreened) and outcome.cause is Cause.FAILED:
            file = _one_line(outcome.file)
            why = shipped_messages().missed(outcome)
            self._log.event(f"failed {file}: {why}", file=file, reason=why, reason_code=outcome.reason.code)
        if self._paced.due():
            rate = self._done / (time.monotonic() - self._start)
            left = (self._total - self._done) / rate
            self._log.event(
                f"{self._done} of {self._total} files, {rate:.0f}/s, about {left:.0f} s to go",
                done=self._done,
                files=self._total,
            )

    def say(self, message: Spoken) -> None:
        self._log(message)

    def end(self, summary: RunSummary, words: RunWords) -> None:
        totals, code = summary.totals, ExitCode(summary.exit_code)
        for sentence in (*words.population, *words.unseen, *words.since):
            self._log(sentence)
        ended = "done" if summary.complete else "interrupted"
        listed = "listed, only what is new" if summary.new_only else "listed"
        self._log.event(
            f"{ended}: {totals_in_words(totals)}; {listed}: {totals.flagged} studies flagged, "
            f"{totals.not_flagged} not flagged, {totals.not_screened} not screened; "
            f"exit code {int(code)}: {meaning(code, summary)}",
            exit_code=int(summary.exit_code),
            complete=summary.complete,
        )


def _one_line(file: str) -> str:
    return file.encode("unicode_escape").decode() if not file.isprintable() else file
