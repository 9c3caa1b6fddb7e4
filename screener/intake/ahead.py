"""Small work on many files, a little ahead in threads: a slow share answers several questions at once.

A share that takes 5 ms for each call lets one thread look at 50 files a second, and two workers screen 100.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

THREADS = 8
TOGETHER = 16  # items a thread takes: on a fast disk, handing one over costs as much as the call

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def ahead(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[tuple[_Item, _Result]]:
    """Yield each item with what the work makes of it, in order.

    work: called in threads, on up to THREADS × TOGETHER items that were not asked for yet. items: iterated
    over in the caller's thread.
    """
    rest = iter(items)

    def done(some: list[_Item]) -> list[tuple[_Item, _Result]]:
        return [(each, work(each)) for each in some]

    with ThreadPoolExecutor(THREADS, "look-ahead") as pool:
        pending: deque[Future[list[tuple[_Item, _Result]]]] = deque()
        while some := list(islice(rest, TOGETHER)):
            pending.append(pool.submit(done, some))
            while pending and (len(pending) > THREADS or pending[0].done()):
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
