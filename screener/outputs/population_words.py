"""What every output says first where a run's patients differ from those the model was validated on."""

from collections.abc import Iterator

from markupsafe import Markup

from screener.outputs.figures import Figures
from screener.outputs.messages import Messages
from screener.run_summary import RunSummary
from screener.totals import PopulationRun

_EXACT = 100  # studies: an expectation of more is told to two significant digits


def population_bars(summary: RunSummary, messages: Messages) -> tuple[Markup, ...]:
    """Return the sentences, none for most runs: a point in doubt, too many or too few flagged, other ages.

    Where a run met several populations, each sentence says of which it speaks.

    Raises:
        UsageError: As Messages.say.
    """
    met = summary.populations
    several = len(summary.scales.each) > 1
    bars = [bar for each in met for bar in _doubted(each, messages)]
    differing = [bar for each in met for bar in _differing(each, messages, several)]
    check = summary.population_check
    if not differing and check.holds is False and check.expected_flagged is not None:
        values = {"flagged": check.observed_flagged, "all": check.screened}
        expected = _about(check.expected_flagged)
        differing.append(messages.say("population.differs", **values, expected=expected))
    return (*bars, *differing, *_ages(summary, messages, several))


def population_name(messages: Messages, name: str) -> str:
    """Return a population's name as people read it; its own where the catalogue has no other."""
    text = messages.texts.get(f"populations.{name}", name)
    return text if isinstance(text, str) else name


def _doubted(run: PopulationRun, messages: Messages) -> Iterator[Markup]:
    point = run.scale.operating_point
    if point.doubt is not None:
        threshold = Figures(messages).probability(point.threshold)
        yield messages.say(f"meaning.{point.doubt}", name=point.name, threshold=threshold)


def _differing(run: PopulationRun, messages: Messages, several: bool) -> Iterator[Markup]:
    check = run.check
    if check.holds is not False or check.expected_flagged is None:
        return
    yield messages.say(
        "population.differs_of" if several else "population.differs",
        population=population_name(messages, run.scale.population),
        flagged=check.observed_flagged,
        all=check.screened,
        expected=_about(check.expected_flagged),
    )


def _ages(summary: RunSummary, messages: Messages, several: bool) -> Iterator[Markup]:
    totals = summary.totals
    validated = [each.ages for each in summary.scales.each if each.ages]
    if not validated or not totals.other_ages:
        return
    if not totals.ages_unknown:
        key = "other_ages"
    elif totals.ages_unknown < totals.ages_differ:
        key = "ages"
    else:
        key = "no_ages_read_as" if several else "no_ages"
    yield messages.say(
        f"population.{key}",
        count=totals.ages_differ,
        all=totals.studies_screened,
        unknown=totals.ages_unknown,
        ages=messages.plain("figures.and").join(
            messages.plain("figures.ages", youngest=youngest, oldest=oldest) for youngest, oldest in validated
        ),
        population=population_name(messages, summary.scales.default),
    )


def _about(expected: float) -> int:
    """Return an expectation as people would say it: 180 for 178.6."""
    return round(expected) if expected < _EXACT else int(float(f"{expected:.2g}"))
