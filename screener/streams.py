"""Standard output and standard error that cost no run anything when they fail."""

import errno
import io
import os
import select
import sys
from typing import Any, TextIO

_STANDARD = (0, 1, 2)
_FOR_GOOD = (errno.EPIPE, errno.EBADF, errno.EIO, errno.ENXIO)  # the reader, or the terminal, is gone
_WAIT_SECONDS = 5.0  # for a reader that lags behind, where its pipe does not block


class _Forgiving(io.FileIO):
    """A descriptor for writing that never raises: what it cannot write is lost.

    Once its reader is gone it writes to nowhere. After any other failure, such as a full disk, it tries
    again at the next write.
    """

    def write(self, data: Any, /) -> int:
        """Write all of it, as far as that is possible; return its length."""
        left = memoryview(data).cast("B")
        length = len(left)
        try:
            while left and (written := self._write_some(left)):
                left = left[written:]
        except OSError as error:
            if error.errno in _FOR_GOOD:
                _point_nowhere(self.fileno())
        return length

    def _write_some(self, data: memoryview) -> int:
        written: int | None = super().write(data)
        if written is None:  # it would have to wait, and the descriptor says not to (O_NONBLOCK)
            ready = select.select([], [self], [], _WAIT_SECONDS)[1]
            written = (super().write(data) or 0) if ready else 0
        return written


def outlast_readers() -> None:
    """Let this process write to standard output and standard error, whatever becomes of them.

    To be called once, before any file is opened: a closed descriptor would be given to the next file
    that opens, which would then receive what is printed. Characters that the encoding lacks are escaped.
    """
    for descriptor in _STANDARD:
        if not _is_open(descriptor):
            _point_nowhere(descriptor)
    sys.stdout = _forgiving(1, sys.stdout)
    sys.stderr = _forgiving(2, sys.stderr)


def _forgiving(descriptor: int, before: TextIO | None) -> TextIO:
    """Return a stream in the place of the one before, which Python leaves out where it was closed."""
    # Without a buffer: a signal handler may write while a write is under way, which Python's buffers refuse.
    return io.TextIOWrapper(
        _Forgiving(descriptor, "w", closefd=False),
        encoding=before.encoding if before else "utf-8",
        errors="backslashreplace",
        line_buffering=True,
        write_through=True,
    )


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _point_nowhere(descriptor: int) -> None:
    """Let a descriptor lead to /dev/null, for this process and its children."""
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
    except OSError:  # no /dev: there is nothing to be done
        return
    os.dup2(nowhere, descriptor)
    if nowhere != descriptor:
        os.close(nowhere)
    else:
        os.set_inheritable(descriptor, True)
