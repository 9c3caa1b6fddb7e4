"""What a run found, in words, for standard output and for the log."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from screener.intake import display_name
from screener.locations import Location
from screener.options import OutputOptions
from screener.outputs.bands import FLAGGED, NOT_FLAGGED, BandPart, BandTotal, band_totals
from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages
from screener.outputs.templating import plain_run_words
from screener.run_summary import RunSummary
from screener.totals import Totals

_FIGURES = Figures(shipped_messages())


def print_summary(console: Console, options: OutputOptions, summary: RunSummary) -> None:
    """Print what a run found, and where its outputs lie."""
    totals = summary.totals
    if not summary.complete:
        console.print("[bold red]Interrupted: what follows covers only the files reached.[/]")
    words = plain_run_words(summary, options.look)
    for sentence in words.population:
        console.print(f"[bold]{escape(sentence)}[/]", soft_wrap=True)
    console.print(totals_in_words(totals))
    for sentence in (*words.unseen, *words.since):
        console.print(escape(sentence), soft_wrap=True)
    if summary.new_only:
        console.print("Listed, only what is new:")
    console.print(_studies(summary))
    outputs = Table.grid(padding=(0, 2))
    outputs.add_row("worklist", _shown(options.csv))
    outputs.add_row("totals", _shown(options.json))
    if options.files_csv:
        outputs.add_row("every file", _shown(options.files_csv))
    if options.summary:
        outputs.add_row("in short", _shown(options.summary))
    if options.xlsx:
        outputs.add_row("workbook", _shown(options.workbook))
    if options.html:
        outputs.add_row("triage page", _shown(options.page))
    if options.pdf:
        outputs.add_row("report", _shown(options.out))
    console.print(outputs)
    console.print(
        f"{summary.seconds:.1f} s, {summary.images_per_second:.0f} images/s, "
        f"model {escape(str(summary.model))}. "
        "Decision support for research and quality work, not a medical device."
    )


def totals_in_words(totals: Totals) -> str:
    """Return every file seen, by what became of it."""
    known = f" ({totals.failures_new} new, {totals.failures_known} known)" if totals.failures_known else ""
    refused = (
        f" ({totals.pictures_refused} of them refused by their picture)" if totals.pictures_refused else ""
    )
    unsettled = (
        f" ({totals.files_unsettled} too young, left for the next run)" if totals.files_unsettled else ""
    )
    files = "file" if totals.files_seen == 1 else "files"
    images = "image" if totals.images_screened == 1 else "images"
    return (
        f"{totals.files_seen} {files} seen: {totals.images_screened} {images} screened, "
        f"{totals.images_ineligible} ineligible{refused}, {totals.images_failed} failed{known}, "
        f"{totals.files_ignored} ignored{unsettled}"
    )


def _shown(path: Location) -> str:
    return escape(display_name(str(path)))


def _studies(summary: RunSummary) -> Table:
    """Return the listed studies: the flagged ones by how soon to look at them, then the others."""
    table = Table.grid(padding=(0, 2))
    for band in band_totals(summary):
        study = "study" if band.studies == 1 else "studies"
        if band.name == NOT_FLAGGED:
            what = "not flagged"
        else:
            what = "flagged" if band.name == FLAGGED else f"to look at {band.name}"
        table.add_row(str(band.studies), f"{study} {what}", _parts(band))
    missed = summary.totals.not_screened
    study = "study" if missed == 1 else "studies"
    table.add_row(str(missed), f"{study} not screened", "see their reasons in the worklist")
    return table


def _parts(band: BandTotal) -> str:
    """Return where a band begins, a line for each population where the run met several."""
    if len(band.parts) == 1:
        return _from(band.name, band.parts[0])
    return "\n".join(f"{each.population}: {each.studies}, {_from(band.name, each)}" for each in band.parts)


def _from(name: str, part: BandPart) -> str:
    """Return where a band begins, and what its point was validated at."""
    point = part.point
    if name == NOT_FLAGGED:
        return f"below {_FIGURES.threshold(part.threshold)}, which does not mean normal"
    start = f"probability {_FIGURES.threshold(part.threshold)} or more"
    if point.doubt is not None:
        return f"{start} ({point.name}), not validated: {point.doubt.words}"
    if point.sensitivity is None or point.specificity is None:
        return f"{start}; this threshold is not validated"
    if not part.fits:
        return f"{start} ({point.name}; its figures do not hold for these patients)"
    return f"{start} ({point.name}: sensitivity {point.sensitivity:.1%}, specificity {point.specificity:.1%})"
