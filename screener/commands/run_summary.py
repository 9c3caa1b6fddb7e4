"""What a run found, in words, for standard output in the machine's language and for the log in English."""

from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from screener.commands.console_language import console_language, told
from screener.intake import display_name
from screener.locations import Location
from screener.options import OutputOptions
from screener.outputs.bands import FLAGGED, NOT_FLAGGED, BandPart, BandTotal, band_totals
from screener.outputs.figures import Figures
from screener.outputs.messages import Messages, shipped_messages
from screener.outputs.population_words import population_name
from screener.outputs.templating import plain_run_words
from screener.run_summary import RunSummary
from screener.totals import Totals


def print_summary(console: Console, options: OutputOptions, summary: RunSummary) -> None:
    """Print what a run found, and where its outputs lie."""
    language = console_language()
    _Printed(shipped_messages(language), console).summary(options, summary, language)


def totals_in_words(totals: Totals, messages: Messages | None = None) -> str:
    """Return every file seen, by what became of it; messages: of a language, None for English."""
    plain = (messages or shipped_messages()).plain
    known = {"new": totals.failures_new, "known": totals.failures_known}
    return plain(
        "console.totals",
        count=totals.files_seen,
        screened=plain("console.screened", count=totals.images_screened),
        ineligible=totals.images_ineligible,
        refused=_if(totals.pictures_refused, plain("console.refused", refused=totals.pictures_refused)),
        failed=totals.images_failed,
        known=_if(totals.failures_known, plain("console.known", **known)),
        ignored=totals.files_ignored,
        young=_if(totals.files_unsettled, plain("console.young", young=totals.files_unsettled)),
    )


def _if(count: int, words: str) -> str:
    return words if count else ""


@dataclass(frozen=True, slots=True)
class _Printed:
    messages: Messages
    console: Console

    def summary(self, options: OutputOptions, summary: RunSummary, language: str) -> None:
        plain = self.messages.plain
        if not summary.complete:
            self.console.print(f"[bold red]{escape(plain('console.interrupted'))}[/]")
        words = plain_run_words(summary, options.look, language)
        for sentence in words.population:
            self.console.print(f"[bold]{escape(sentence)}[/]", soft_wrap=True)
        self.console.print(totals_in_words(summary.totals, self.messages))
        for sentence in (*words.unseen, *words.since):
            self.console.print(escape(sentence), soft_wrap=True)
        if summary.new_only:
            self.console.print(plain("console.listed_new"))
        self.console.print(self._studies(summary))
        self.console.print(self._outputs(options))
        self.console.print(
            plain(
                "console.end",
                seconds=Figures(self.messages).written(f"{summary.seconds:.1f}"),
                rate=f"{summary.images_per_second:.0f}",
                model=escape(str(summary.model)),
            )
        )

    def _outputs(self, options: OutputOptions) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, path, written in (
            ("worklist", options.csv, True),
            ("totals_file", options.json, True),
            ("every_file", options.files_csv, options.files_csv),
            ("in_short", options.summary, options.summary),
            ("workbook", options.workbook, options.xlsx),
            ("triage_page", options.page, options.html),
            ("report", options.out, options.pdf),
        ):
            if written and path is not None:
                table.add_row(self.messages.plain(f"console.{name}"), _shown(path))
        return table

    def _studies(self, summary: RunSummary) -> Table:
        """Return the listed studies: the flagged ones by how soon to look at them, then the others."""
        table = Table.grid(padding=(0, 2))
        for band in band_totals(summary):
            key = "console.flagged" if band.name == FLAGGED else f"bands.{band.name}"
            table.add_row(str(band.studies), self.messages.plain(key, count=band.studies), self._parts(band))
        missed = summary.totals.not_screened
        see = self.messages.plain("console.see_reasons")
        table.add_row(str(missed), self.messages.plain("console.not_screened", count=missed), see)
        return table

    def _parts(self, band: BandTotal) -> str:
        """Return where a band begins, a line for each population where the run met several."""
        if len(band.parts) == 1:
            return self._from(band.name, band.parts[0])
        said = [
            (population_name(self.messages, each.population), each.studies, self._from(band.name, each))
            for each in band.parts
        ]
        return "\n".join(f"{population}: {studies}, {start}" for population, studies, start in said)

    def _from(self, name: str, part: BandPart) -> str:
        """Return where a band begins, and what its point was validated at."""
        plain, figures, point = self.messages.plain, Figures(self.messages), part.point
        threshold = figures.threshold(part.threshold)
        if name == NOT_FLAGGED:
            return plain("console.below", threshold=threshold)
        start = plain("console.start", threshold=threshold)
        if point.doubt is not None:
            doubt = told(f"models.doubt_{point.doubt}")
            return plain("console.doubted", start=start, point=point.name, doubt=doubt)
        if point.sensitivity is None or point.specificity is None:
            return plain("console.not_validated", start=start)
        if not part.fits:
            return plain("console.other_patients", start=start, point=point.name)
        return plain(
            "console.validated",
            start=start,
            point=point.name,
            sensitivity=figures.written(f"{100 * point.sensitivity:.1f}"),
            specificity=figures.written(f"{100 * point.specificity:.1f}"),
        )


def _shown(path: Location) -> str:
    return escape(display_name(str(path)))
