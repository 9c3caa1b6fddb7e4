"""Filling the templates: where they lie, what a template may call, and what each report names."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from screener.errors import UsageError
from screener.operating_points import printed
from screener.options import ReportLook
from screener.outputs.bands import band_of, band_totals
from screener.outputs.figures import Figures
from screener.outputs.histogram import AXIS, axis_logit, axis_ticks
from screener.outputs.logo import logo_uri
from screener.outputs.messages import Messages, load_messages
from screener.outputs.overlay import FULL_ODDS
from screener.outputs.population_words import population_bars, population_name
from screener.outputs.report_content import ReportContent
from screener.outputs.run_words import RunWords, run_words, since_words, unseen_words
from screener.resources import resource_folder
from screener.run_summary import RunSummary
from screener.scale import Scale

_CODE_POINTS = 12  # named on page 1, of those that no font can show


def check_templates(look: ReportLook) -> None:
    """Make sure, before a scan begins, that reports can be filled in at its end.

    Raises:
        UsageError: The logo, a template or the catalogue of messages cannot be used; names the file.
    """
    if look.logo:
        logo_uri(look.logo)
    folders = template_folders(look)
    environment = template_environment(folders, load_messages(folders, look.language))
    with template_faults(look):
        for name in environment.list_templates():
            if name.endswith(".html.j2"):
                environment.get_template(name)


def template_folders(look: ReportLook) -> tuple[Path, ...]:
    """Return where templates, style, messages and fonts are looked for, the user's own folder first."""
    shipped = resource_folder("templates")
    return (look.template, shipped) if look.template else (shipped,)


def template_environment(folders: tuple[Path, ...], messages: Messages) -> Environment:
    """Return what loads and fills templates: every value is escaped, an undefined name stops it."""
    # Sandboxed: a template may come from somebody else, and is to fill in texts, not to run code.
    environment = SandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    figures = Figures(messages)
    environment.globals["say"] = messages.say
    environment.globals["population_name"] = partial(population_name, messages)
    environment.filters |= {
        "advice": messages.advice,
        "written": figures.written,
        "count": figures.count,
        "short": figures.short,
        "percent": figures.percent,
        "probability": figures.probability,
        "threshold": figures.threshold,
        "axis": _axis,
        "day": figures.day,
        "date": figures.full_day,
        "band": band_of,
        "moment": figures.moment,
        "jpeg_uri": _jpeg_uri,
        "code_points": _code_points,
    }
    return environment


@contextmanager
def template_faults(look: ReportLook) -> Iterator[None]:
    """Name the template that cannot be used; a fault in a shipped one is a bug, and stays one."""
    try:
        yield
    except TemplateSyntaxError as error:
        if look.template is None:
            raise
        raise UsageError(
            "outputs.template_line", file=error.filename, line=error.lineno, error=error.message
        ) from error
    except TemplateError as error:
        if look.template is None:
            raise
        raise UsageError("outputs.template", file=look.template, error=error) from error


def report_names(content: ReportContent, look: ReportLook, messages: Messages) -> Mapping[str, Any]:
    """Return what PDF and triage page both say, by the names that templates use."""
    summary = content.summary
    point = summary.scale.operating_point
    ppv, npv = summary.predictive_values
    bands = band_totals(summary)
    populations = summary.populations
    thresholds = {each.population: printed(each.operating_point.threshold) for each in summary.scales.each}
    return {
        "title": look.title or messages.say("title"),
        "site": look.site,
        "logo": logo_uri(look.logo) if look.logo else "",
        "content": content,
        "summary": summary,
        "totals": summary.totals,
        "populations": populations,
        "thresholds": thresholds,
        "limits": {each.population: each.limits for each in summary.scales.each},
        "flagged_from": _flagged_from([each.scale for each in populations], messages),
        "point": point,
        "threshold": printed(point.threshold),
        "validated": all(each.scale.operating_point.validated for each in populations),
        "prevalence": summary.scale.prevalence,
        "validated_population": "; ".join(messages.words(each.validated_on) for each in summary.scales.each),
        "intended_use": messages.words(summary.intended_use),
        "ppv": ppv,
        "npv": npv,
        "bars": population_bars(summary, messages),
        "unseen": unseen_words(summary, messages),
        "since": since_words(summary, messages),
        "bands": bands,
        "groups": {band.name: band for band in bands},
        "year": summary.started.year,
        "agreement": content.agreement,
        "ticks": axis_ticks(),
        "full_odds": FULL_ODDS,
    }


def _flagged_from(scales: Iterable[Scale], messages: Messages) -> str:
    """Return from which probability on studies of each population are flagged."""
    figures = Figures(messages)
    return ", ".join(
        messages.plain(
            "figures.population",
            threshold=figures.threshold(printed(each.operating_point.threshold)),
            population=population_name(messages, each.population),
        )
        for each in scales
    )


def messages_of(look: ReportLook, language: str | None = None) -> Messages:
    """Return the words of reports; language: another than theirs, as of a terminal or a log."""
    return load_messages(template_folders(look), language or look.language)


def plain_run_words(summary: RunSummary, look: ReportLook, language: str | None = None) -> RunWords:
    """Return what run_words says, for a terminal, a log or a mail; language: None for that of the reports."""
    return run_words(summary, messages_of(look, language))


def _code_points(characters: str) -> str:
    named = ", ".join(f"U+{ord(each):04X}" for each in characters[:_CODE_POINTS])
    return named + (", …" if len(characters) > _CODE_POINTS else "")


def _axis(probability: float) -> float:
    """Return where a probability lies on the stretched axis, 0..100."""
    return 100 * (axis_logit(probability) + AXIS) / (2 * AXIS)


def _jpeg_uri(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")
