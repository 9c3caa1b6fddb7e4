"""The journal of a run: every outcome as it happens, and the worklist as a query over them.

On disk it is the memory from night to night too: what an unchanged file gave is not worked out again.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from screener.domain import Finding, Ignored, NotScreened, Outcome
from screener.ledger import schema as sql
from screener.ledger.audit import Audit, Deed
from screener.ledger.before import Before
from screener.ledger.connect import open_ledger, open_private
from screener.ledger.entries import NO_STAMP, Order, Run, Stamp, Undecided
from screener.ledger.known_files import KnownFiles
from screener.ledger.patients import Patients
from screener.ledger.published import Published
from screener.ledger.result_key import ResultKey, number_of
from screener.ledger.reviews import Reviews
from screener.ledger.rows import as_row, facts_cells, from_row
from screener.ledger.transaction import Transaction, unusable
from screener.locations import Location, stored_location
from screener.said import Spoken

T = TypeVar("T")

MARKED_TOGETHER = 10_000  # results: all of a million at once took 0.6 GB on the disk beside the ledger


def _of_screened(function: Callable[[float, str], float]) -> Callable[[float | None, str], float | None]:
    """Return a function of logit and age as SQL calls it: what was not screened has no logit."""
    return lambda logit, age: None if logit is None else function(logit, age)


class Ledger:
    """One run's outcomes in SQLite: memory does not grow with the number of files.

    Every query tells of one run: the one at hand, or one that show() names. Without a path it is unnamed,
    and gone with the run, even one that is killed. With a path every batch is committed as it comes: a
    killed run, started again, finds there what it had done. reviews: what readers made of all its reports.
    published: what was sent of it to archives, and their answers.
    before: what the run that is reported has to do with those before it.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        key: ResultKey | None = None,
        decoders: str = "",
        say: Callable[[Spoken], None] = lambda message: None,
        mask: Callable[[str, str], str] = lambda kind, name: name,
        create: bool = True,
    ) -> None:
        """Open a ledger; raises as open_ledger does.

        key: what a result depends on besides its file; None to read only. decoders: what a failure depends on
        besides. mask: from "file" or "study" and its name to the name that is shown,
        which decides between equals.
        """
        self._path = path
        self._database = open_ledger(path, say, create) if path else open_private()
        self._database.create_function("mask", 2, mask, deterministic=True)
        with self._writing():
            number = number_of(self._database, key)
        self._key = {"key": number, "decoders": decoders}
        self._audit = Audit(self._database)
        self.reviews = Reviews(self._database, path, self._audit)
        self.published = Published(self._database, path, self._audit)
        self._known_files = KnownFiles(self._database, path)
        self.before = Before(self._rows, number)
        self._before = 0  # the last result that an earlier run left
        self.show(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def begin(self, started: datetime, model: str = "") -> None:
        """Start a run: nothing is seen yet. model: its name and version, for the audit journal."""
        with self._writing():
            self._database.execute(sql.FORGET_UNSETTLED)
            self._database.execute(sql.FORGET_LISTED_FAILURES)
            [[self._before]] = self._database.execute("SELECT coalesce(max(id), 0) FROM results")
            [run] = self._database.execute(
                "INSERT INTO runs (started, key) VALUES (?, ?) RETURNING id",
                (started.isoformat(timespec="seconds"), self._key["key"]),
            ).fetchone()
            if self._path:
                self._audit.add(
                    Deed.RUN_BEGAN, started, run=run, model=model, screener=version("cxr-screener")
                )
        self.show(run)

    def runs(self) -> list[Run]:
        """Return all runs, the first one first."""
        rows = self._rows("SELECT id, started, complete, coalesce(summary, '') FROM runs ORDER BY id")
        return [Run(number, started, bool(complete), summary) for number, started, complete, summary in rows]

    def show(self, run: int) -> None:
        """Tell of this run from now on."""
        self._run = run
        self._database.executescript(sql.shown_run(run))
        self.patients = Patients(self._database, self._path, run)

    def reuse(self, file: str, path: Location, stamp: Stamp) -> bool:
        """Return whether an unchanged, or moved, file is known, and count it as seen with what it gave.

        One that was left to another shard is known, and not seen.

        Raises:
            OutputError: The disk is full, or the ledger damaged.
        """
        row = self._known_files.find(path, self._place(path, stamp), self._before)
        if row is None:
            return False
        if row[1] != sql.ELSEWHERE:
            with self._writing():
                self._see(file, row[0])
        return True

    def knows(self, path: Location, stamp: Stamp) -> bool:
        """Return whether a file is known and has not been touched since; nothing is counted as seen."""
        known = self._database.execute(sql.KNOWN, self._place(path, stamp)).fetchone()
        return known is not None and (stamp.ctime_ns is None or known[2] in (None, stamp.ctime_ns))

    def knows_instance(self, sop_uid: str) -> bool:
        """Return whether an image of this SOP Instance UID was ever seen, or is a published result."""
        query = "SELECT 1 FROM results WHERE sop_instance_uid = :uid LIMIT 1"
        return any(self._rows(query, {"uid": sop_uid})) or self.published.is_own(sop_uid)

    def record(self, outcomes: Iterable[Outcome], stamps: Mapping[Location, Stamp] | None = None) -> None:
        """Commit outcomes; stamps: of their files, taken before they were read.

        Raises:
            OutputError: The disk is full, or the ledger damaged.
        """
        with self._writing():
            for outcome in outcomes:
                stamp = (stamps or {}).get(outcome.path, NO_STAMP)
                self._see(outcome.file, self._keep_result(outcome, self._place(outcome.path, stamp)))

    def leave(self, stamps: Mapping[Location, Stamp]) -> None:
        """Remember files, as they are now, as another shard's; raises as record does."""
        with self._writing():
            for path, stamp in stamps.items():
                self._keep_result(Ignored("", path), self._place(path, stamp), sql.ELSEWHERE)

    def keep(self, summary: str) -> None:
        """Keep what the run says of itself, so that its report can be written again."""
        with self._writing():
            self._database.execute("UPDATE runs SET summary = ? WHERE id = ?", (summary, self._run))

    def finish(
        self,
        finished: datetime,
        complete: bool,
        files: int,
        *,
        listed: bool = True,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """End a run; the images of a complete one have now been in a report, unless none was made of it.

        details: of the run's end, for the audit journal; no identifiers.
        """
        if complete and listed:
            self._mark_listed()
        with self._writing():
            self._database.execute(
                "UPDATE runs SET finished = ?, complete = ?, files = ? WHERE id = ?",
                (finished.isoformat(timespec="seconds"), int(complete), files, self._run),
            )
            if self._path:
                ended = {"run": self._run, "complete": complete, "files": files, **(details or {})}
                self._audit.add(Deed.RUN_ENDED, finished, **ended)

    def analysed(self) -> Mapping[str, str]:
        """Return of each study that the shown run saw when the run began that first gave its last result.

        By Study Instance UID; times in ISO 8601.
        """
        return dict(self._rows(sql.ANALYSED))

    def undecided(self, stream: str) -> list[Undecided]:
        """Return the images of this run that may be copies of another, which their digests do not tell.

        stream: what the digest of an image begins with that was read smaller than it is.
        """
        rows = self._rows(sql.UNDECIDED, {"stream": stream})
        return [Undecided(result, file, stored_location(path), digest) for result, file, path, digest in rows]

    def decide(self, digests: Mapping[int, str]) -> None:
        """Give results the digests of their pixels at full resolution; raises as record does."""
        with self._writing():
            for result, digest in digests.items():
                self._database.execute(sql.DECIDE, {"result": result, "digest": digest})

    def size(self) -> int:
        """Return how many files are known, from this run and earlier ones."""
        [[count]] = self._database.execute(
            "SELECT count(*) FROM results WHERE current AND outcome <> ?", (sql.ELSEWHERE,)
        )
        return int(count)

    def ask(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a function reads from the whole ledger; raises as record does."""
        try:
            return read(self._database)
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error

    def counts(self) -> dict[str, int]:
        """Return how many files ended as 'screened', 'ineligible', 'failed', 'ignored' and 'unsettled'."""
        return dict(self._rows("SELECT outcome, count(*) FROM outcomes GROUP BY outcome"))

    def pictures_refused(self) -> int:
        """Return how many images were refused by their picture, having no tag that says chest."""
        [[count]] = self._rows("SELECT count(*) FROM outcomes WHERE picture_refused")
        return int(count)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcome of every file seen, by file."""
        yield from map(from_row, self._rows(sql.BY_FILE))

    def images(
        self, order: Order, new_only: bool = False, max_wait: int | None = None
    ) -> Iterator[Finding | NotScreened]:
        """Yield all images, ignored files aside, in the order of the worklist.

        Studies by falling calibrated probability in full precision, ties by study_id, not screened last; a
        study's images are neighbours. new_only: only studies with an image that no earlier complete report
        listed. max_wait: days; studies not flagged that the ledger first saw longer ago come before the
        others not flagged, the longest waiting first.
        """
        for name, function in (("calibrated", order.calibrated), ("flagged", order.flagged)):
            self._database.create_function(name, 2, _of_screened(function), deterministic=True)
        for row in self._rows(sql.IN_WORKLIST_ORDER, {"new_only": new_only, "max_wait": max_wait}):
            outcome = from_row(row)
            assert not isinstance(outcome, Ignored)
            yield outcome

    def _place(self, path: Location, stamp: Stamp) -> dict[str, Any]:
        return {
            "path": os.fsencode(path),
            "size": stamp.size,
            "mtime_ns": stamp.mtime_ns,
            "ctime_ns": stamp.ctime_ns,
            **self._key,
        }

    def _see(self, file: str, result: int) -> None:
        seen = {"file": file, "result": result, "run": self._run}
        if not self._database.execute(sql.SEEN_AGAIN, seen).rowcount:
            self._database.execute(sql.SEEN, seen)

    def _keep_result(self, outcome: Outcome, place: Mapping[str, Any], kind: str = "") -> int:
        """Return the row that holds an outcome: the one there is, if nothing has changed, else a new one.

        kind: what it is kept as, if not as what it is.
        """
        values = {**place, **as_row(outcome), "listed": None}
        values["outcome"] = kind or values["outcome"]
        if same := self._database.execute(sql.SAME, values).fetchone():
            self._database.execute(sql.CHANGED_INODE, {**values, "id": same[0]})
            return int(same[0])
        if values["outcome"] == sql.FAILED:
            values["listed"] = self._listed_failure(place)
        self._database.execute(sql.OVERTAKEN, place)
        [result] = self._database.execute(sql.INSERT, values).fetchone()
        if not isinstance(outcome, Ignored) and outcome.facts is not None:
            self._database.execute(sql.ADD_FACTS, (result, *facts_cells(outcome.facts)))
        return int(result)

    def _mark_listed(self) -> None:
        """Mark what the run reported as listed, which holds once the run is complete."""
        [[last]] = self._database.execute("SELECT coalesce(max(id), 0) FROM results")
        for first in range(1, last + 1, MARKED_TOGETHER):
            part = {"first": first, "last": first + MARKED_TOGETHER - 1, "run": self._run}
            with self._writing():
                self._database.execute(sql.MARK_LISTED, part)

    def _listed_failure(self, place: Mapping[str, Any]) -> int | None:
        """Return the first complete run that listed a file, unchanged since, as failed; None without one."""
        self._database.execute(sql.LISTED_FAILURES)
        self._database.execute(sql.LISTED_FAILURES_BY_PATH)
        [[run]] = self._database.execute(sql.LISTED_FAILURE, place)
        return None if run is None else int(run)

    def _rows(self, query: str, values: Mapping[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield a query's rows; sorting many of them takes room on the disk, which may run out."""
        try:
            for row in self._database.execute(query, values or {}):  # noqa: UP028
                yield row  # 'yield from' would close the cursor, when the database may be closed already
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error

    def _writing(self) -> Transaction:
        return Transaction(self._database, self._path)
