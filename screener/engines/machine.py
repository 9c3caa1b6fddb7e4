"""What worker processes need of the machine, checked before the first file: a folder, semaphores, memory."""

import multiprocessing
import os
import tempfile
from contextlib import suppress

from screener.engines.starting import FORK_SERVER
from screener.errors import MissingDependencyError, OutputError, full_disk, why
from screener.said import Said, say

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
        raise MissingDependencyError("machine.little_memory", limit=soft >> 20, least=LEAST >> 20)


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
        if isinstance(error, OSError) and full_disk(error):
            raise MissingDependencyError("machine.semaphores_full") from error
        found = why(error) if isinstance(error, OSError) else error
        raise MissingDependencyError("machine.no_semaphores", why=found) from error


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
    raise OutputError("machine.path_too_long", folder=usual, most=LONGEST_TMPDIR)


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


def memory_words(asked: int) -> Said | None:
    """Return what to tell where the account's limit leaves a worker less than asked; else None.

    asked: bytes that decoding one file may take.
    """
    ceiling = memory_ceiling(asked + IDLE_WORKER)
    if ceiling == asked + IDLE_WORKER:
        return None
    return say("machine.less_memory", ceiling=ceiling >> 20, asked=asked >> 20)
