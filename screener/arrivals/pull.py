"""Pulling images out of an archive: what it has of the last days, less what is here already."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from screener.archives.instances import InstanceReference
from screener.archives.words import ArchiveAnswerError, ArchiveAwayError, ArchiveError
from screener.arrivals.hours import Hours
from screener.arrivals.inbox import Inbox, open_inbox
from screener.arrivals.sources import Connection, Source
from screener.errors import ExitCode, UsageError
from screener.ledger import Ledger
from screener.said import Said, say

MOST_FAULTS = 5  # bad answers in a row, after which the archive is left alone
MODALITIES = ("CR", "DX")

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOptions:
    """Everything that 'screener pull' can vary."""

    source: Source
    inbox: Path
    since_days: int = 3
    modalities: tuple[str, ...] = MODALITIES
    ledger: Path | None = None
    workers: int = 2
    hours: Hours = field(default_factory=Hours)

    def __post_init__(self) -> None:
        if self.since_days < 0:
            raise UsageError("arrivals.since_days_range", days=self.since_days)
        if not 1 <= self.workers <= 8:
            raise UsageError("arrivals.workers_range", workers=self.workers)
        if not self.modalities or not all(each.isalnum() and each.isupper() for each in self.modalities):
            raise UsageError("arrivals.modalities")


@dataclass(frozen=True, slots=True)
class Missed:
    """An image that was not had, or a study that could not be listed, which has no sop_uid.

    name: what messages call it. The UIDs, by which the archive knows it, are for no log.
    """

    name: Said
    why: Said
    study_uid: str = field(repr=False)
    sop_uid: str = field(default="", repr=False)


@dataclass(slots=True)
class Pulled:
    """What a pull came to.

    known: images that were here before. left: images not reached. incomplete: the archive said that its lists
    are not whole. stopped: why the pull ended early, else None.
    """

    studies: int = 0
    known: int = 0
    images: int = 0
    size: int = 0
    missed: list[Missed] = field(default_factory=list)
    left: int = 0
    incomplete: bool = False
    stopped: Said | None = None
    seconds: float = 0.0

    @property
    def exit_code(self) -> ExitCode:
        if self.stopped:
            return ExitCode.INTERRUPTED
        return ExitCode.SOME_FAILED if self.missed or self.incomplete else ExitCode.DONE


class PullWatcher(Protocol):
    """Is told how a pull goes; no name that it is told identifies a patient."""

    def begin(self, images: int, known: int) -> None: ...

    def image(self, size: int) -> None: ...

    def missed(self, missed: Missed) -> None: ...


def study_name(study_uid: str) -> Said:
    """Return what messages call a study: no UID is ever in them."""
    return say("arrivals.study", digest=hashlib.sha256(study_uid.encode()).hexdigest()[:12])


def pull(options: PullOptions, watcher: PullWatcher) -> Pulled:
    """Bring into the inbox what the archive has and nobody here knows; one bad answer affects no other.

    Raises:
        ArchiveRefusedError: The archive refuses this machine, account or address.
        ArchiveAwayError: It cannot be reached; of one that goes away later, Pulled tells.
        OutputError: The inbox cannot be written.
        LedgerHeldError: Another pull fills the inbox, or another run holds the ledger.
    """
    began = time.monotonic()
    with open_inbox(options.inbox, "pull") as inbox:
        work = _Pull(options, inbox, watcher)
        try:
            work.run()
        finally:
            work.close()
    work.done.seconds = time.monotonic() - began
    return work.done


class _Pull:
    """One pull; its threads share what was done, and a sign to stop."""

    def __init__(self, options: PullOptions, inbox: Inbox, watcher: PullWatcher) -> None:
        self._options, self._inbox, self._watcher = options, inbox, watcher
        self._own = threading.local()
        self._archives: list[Connection] = []
        self._stop = threading.Event()
        self._faults = 0
        self.done = Pulled()

    def run(self) -> None:
        if not self._options.hours.hold(datetime.now()):
            self.done.stopped = say("arrivals.outside_hours")
            return
        with ThreadPoolExecutor(self._options.workers) as pool:
            try:
                images = self._listed(pool, self._studies())
                wanted = self._unknown(images)
                self.done.known = len(images) - len(wanted)
                self._watcher.begin(len(wanted), self.done.known)
                self._fetch_all(pool, wanted)
            except KeyboardInterrupt:
                self._stop.set()
                self.done.stopped = say("arrivals.interrupted")
            except BaseException:
                self._stop.set()
                raise
        self.done.incomplete = any(each.incomplete for each in self._archives)

    def close(self) -> None:
        for each in self._archives:
            each.close()

    def _archive(self) -> Connection:
        """Return the archive as this thread asks it."""
        if not hasattr(self._own, "archive"):
            self._own.archive = self._options.source.connect()
            self._archives.append(self._own.archive)
        archive: Connection = self._own.archive
        return archive

    def _studies(self) -> list[str]:
        since = date.today() - timedelta(days=self._options.since_days)
        found = (self._archive().studies(each, since) for each in self._options.modalities)
        studies = list(dict.fromkeys(uid for of_one in found for uid in of_one))
        self.done.studies = len(studies)
        return studies

    def _listed(self, pool: ThreadPoolExecutor, studies: list[str]) -> list[InstanceReference]:
        images: dict[str, InstanceReference] = {}

        def images_of(study: str) -> list[InstanceReference]:
            return list(self._archive().images(study, self._options.modalities))

        for study, outcome in self._each(pool, images_of, studies):
            if isinstance(outcome, ArchiveError):
                self._miss(outcome, study_name(study), study)
            else:
                images |= {each.sop_uid: each for each in outcome}
        return list(images.values())

    def _unknown(self, images: list[InstanceReference]) -> list[InstanceReference]:
        here = [each for each in images if not self._inbox.has(each.sop_uid)]
        if self._options.ledger is None or not self._options.ledger.exists():
            return here
        with Ledger(self._options.ledger, create=False) as ledger:
            return [each for each in here if not ledger.knows_instance(each.sop_uid)]

    def _fetch_all(self, pool: ThreadPoolExecutor, images: list[InstanceReference]) -> None:
        for image, outcome in self._each(pool, self._fetch, images):
            if isinstance(outcome, ArchiveError):
                name = Said(self._inbox.name_of(image.sop_uid))
                self._miss(outcome, name, image.study_uid, image.sop_uid)
            else:
                self._faults = 0
                self.done.images += 1
                self.done.size += outcome
                self._watcher.image(outcome)
        self.done.left = len(images) - self.done.images - sum(1 for each in self.done.missed if each.sop_uid)

    def _fetch(self, image: InstanceReference) -> int:
        return self._archive().bring(image, self._inbox, self._stop.is_set)

    def _each(
        self, pool: ThreadPoolExecutor, work: Callable[[_T], _R], items: Iterable[_T]
    ) -> Iterator[tuple[_T, _R | ArchiveError]]:
        """Yield what became of each item, as it is done, until the archive goes away or the hours end."""
        source = iter(items)
        running: dict[Future[_R], _T] = {}
        while not self.done.stopped or running:
            room = 0 if self.done.stopped else 2 * self._options.workers - len(running)
            running |= {pool.submit(work, each): each for each in islice(source, room)}
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                item = running.pop(future)
                try:
                    yield item, future.result()
                except ArchiveAwayError as error:
                    self.done.stopped = self.done.stopped or error.said
                    yield item, error
                except ArchiveAnswerError as error:
                    yield item, error
            if not self._options.hours.hold(datetime.now()):
                self.done.stopped = self.done.stopped or say("arrivals.hours_over")

    def _miss(self, error: ArchiveError, name: Said, study_uid: str, sop_uid: str = "") -> None:
        if isinstance(error, ArchiveAwayError):
            return  # told once, as what stopped the pull
        missed = Missed(name, error.said, study_uid, sop_uid)
        self.done.missed.append(missed)
        self._watcher.missed(missed)
        self._faults += 1
        if self._faults >= MOST_FAULTS:
            self.done.stopped = self.done.stopped or say("arrivals.bad_answers", number=MOST_FAULTS)
