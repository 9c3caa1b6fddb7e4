"""How worker processes start where there are fork servers, that is, on Linux and macOS."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, popen_forkserver, resource_tracker
from multiprocessing.context import BaseContext, ForkServerContext, ForkServerProcess
from multiprocessing.process import BaseProcess
from multiprocessing.util import get_temp_dir
from typing import Any

from screener.engines.machine import socket_folder
from screener.engines.main_left_out import main_left_out
from screener.errors import ScreenerError

PRELOADED = (  # what the fork server imports once, for all workers
    "screener.engines.process_group", "screener.engines.worker_process", "cv2", "pydicom",
    "ai_edge_litert.interpreter",
)  # fmt: skip
HELD_SIGNALS = (signal.SIGTERM, signal.SIGHUP)  # the fork server ignores SIGINT by itself


def fork_server() -> BaseContext:
    """Return the fork server: the parent has threads, and each fork of it alone would be unsafe.

    Raises:
        OutputError: There is no folder for its socket.
    """
    context = _Context()
    context.set_forkserver_preload(list(PRELOADED))
    _make_room_for_sockets()
    return context


def start_ahead() -> None:
    """Start the fork server, which imports its modules while this process imports its own.

    Where it cannot start, nothing is raised: the engine says so when it needs it.
    """
    with suppress(OSError, ScreenerError):
        fork_server()
        _ensure_running()


def _ensure_running() -> None:
    resource_tracker.ensure_running()  # first, as it lets SIGTERM through again at its end
    with signals_held():
        forkserver.ensure_running()


class _Popen(popen_forkserver.Popen):
    def _launch(self, process_obj: BaseProcess) -> None:
        _ensure_running()
        with main_left_out():
            super()._launch(process_obj)  # type: ignore[misc]


class _Process(ForkServerProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802
        return _Popen(process_obj)


class _Context(ForkServerContext):
    Process = _Process


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold back the signals that end a scan while the block runs, in this thread and in processes it starts.

    The fork server is in the scan's process group until it has imported process_group.py, which lets the
    signals through again. A signal to the group must not end it before.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make_room_for_sockets() -> None:
    """Let the fork server's socket lie where its path fits, whatever TMPDIR is (as Python 3.14 does)."""
    before, tempfile.tempdir = tempfile.tempdir, socket_folder()
    try:
        get_temp_dir()  # made once, and kept for the life of the process
    finally:
        tempfile.tempdir = before
