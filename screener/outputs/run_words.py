"""What every output says of a run besides its figures: what was not looked at, and what came before.

The words are those of the catalogue's sections `unseen` and `since`: plain text, on the page as in a mail.
"""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from screener.outputs.figures import Figures
from screener.outputs.messages import Messages
from screener.outputs.population_words import population_bars
from screener.run_summary import RunSummary


@dataclass(frozen=True, slots=True)
class RunWords:
    """Sentences, plain text.

    population: of patients whom the model was not validated on. unseen: what was not looked at, and why.
    since: what the run has to do with those before it.
    """

    population: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    since: tuple[str, ...] = ()


NO_WORDS = RunWords()


def run_words(summary: RunSummary, messages: Messages) -> RunWords:
    """Return what to say of a run; raises as Messages.say does."""
    return RunWords(
        *(
            tuple(sentence.unescape() for sentence in sentences)
            for sentences in (
                population_bars(summary, messages),
                unseen_words(summary, messages),
                since_words(summary, messages),
            )
        )
    )


def unseen_words(summary: RunSummary, messages: Messages) -> tuple[Markup, ...]:
    """Return what nobody's software has looked at, and why; nothing of images that are of another kind."""
    totals = summary.totals
    said = []
    if not summary.complete:
        said.append(_not_reached(summary, messages))
    for key, count in (
        ("failed", max(0, totals.failures_new - totals.folders_unreadable)),
        ("folders", totals.folders_unreadable),
        ("refused", totals.refusals_new),
        ("unsettled", totals.files_unsettled),
        ("archives", totals.archives_ignored),
        ("failed_known", totals.failures_known),
        ("refused_known", totals.refusals_known),
    ):
        if count:
            said.append(messages.say(f"unseen.{key}", count=count))
    return tuple(said)


def _not_reached(summary: RunSummary, messages: Messages) -> Markup:
    missing = summary.files_not_reached
    if missing is None:
        return messages.say("unseen.unknown")
    if not missing:
        return messages.say("unseen.reached")
    return messages.say("unseen.not_reached", count=missing, all=summary.files_found)


def since_words(summary: RunSummary, messages: Messages) -> tuple[Markup, ...]:
    """Return what tells a run from those before it in its ledger; nothing without any."""
    totals, since = summary.totals, summary.since
    said = []
    if totals.files_known:
        counts = {"known": totals.files_known, "new": totals.files_new}
        if totals.files_unsettled:
            young = {"all": totals.files_seen, "young": totals.files_unsettled}
            said.append(messages.say("since.known_and_young", **counts, **young))
        else:
            said.append(messages.say("since.known", count=totals.files_seen, **counts))
    if since.studies_again:
        said.append(messages.say("since.again", count=since.studies_again))
    if since.images_gone:
        said.append(messages.say("since.gone", count=since.images_gone))
    if since.not_ended:
        began = datetime.fromisoformat(since.not_ended).replace(tzinfo=None)
        key = "since.interrupted" if since.interrupted else "since.not_ended"
        said.append(messages.say(key, moment=Figures(messages).moment(began)))
    return tuple(said)
