"""screener pull: images out of an archive into the inbox, and what came of it."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.markup import escape
from rich.progress import Progress, TaskID

from screener.archives.address import WebAddress
from screener.archives.credentials import Credentials
from screener.archives.dimse.entity import Peer, Tls, ae_title
from screener.archives.dimse.scp import Listening
from screener.archives.http import Access
from screener.arrivals.pull import Missed, Pulled, PullOptions
from screener.arrivals.pull import pull as bring
from screener.arrivals.receive import ReceiveOptions, receiving
from screener.arrivals.sources import MoveSource, Source, WebSource
from screener.commands.console import Paced, log, make_progress, progress_console, results, shown
from screener.commands.console_language import here, told
from screener.commands.ending import terminable
from screener.errors import ExitCode, UsageError
from screener.outputs.atomic import check_writable, text_written_whole
from screener.said import Said, say


def source_of(
    url: str, credentials: Path | None, ca: Path | None, aet: str, tls: Tls | None = None
) -> Source:
    """Return the archive that a command line names; raises UsageError."""
    if url.startswith("dicom://"):
        return MoveSource(Peer.of(url), ae_title("--aet", aet), tls)
    if tls is not None:
        raise UsageError("archives.tls_dicom_only")
    return WebSource(Access(WebAddress.of(url), Credentials.found(credentials), ca))


def pull(options: PullOptions, missed_csv: Path | None, port: int | None = None) -> ExitCode:
    """Run one pull and say what it came to.

    missed_csv: where to list what was not had, by its UIDs. port: where images are received that an archive
    sends by C-MOVE; None where that is another's work.
    """
    if missed_csv is not None:
        check_writable(missed_csv)
    console = progress_console()
    with terminable(), _receiving(options, port):
        if console.is_terminal:
            progress = make_progress(console)
            with shown(progress):
                pulled = bring(options, _PullProgress(progress))
        else:
            pulled = bring(options, _InLog())
    if missed_csv is not None:
        _list_missed(missed_csv, pulled)
    for line in in_words(pulled):
        results().print(escape(line), soft_wrap=True)
    return pulled.exit_code


@contextmanager
def _receiving(options: PullOptions, port: int | None) -> Iterator[None]:
    """Receive into the inbox while the block runs, where an archive sends and a port is given."""
    if port is None or not isinstance(options.source, MoveSource):
        yield
        return
    source = options.source
    listening = Listening(aet=source.aet, port=port, parts=options.inbox, tls=source.tls, faults_only=True)
    with receiving(ReceiveOptions(inbox=options.inbox, listening=listening), log):
        yield


def in_words(pulled: Pulled) -> list[str]:
    """Return what a pull came to, a sentence each."""
    lines = [_told_of(pulled)]
    if pulled.incomplete:
        lines.append(told("arrivals.incomplete"))
    if pulled.stopped:
        left = say("arrivals.images", count=pulled.left)
        lines.append(told("arrivals.stopped", images=left, why=pulled.stopped))
        lines.append(told("arrivals.kept"))
    return lines


def _told_of(pulled: Pulled) -> str:
    values = {
        "images": say("arrivals.images", count=pulled.images),
        "megabytes": pulled.size / 1e6,
        "seconds": pulled.seconds,
        "known": pulled.known,
        "missed": len(pulled.missed),
        "studies": say("arrivals.studies", count=pulled.studies),
    }
    if pulled.images and pulled.seconds:
        return told("arrivals.pulled_at", rate=pulled.images / pulled.seconds, **values)
    return told("arrivals.pulled", **values)


def _list_missed(path: Path, pulled: Pulled) -> None:
    with text_written_whole(path) as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("name", "study_instance_uid", "sop_instance_uid", "why"))
        for each in pulled.missed:
            rows.writerow((each.name, each.study_uid, each.sop_uid, _one_line(each.why)))


class _PullProgress:
    """A bar with rate and time to go, and a line for each image that was not had."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, images: int, known: int) -> None:
        self._task = self._progress.add_task(told("arrivals.pulling"), total=images, note="")

    def image(self, size: int) -> None:
        if self._task is not None:
            self._progress.update(self._task, advance=1)

    def missed(self, missed: Missed) -> None:
        not_had = told("arrivals.not_had")
        line = " ".join(f"{here(missed.name)}: {here(missed.why)}".split())
        self._progress.console.print(f"[red]{not_had}[/] {escape(line)}")


class _InLog:
    """A line now and then, and one for each image that was not had: what cron mails."""

    def __init__(self) -> None:
        self._paced = Paced()
        self._images = self._done = 0

    def begin(self, images: int, known: int) -> None:
        self._images = images
        log.event(f"{images} images to pull, {known} known already")

    def image(self, size: int) -> None:
        self._done += 1
        if self._paced.due():
            log.event(f"{self._done} of {self._images} images pulled")

    def missed(self, missed: Missed) -> None:
        log.event(f"not had: {missed.name}: {_one_line(missed.why)}")


def _one_line(said: Said) -> str:
    """Return a sentence in English, as a file or a log has it."""
    return " ".join(str(said).split())
