"""The local engine: disposable worker processes, each with a time and a memory limit."""

import re
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from itertools import islice
from types import TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from screener.domain import Cause, NotScreened, ObjectFile, Screenable
from screener.engines import worker_process
from screener.engines.machine import check_machine
from screener.engines.report_images import (
    DigestRequest,
    NameRequest,
    PagePictureRequest,
    PictureRequest,
    draw_refused,
)
from screener.engines.starting import starting
from screener.engines.worker import ScreenerSetup
from screener.engines.worker_process import DEFAULT_LIMITS, Limits, Screened
from screener.errors import MissingDependencyError
from screener.intake import AHEAD
from screener.locations import Location
from screener.outputs.page_picture import PagePicture
from screener.outputs.report_content import CardPicture
from screener.reasons import Reason, ReasonCode
from screener.stores import ANSWER_SECONDS

MORE_SECONDS = 5.0  # for each further file of a batch: slow but honest images must not be run twice
NAMES_TOGETHER = 2000  # in memory at once
NAMES_A_TASK = 50


class LocalEngine:
    """A pool of worker processes on this machine.

    A worker that crashes or overruns is replaced, and its batch runs again file by file,
    so that one file does not affect others. bugs: the reasons of files that raised an error which nothing
    foresees; such a file has failed, the run goes on, and ends with exit code 1. setup: None where nothing
    is to be screened, and images are shown without maps. lost: see Engine; this one never is.

    Raises:
        ScreenerError: The machine lacks what worker processes need, see check_machine; also later, where
            they cannot start.
    """

    lost = False

    def __init__(self, setup: ScreenerSetup | None, workers: int, limits: Limits = DEFAULT_LIMITS) -> None:
        check_machine()
        self._workers = workers
        self._limits = limits
        self.bugs: list[Reason] = []
        self._pool = ProcessPool(
            max_workers=workers,
            initializer=worker_process.start,
            initargs=(setup, limits),
            context=starting(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._pool.close()
        else:
            self._pool.stop()
        self._pool.join()

    @property
    def reader(self) -> Self:
        """What reads images again for the report: the same workers."""
        return self

    def screen(self, batches: Iterable[Sequence[Screenable]]) -> Iterator[Screened]:
        """Yield the outcomes of each batch as it finishes; takes batches only as workers come free."""
        alone: list[Screenable] = []
        for batch, result in self._run(worker_process.screen, batches, self._seconds_for):
            if isinstance(result, Reason):
                alone.extend(batch)
            else:
                yield result
        for [file], result in self._run(worker_process.screen, ([file] for file in alone), self._seconds_for):
            if isinstance(result, Reason):
                self.bugs.extend([result] if result.code is ReasonCode.UNFORESEEN_ERROR else [])
                yield [_failed(file, result)]
            else:
                yield result

    def draw_cards(self, requests: Sequence[PictureRequest]) -> list[CardPicture | Reason]:
        """Return the pictures of each card, or the reason why there is none, in order."""
        return self._drawn(worker_process.draw_card, requests)

    def draw_refused(self, requests: Sequence[PictureRequest]) -> list[bytes | Reason]:
        """Return each refused picture, or the reason why there is none, in order."""
        return self._drawn(draw_refused, requests)

    def draw_page_pictures(
        self, requests: Iterable[PagePictureRequest]
    ) -> Iterator[tuple[PagePictureRequest, PagePicture | Reason]]:
        """Yield each image, or the reason why there is none, as it is drawn."""
        yield from self._run(worker_process.draw_page_picture, requests, lambda _: self._limits.seconds)

    def _drawn(self, draw: Callable[[PictureRequest], Any], requests: Sequence[PictureRequest]) -> list[Any]:
        drawn: dict[Location, Any] = {}
        for request, result in self._run(draw, requests, lambda _: self._limits.seconds):
            drawn[request.file.path] = result
        return [drawn[request.file.path] for request in requests]

    def read_names(self, requests: Iterable[NameRequest]) -> Iterator[str]:
        """Yield the patient's name of each request, in order; empty where there is none to be had."""
        return self._each(worker_process.read_names, requests, "")

    def read_digests(self, requests: Iterable[DigestRequest]) -> Iterator[str]:
        """Yield the digest of each image at full resolution, in order; as whole_digest tells it."""
        return self._each(worker_process.read_digests, requests, "")

    def read_studies(self, files: Iterable[Screenable]) -> Iterator[str | None]:
        """Yield the Study Instance UID of each DICOM file, in order; as read_study_uid tells it."""
        return self._each(worker_process.read_studies, files, None)

    def _each(
        self, work: Callable[[Sequence[Any]], list[Any]], requests: Iterable[Any], otherwise: Any
    ) -> Iterator[Any]:
        """Yield what is read from each header, in order; `otherwise` where a header kills its worker."""
        queue = iter(requests)
        while some := list(islice(queue, NAMES_TOGETHER)):
            read: dict[Any, Any] = {}
            batches = [tuple(some[i : i + NAMES_A_TASK]) for i in range(0, len(some), NAMES_A_TASK)]
            alone: list[Any] = []
            for batch, result in self._run(work, batches, self._seconds_for):
                alone.extend(batch if isinstance(result, Reason) else ())
                read.update(zip(batch, result, strict=True) if not isinstance(result, Reason) else ())
            for [request], result in self._run(work, [(each,) for each in alone], self._seconds_for):
                read[request] = otherwise if isinstance(result, Reason) else result[0]
            yield from (read[request] for request in some)

    def _seconds_for(self, batch: Sequence[object]) -> float:
        seconds = self._limits.seconds
        # A store that hangs is given up by whoever asks it, before the worker is.
        waits = -(-sum(isinstance(each, ObjectFile) for each in batch) // AHEAD)
        return seconds + min(MORE_SECONDS, seconds) * (len(batch) - 1) + min(ANSWER_SECONDS, seconds) * waits

    def _run(
        self, work: Callable[[Any], Any], arguments: Iterable[Any], seconds: Callable[[Any], float]
    ) -> Iterator[tuple[Any, Any]]:
        """Yield each argument with its result, or with the reason why its worker died."""
        waiting: dict[Future[Any], Any] = {}
        queue = iter(arguments)
        while True:
            while len(waiting) < 2 * self._workers:
                try:
                    argument = next(queue)
                except StopIteration:
                    break
                waiting[self._scheduled(work, argument, seconds(argument))] = argument
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), _result(future, self._limits)

    def _scheduled(self, work: Callable[[Any], Any], argument: Any, seconds: float) -> "Future[Any]":
        try:
            future: Future[Any] = self._pool.schedule(work, args=(argument,), timeout=seconds)
        except RuntimeError as error:  # pebble's word for workers that do not even start
            raise MissingDependencyError("engines.no_worker_starts") from error
        return future


def _failed(file: Screenable, reason: Reason) -> NotScreened:
    """Return what became of a file that its worker did not survive."""
    # A large object may have come slowly, part by part: no fault of the image, so the next run tries again.
    transient = isinstance(file, ObjectFile) and reason.code is ReasonCode.OUT_OF_TIME
    return NotScreened(file.name, file.path, Cause.FAILED, reason, transient=transient)


def _result(future: "Future[Any]", limits: Limits) -> Any:
    try:
        return future.result()
    except FutureTimeoutError:
        return Reason.of(ReasonCode.OUT_OF_TIME, seconds=f"{limits.seconds:g}")
    except ProcessExpired as error:
        return Reason.of(ReasonCode.DECODER_CRASHED, signal=_signal_name(error.exitcode))
    except MemoryError:
        return Reason.of(ReasonCode.OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001  # the night never fails for one file
        return Reason.of(ReasonCode.UNFORESEEN_ERROR, error=f"{type(error).__name__}{_place(error)}")


def _place(error: Exception) -> str:
    """Return the last line of ours in a worker's traceback; never its message, which may quote a tag."""
    lines = re.findall(r'File ".*?(screener/[\w/]+\.py)", line (\d+)', getattr(error, "traceback", ""))
    return f" at {lines[-1][0]}:{lines[-1][1]}" if lines else ""


def _signal_name(exit_code: int) -> str:
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"exit code {exit_code}"
