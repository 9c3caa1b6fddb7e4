"""What every engine can do, and which one a scan gets."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, Self

from screener.domain import Screenable
from screener.engines.local import LocalEngine
from screener.engines.machine import memory_words
from screener.engines.report_images import ImageReader
from screener.engines.worker import ScreenerSetup
from screener.engines.worker_process import Limits, Screened
from screener.options import ScanOptions
from screener.reasons import Reason
from screener.said import Said


class Engine(AbstractContextManager["Engine"], Protocol):
    """Whatever runs screen_batch over many files: on this machine, or on a cluster.

    bugs: the reasons of files that failed for an error which nothing foresees. lost: whether the engine gave
    up before it had screened everything.
    """

    bugs: list[Reason]

    @property
    def lost(self) -> bool: ...

    def __enter__(self) -> Self: ...

    def screen(self, batches: Iterable[Sequence[Screenable]]) -> Iterator[Screened]:
        """Yield exactly one outcome for each file, some at a time, in any order."""
        ...

    @property
    def reader(self) -> ImageReader:
        """What reads images again for the report, on this machine."""
        ...


def make_engine(setup: ScreenerSetup, options: ScanOptions, tell: Callable[[Said], None]) -> Engine:
    """Return the engine that a scan was asked to use, ready for its first file.

    Raises:
        MissingDependencyError: Ray is not installed here, or Screener not on the cluster.
        UsageError: There is no cluster at the address.
    """
    limits = Limits(options.file_timeout, options.file_memory << 20)
    if words := memory_words(limits.memory):
        tell(words)
    if options.engine == "local":
        return LocalEngine(setup, options.workers, limits)
    from screener.engines.ray import RayEngine

    # Without an address, Ray is started here: as many workers as the local engine would have.
    workers = options.workers if options.ray_address is None else options.ray_workers
    return RayEngine(setup, limits, options.ray_address, workers, tell)
