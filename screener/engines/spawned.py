"""How worker processes start where there is no fork server, that is, on Windows: each as a new program."""

from multiprocessing.context import BaseContext, SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from typing import Any

from screener.engines.main_left_out import main_left_out


def spawning() -> BaseContext:
    """Return what starts each worker anew, without the program's main module."""
    return _Context()


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802
        with main_left_out():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    Process = _Process
