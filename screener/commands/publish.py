"""screener publish: a ledger's results into an archive, or into a folder from which they are sent."""

from collections.abc import Iterator

from rich.markup import escape

from screener.commands.console import log, progress_console, results
from screener.commands.console_language import told
from screener.errors import ExitCode, ScreenerError
from screener.ledger import Ledger
from screener.options.publish import PublishOptions
from screener.publishing.publish import publish as send
from screener.publishing.session import PublishOutcome, Refused
from screener.publishing.targets import opened
from screener.said import say

_SHOWN_REFUSALS = 50


def publish(options: PublishOptions) -> ExitCode:
    """Publish, print what became of it; some failed where a study was refused."""
    done = PublishOutcome()
    try:
        with Ledger(options.ledger, say=log, create=False) as ledger, opened(options) as target:
            send(options, ledger, target, done, log)
    except ScreenerError:
        if done.studies:  # what was done before the archive went away
            _tell(done, options)
        raise
    _tell(done, options)
    return ExitCode.SOME_FAILED if done.refused else ExitCode.DONE


def _tell(done: PublishOutcome, options: PublishOptions) -> None:
    for line in _lines(done, options):
        results().print(escape(line), soft_wrap=True)
    faults = progress_console()
    for line in _refusals(done.refused):
        faults.print(escape(line), soft_wrap=True)


def _lines(done: PublishOutcome, options: PublishOptions) -> Iterator[str]:
    """Yield what became of the studies."""
    objects = ", ".join(f"{count} {kind}" for kind, count in done.stored.items())
    key = "publish.would_send" if options.dry_run else "publish.sent"
    yield told(
        key,
        count=done.studies,
        objects=objects or say("publish.nothing"),
        known=done.known,
        refused=len(done.refused),
    )
    for name in ("without_uid", "of_another_kind", "unscreened"):
        if number := getattr(done.left, name):
            yield told(f"publish.{name}", number=number)


def _refusals(refused: list[Refused]) -> Iterator[str]:
    for each in refused[:_SHOWN_REFUSALS]:
        yield told("publish.refused", file=each.file, why=each.why)
    if len(refused) > _SHOWN_REFUSALS:
        yield told("publish.more_refused", number=len(refused) - _SHOWN_REFUSALS)
