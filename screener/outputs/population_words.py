"""What every output says first where a run's patients differ from those the model was validated on."""

from markupsafe import Markup

from screener.outputs.messages import Messages
from screener.scale import probability_text
from screener.worklist import RunSummary, Totals

_EXACT = 100  # studies: an expectation of more is told to two significant digits


def population_bars(summary: RunSummary, messages: Messages) -> tuple[Markup, ...]:
    """Return the sentences, none for most runs: a point in doubt, too many or too few flagged, other ages.

    Raises:
        UsageError: As Messages.say.
    """
    totals, check = summary.totals, summary.population_check
    point = summary.scale.operating_point
    bars: list[Markup] = []
    if point.doubt is not None:
        threshold = probability_text(point.threshold)
        bars.append(messages.say(f"meaning.{point.doubt}", name=point.name, threshold=threshold))
    if check.holds is False and check.expected_flagged is not None:
        values = {"flagged": check.observed_flagged, "all": check.screened}
        bars.append(messages.say("population.differs", **values, expected=_about(check.expected_flagged)))
    if summary.validated_ages and totals.other_ages:
        youngest, oldest = summary.validated_ages
        bars.append(
            messages.say(
                f"population.{_ages_key(totals)}",
                count=totals.ages_differ,
                all=totals.studies_screened,
                unknown=totals.ages_unknown,
                youngest=youngest,
                oldest=oldest,
            )
        )
    return tuple(bars)


def _ages_key(totals: Totals) -> str:
    if not totals.ages_unknown:
        return "other_ages"
    return "no_ages" if totals.ages_unknown == totals.ages_differ else "ages"


def _about(expected: float) -> int:
    """Return an expectation as people would say it: 180 for 178.6."""
    return round(expected) if expected < _EXACT else int(float(f"{expected:.2g}"))
