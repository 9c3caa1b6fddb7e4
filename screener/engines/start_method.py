"""How worker processes start: from a fork server, and without the program that started them.

multiprocessing lets each new process run the program's main module again, so that functions defined there
can be sent to it. Workers need none; a script that scans at its top level would start a scan in each of them.
"""

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, popen_forkserver, resource_tracker, spawn
from multiprocessing.context import BaseContext, ForkServerContext, ForkServerProcess
from multiprocessing.process import BaseProcess
from multiprocessing.util import get_temp_dir
from typing import Any

from screener.engines.machine import socket_folder
from screener.errors import ScreenerError

PRELOADED = (  # what the fork server imports once, for all workers
    "screener.engines.process_group", "screener.engines.worker_process", "cv2", "pydicom",
    "ai_edge_litert.interpreter",
)  # fmt: skip
HELD_SIGNALS = (signal.SIGTERM, signal.SIGHUP)  # the fork server ignores SIGINT by itself
_MAIN = ("init_main_from_name", "init_main_from_path")
_patching = threading.Lock()


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
        with _main_left_out():
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


@contextmanager
def _main_left_out() -> Iterator[None]:
    """Start this thread's processes without the main module while the block runs; other threads' as ever."""
    original, mine = spawn.get_preparation_data, threading.get_ident()

    def of_no_main(name: str) -> dict[str, Any]:
        data = original(name)
        if threading.get_ident() == mine:
            for key in _MAIN:
                data.pop(key, None)
        return data

    with _patching:
        spawn.get_preparation_data = of_no_main
        try:
            yield
        finally:
            spawn.get_preparation_data = original


def _make_room_for_sockets() -> None:
    """Let the fork server's socket lie where its path fits, whatever TMPDIR is (as Python 3.14 does)."""
    before, tempfile.tempdir = tempfile.tempdir, socket_folder()
    try:
        get_temp_dir()  # made once, and kept for the life of the process
    finally:
        tempfile.tempdir = before
