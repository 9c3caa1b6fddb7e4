"""What native libraries do behind Python's back, and what other systems than Linux do in another way."""

import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STDERR = 2
CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""That this process may use."""
# For os.open: not for programs that are started, and bytes as they are, whose line ends Windows would change.
OWN_BYTES = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
HANG_UP: signal.Signals | None = getattr(signal, "SIGHUP", None)
"""Which a terminal sends that goes away; None on Windows."""
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8  # of mallopt(3)
_STACK_BYTES = 1 << 20


@contextmanager
def native_messages_hidden() -> Iterator[None]:
    """Hide what C and C++ code writes to standard error while the block runs."""
    kept = os.dup(STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)


def open_file(descriptor: int) -> Path:
    """Return a path by which this process can open a file that it holds open; on Windows there is none."""
    return Path("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd", str(descriptor))


def _mallopt() -> Any:
    """Return glibc's mallopt; None elsewhere."""
    try:
        return getattr(ctypes.CDLL(None), "mallopt", None)
    except (OSError, TypeError):  # Windows
        return None


def bound_threads() -> None:
    """Let the threads to come share memory and have small stacks; elsewhere than on glibc, the stacks alone.

    Each would map 128 MB of addresses for itself, which count where addresses are bounded.
    """
    threading.stack_size(_STACK_BYTES)
    mallopt = _mallopt()
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def keep_freed_memory() -> None:
    """Let glibc keep what is freed for the next allocation; elsewhere do nothing.

    TensorFlow on CPUs takes tensors of 100 MB from the kernel and gives them back at every step: a third of
    the time of training then goes to page faults. See mallopt(3).
    """
    mallopt = _mallopt()
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
