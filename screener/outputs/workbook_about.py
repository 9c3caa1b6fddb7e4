"""What the workbook says of its run beside the list: what the numbers mean, and what warns."""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from screener.operating_points import printed
from screener.options import ReportLook
from screener.outputs.bands import NOT_FLAGGED, BandPart, BandTotal, band_totals
from screener.outputs.figures import Figures
from screener.outputs.messages import Messages
from screener.outputs.population_words import population_bars, population_name
from screener.outputs.run_words import since_words, unseen_words
from screener.outputs.templating import messages_of
from screener.outputs.triage_page import meanings
from screener.outputs.worklist_xlsx import About
from screener.run_summary import RunSummary

_Line = tuple[str, ...]


def about_run(summary: RunSummary, look: ReportLook) -> About:
    """Return what the workbook says of a run, in the words of the catalogue: plain text.

    Raises:
        UsageError: As load_messages and Messages.say.
    """
    messages = messages_of(look)
    return About(
        list_name=_plain(messages, "worklist.heading"),
        name=_plain(messages, "summary.meaning"),
        title=look.title or _plain(messages, "title"),
        lines=tuple(_lines(summary, look, messages)),
        warns=_must_be_read(summary),
        notice=_plain(messages, "page.notice"),
        paper=look.paper,
        made=summary.started,
    )


def _must_be_read(summary: RunSummary) -> bool:
    """Return whether the list is not to be taken as it stands: unfinished, or with a threshold in doubt."""
    validated = all(each.scale.operating_point.validated for each in summary.populations)
    checks = (summary.population_check, *(each.check for each in summary.populations))
    return not (summary.complete and validated and all(check.holds is not False for check in checks))


def _lines(summary: RunSummary, look: ReportLook, messages: Messages) -> Iterator[_Line]:
    if look.site:
        yield (look.site,)
    for sentence in (*population_bars(summary, messages), *_not_validated(summary, messages)):
        yield (sentence.striptags(),)
    for sentence in (*unseen_words(summary, messages), *since_words(summary, messages)):
        yield (sentence.striptags(),)
    if summary.new_only:
        yield (_plain(messages, "summary.new_only"),)
    yield ()
    for band in band_totals(summary):
        yield from _band(band, messages)
    yield ()
    yield (_plain(messages, "triage.only"),)
    for words in meanings(summary, messages).values():
        yield (words,)
    for run in summary.populations:
        validated_on = messages.words(run.scale.validated_on).rstrip(".")
        yield (_plain(messages, "triage.validated_on", population=validated_on),)
    yield ()
    moment = Figures(messages).moment(summary.started)
    yield (_plain(messages, "summary.started", moment=moment, id=summary.report_id),)
    yield (_plain(messages, "run.model"), str(summary.model))
    yield ()
    yield (_plain(messages, "page.notice"),)
    yield (_plain(messages, "triage.every_study"),)


def _plain(messages: Messages, key: str, **values: Any) -> str:
    return messages.say(key, **values).striptags()


def _not_validated(summary: RunSummary, messages: Messages) -> Iterator[Markup]:
    for run in summary.populations:
        point = run.scale.operating_point
        if not point.validated and not point.doubt:  # a doubt has its own words among the population's
            threshold = Figures(messages).threshold(printed(point.threshold))
            yield messages.say("meaning.custom", threshold=threshold)


def _band(band: BandTotal, messages: Messages) -> Iterator[_Line]:
    """Yield how many studies a band has and what it rests on; a line more for each population of several."""
    what = _plain(messages, f"bands.{band.name}", count=band.studies)
    if len(band.parts) == 1:
        yield Figures(messages).count(band.studies), what, _rests_on(band.name, band.parts[0], messages)
        return
    yield Figures(messages).count(band.studies), what
    for part in band.parts:
        name = population_name(messages, part.population)
        yield "", f"{name}: {Figures(messages).count(part.studies)}", _rests_on(band.name, part, messages)


def _rests_on(band: str, part: BandPart, messages: Messages) -> str:
    """Return where a band begins, and what its point was validated at."""
    threshold = Figures(messages).threshold(part.threshold)
    if band == NOT_FLAGGED:
        below = _plain(messages, "bands.below", threshold=threshold)
        return f"{below}, {_plain(messages, 'bands.not_normal')}"
    if not part.fits:
        figures = _plain(messages, "bands.other_patients")
    elif part.point.sensitivity is None or part.point.specificity is None or not part.point.validated:
        figures = _plain(messages, "bands.not_validated")
    else:
        shares = {
            "sensitivity": Figures(messages).percent(part.point.sensitivity),
            "specificity": Figures(messages).percent(part.point.specificity),
        }
        figures = _plain(messages, "bands.figures", **shares)
    return f"{_plain(messages, 'bands.from', threshold=threshold)}; {figures}"
