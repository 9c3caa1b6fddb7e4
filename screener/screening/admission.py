"""What becomes of a found file before any worker sees it: known, unsettled, an outcome, or to be screened."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from screener.domain import Cause, Finding, Ignored, ImageFile, NotScreened, ObjectFile, Outcome, Screenable
from screener.intake import FoundFile, ahead, judge
from screener.ledger import NO_STAMP, TRANSIENT, Ledger, Stamp
from screener.locations import Location, ObjectUrl
from screener.reasons import Reason, ReasonCode
from screener.said import Said, say

AWAY_IN_A_ROW = 50  # objects that a store did not give; then it is not asked for the rest of a million
TOGETHER = 500  # outcomes committed at once; those of workers are committed as they come


class Admission:
    """Passes on what must be screened; everything else it records.

    settle: seconds; younger files are still being copied. report: called for each outcome, and with None
    for one that an earlier run knew, or another shard has. takes: whether an outcome is this run's to report.
    """

    def __init__(
        self,
        ledger: Ledger,
        settle: float,
        report: Callable[[Outcome | None], None],
        takes: Callable[[NotScreened | Ignored], bool] = lambda outcome: True,
    ) -> None:
        self._takes = takes
        self._ledger = ledger
        self._settle = settle
        self._report = report
        self._stamps: dict[Location, Stamp] = {}  # of the files in hand
        self._waiting: list[Outcome] = []
        self._left: dict[Location, Stamp] = {}  # to another shard, not yet committed
        self._away = 0  # objects in a row that no store gave

    def to_screen(
        self, found: Iterable[FoundFile], stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[Screenable]:
        """Yield the images that no earlier run has screened as they are now; stopped: as in `ahead`."""
        for _, seen in ahead(judge, self._unknown(found), stopped):
            if isinstance(seen, ImageFile | ObjectFile):
                yield seen
            else:
                self._keep(seen)

    def _unknown(self, found: Iterable[FoundFile]) -> Iterator[FoundFile]:
        """Yield the files that must be looked at."""
        for each in found:
            stamp = _stamp(each)
            if _unsettled(stamp, self._settle):
                self._keep(Ignored(each.name, each.path, unsettled=True))
            elif (
                stamp is not NO_STAMP and not each.hidden and self._ledger.reuse(each.name, each.path, stamp)
            ):
                self._report(None)
            else:
                self._stamps[each.path] = stamp
                yield each

    def record(self, outcomes: Iterable[Outcome]) -> None:
        """Commit what workers found."""
        outcomes = [self._unless_own(outcome) for outcome in outcomes]
        for outcome in outcomes:
            self._count_away(outcome)
        self._commit(outcomes)

    @property
    def store_is_away(self) -> bool:
        """Whether it is no use to look for more images."""
        return self._away >= AWAY_IN_A_ROW

    def leave(self, image: Screenable) -> None:
        """Leave an image to another shard, whose header need not be read again while it stays as it is."""
        self._left[image.path] = self._stamps.pop(image.path)
        if len(self._left) >= TOGETHER:
            self.flush()
        self._report(None)

    def flush(self) -> None:
        """Commit what has been put off."""
        waiting, self._waiting = self._waiting, []
        left, self._left = self._left, {}
        if waiting:
            self._commit(waiting)
        self._ledger.leave({path: stamp for path, stamp in left.items() if stamp is not NO_STAMP})

    def _keep(self, outcome: NotScreened | Ignored) -> None:
        if not self._takes(outcome):
            self._stamps.pop(outcome.path, None)
            self._report(None)
            return
        self._waiting.append(outcome)
        if len(self._waiting) >= TOGETHER:
            self.flush()

    def _commit(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, NotScreened) and outcome.transient:
                self._stamps[outcome.path] = TRANSIENT
        self._ledger.record(outcomes, self._stamps)
        for outcome in outcomes:
            self._stamps.pop(outcome.path, None)
            self._report(outcome)

    def _unless_own(self, outcome: Outcome) -> Outcome:
        """Return an outcome, or the refusal of a picture that was published from this ledger.

        Its marks may be gone, where another program wrote it anew.
        """
        if isinstance(outcome, Finding) and self._ledger.published.is_own(
            outcome.identifiers.sop_instance_uid
        ):
            return NotScreened(
                outcome.file,
                outcome.path,
                Cause.INELIGIBLE,
                Reason.of(ReasonCode.OWN_RESULT),
                outcome.identifiers,
                content_digest=outcome.content_digest,
            )
        return outcome

    def _count_away(self, outcome: Outcome) -> None:
        if self.store_is_away or not isinstance(outcome.path, ObjectUrl):
            return
        away = isinstance(outcome, NotScreened) and outcome.reason.code is ReasonCode.STORE_OUT_OF_REACH
        self._away = self._away + 1 if away else 0


def _stamp(found: FoundFile) -> Stamp:
    if found.size is None or found.mtime_ns is None:
        return NO_STAMP
    return Stamp(found.size, found.mtime_ns, found.ctime_ns)


class Forecast:
    """Counts, before a run, what the sieve will pass on and what earlier runs know; opens no file."""

    def __init__(self, ledger: Ledger, settle: float) -> None:
        self._ledger, self._settle = ledger, settle
        self.files = self._known = self._young = self._hidden = 0

    def counts(self, found: FoundFile) -> int:
        """Count a file; return 1."""
        stamp = _stamp(found)
        self.files += 1
        if _unsettled(stamp, self._settle):
            self._young += 1
        elif found.hidden:
            self._hidden += 1
        elif stamp is not NO_STAMP:
            self._known += self._ledger.knows(found.path, stamp)
        return 1

    def lines(self) -> Iterator[Said]:
        """Yield what to say of it."""
        if self._ledger.before.model_changed():
            yield say("scan.other_model")
        rest = self.files - self._known - self._young - self._hidden
        young = say("scan.forecast_young", young=self._young) if self._young else ""
        hidden = say("scan.forecast_hidden", hidden=self._hidden) if self._hidden else ""
        counts = {"files": self.files, "known": self._known, "rest": rest}
        yield say("scan.forecast", **counts, young=young, hidden=hidden)


def _unsettled(stamp: Stamp, settle: float) -> bool:
    """Return whether a file changed so lately, by a clock that may run ahead, that it may still grow."""
    return stamp is not NO_STAMP and abs(time.time() - stamp.mtime_ns / 1e9) < settle
