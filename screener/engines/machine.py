"""What worker processes need of the machine, checked before the first file: a folder, semaphores, memory."""

import multiprocessing
import os
import tempfile
from contextlib import suppress

from screener.engines.starting import FORK_SERVER
from screener.errors import MissingDependencyError, OutputError, full_disk

try:
    import resource
except ImportError:  # Windows: nothing bounds a process there
    resource = None  # type: ignore[assignment]

LONGEST_TMPDIR = 70  # bytes; a Unix socket's path has at most 107 (unix(7)), 32 of them for its own name
_SHORT = ("/tmp", "/var/tmp", "/dev/shm")
IDLE_WORKER = (
    1 << 30
)  # bytes of address space that a worker maps before it opens a file; about half was measured
LEAST = (
    1 << 30
)  # bytes: below it, libraries end the process as they load, and no report of any size is written


def check_memory() -> None:
    """Raise if this process may not map what Screener's libraries take; call it before they are loaded.

    Raises:
        MissingDependencyError: It may not.
    """
    soft = resource.getrlimit(resource.RLIMIT_AS)[0] if resource else None
    if soft is not None and soft != resource.RLIM_INFINITY and soft < LEAST:
        raise MissingDependencyError(
            f"Memory is limited to {soft >> 20} MB a process (ulimit -v); Screener needs {LEAST >> 20} MB, "
            "and 2000 MB for reports and large images.\nRaise the limit, or ask the batch scheduler for more."
        )


def check_machine() -> None:
    """Raise if worker processes cannot be started here.

    Raises:
        OutputError: There is no folder for temporary files.
        MissingDependencyError: There are no semaphores.
    """
    if FORK_SERVER:
        socket_folder()
    else:
        temporary_folder()
    try:
        multiprocessing.get_context("spawn").Lock()
    except (ImportError, OSError) as error:
        raise MissingDependencyError(_no_semaphores(error)) from error


def _no_semaphores(error: Exception) -> str:
    if isinstance(error, OSError) and full_disk(error):
        return (
            "/dev/shm is full: the worker processes keep their semaphores there.\nDelete what ended programs "
            "left there (ls -l /dev/shm), or give it more room: mount -o remount,size=1G /dev/shm; in a "
            "container, --shm-size 1g."
        )
    why = getattr(error, "strerror", None) or error
    return (
        f"/dev/shm cannot be used: {why}. The worker processes keep their semaphores there.\n"
        "Mount a tmpfs that this account may write to: mount -t tmpfs -o mode=1777 tmpfs /dev/shm; "
        "in a container, --tmpfs /dev/shm."
    )


def temporary_folder() -> str:
    """Return the folder where temporary files are written.

    Raises:
        OutputError: There is none; every such disk may be full.
    """
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as error:  # so it is called where the disks are full, too
        raise OutputError.no_temporary_folder() from error


def socket_folder() -> str:
    """Return a folder for temporary files whose path leaves room for that of a socket in it.

    Raises:
        OutputError: There is none.
    """
    usual = temporary_folder()
    for folder in (usual, *_SHORT):
        if len(os.fsencode(folder)) <= LONGEST_TMPDIR and os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise OutputError(
        f"{usual}: this path is too long for the socket of the worker processes, and neither /tmp nor "
        "/var/tmp can be written to.\n"
        f"Let TMPDIR name a folder whose path has at most {LONGEST_TMPDIR} bytes."
    )


def memory_ceiling(wanted: int) -> int:
    """Return how much address space a worker may be given, in bytes: at most the account's hard limit."""
    if resource is None:
        return wanted
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def bound_memory(limit: int) -> None:
    """Let this process map so many bytes at most; where the system cannot be told, nothing bounds it."""
    if resource is not None:
        with suppress(OSError, ValueError):  # macOS may refuse
            resource.setrlimit(resource.RLIMIT_AS, (memory_ceiling(limit),) * 2)


def memory_words(asked: int) -> str:
    """Return what to tell where the account's limit leaves a worker less than asked; else nothing.

    asked: bytes that decoding one file may take.
    """
    ceiling = memory_ceiling(asked + IDLE_WORKER)
    if ceiling == asked + IDLE_WORKER:
        return ""
    return (
        f"this account may map {ceiling >> 20} MB a process (ulimit -H -v): of that, and not of the "
        f"{asked >> 20} MB of --file-memory, a worker decodes an image"
    )
