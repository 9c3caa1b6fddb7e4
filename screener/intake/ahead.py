"""Small work on many files, a little ahead in threads: a slow share answers several questions at once.

A share that takes 5 ms for each call lets one thread look at 50 files a second, and two workers screen 100.
A share that hangs answers nothing for minutes: whoever stops does not wait for it. The threads are daemons,
which keep no process from ending.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from itertools import islice
from queue import SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

THREADS = 8
TOGETHER = 16  # items a thread takes: on a fast disk, handing one over costs as much as the call
_ASK_SECONDS = 0.2  # between two looks whether to stop, while an answer is awaited

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def ahead(
    work: Callable[[_Item], _Result], items: Iterable[_Item], stopped: Callable[[], bool] = lambda: False
) -> Iterator[tuple[_Item, _Result]]:
    """Yield each item with what the work makes of it, in order.

    work: called in threads, on up to THREADS × TOGETHER items that were not asked for yet. items: iterated
    over in the caller's thread. stopped: once it is true nothing more is yielded, nor awaited.
    """
    rest = iter(items)
    pool = _Pool(work)
    try:
        pending: deque[Future[list[tuple[_Item, _Result]]]] = deque()
        while some := list(islice(rest, TOGETHER)):
            pending.append(pool.submit(some))
            while pending and (len(pending) > THREADS or pending[0].done()):
                yield from _answers(pending.popleft(), stopped)
            if stopped():
                return
        while pending:
            yield from _answers(pending.popleft(), stopped)
    finally:
        pool.close()


def _answers(
    future: Future[list[tuple[_Item, _Result]]], stopped: Callable[[], bool]
) -> Iterator[tuple[_Item, _Result]]:
    while not stopped():
        if future.done() or wait([future], _ASK_SECONDS).done:
            yield from (each for each in future.result() if not stopped())
            return


class _Pool(Generic[_Item, _Result]):
    """Threads that work on lists of items; once it is closed, no further item is begun."""

    def __init__(self, work: Callable[[_Item], _Result]) -> None:
        self._work = work
        self._closed = Event()
        self._tasks: SimpleQueue[tuple[Future[list[tuple[_Item, _Result]]], list[_Item]] | None] = (
            SimpleQueue()
        )
        for number in range(THREADS):
            Thread(target=self._run, name=f"look-ahead_{number}", daemon=True).start()

    def submit(self, items: list[_Item]) -> Future[list[tuple[_Item, _Result]]]:
        future: Future[list[tuple[_Item, _Result]]] = Future()
        self._tasks.put((future, items))
        return future

    def close(self) -> None:
        """Let each thread end after the item that it has in hand; waits for none."""
        self._closed.set()
        for _ in range(THREADS):
            self._tasks.put(None)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, items = task
            try:
                future.set_result([(each, self._work(each)) for each in items if not self._closed.is_set()])
            except BaseException as error:  # noqa: BLE001  # raised where the answer is asked for
                future.set_exception(error)
