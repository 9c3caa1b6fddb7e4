"""Output files that are whole or absent: a temporary name beside the target, then a rename."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from screener.errors import OutputError

PRIVATE = 0o600  # a worklist identifies patients: for its owner alone, unless asked otherwise


def check_writable(path: Path) -> None:
    """Make sure, before a run, that a file can be written there; leaves nothing behind.

    Raises:
        OutputError: The folder is missing or closed to this account, or the path is not a file's.
    """
    try:
        _check_replaceable(path)
        descriptor, temporary = _create_beside(path)
        os.close(descriptor)
        temporary.unlink()
    except OSError as error:
        raise OutputError.cannot_write(path, error) from error


@contextmanager
def written_whole(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """Give a file to write bytes to; on success it becomes `path`, on any failure it is gone.

    mode: permission bits of the finished file, whatever the umask; until then nobody else reads it.

    Raises:
        OutputError: The operating system refused; what was at `path` before is untouched.
    """
    try:
        _check_replaceable(path)
        descriptor, temporary = _create_beside(path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise OutputError.cannot_write(path, error) from error


@contextmanager
def text_written_whole(path: Path, mode: int = PRIVATE) -> Iterator[TextIO]:
    """Give a file to write text to, as `written_whole` does: UTF-8 without BOM, line ends untouched."""
    with written_whole(path, mode) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            yield text
        finally:
            text.detach()  # flushes, and leaves closing to written_whole


def _check_replaceable(path: Path) -> None:
    """Refuse a folder or a device: a rename over /dev/null would replace it for everybody."""
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    with suppress(FileNotFoundError):
        kind = path.lstat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):
            raise OSError(None, "it is not an ordinary file")


def _create_beside(path: Path) -> tuple[int, Path]:
    # In the target's own folder, because a rename is atomic only within one file system; with a
    # random name opened exclusively, so that nobody who may write there can lay a link in wait.
    temporary = path.parent / f".screener-{secrets.token_hex(16)}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(temporary, flags, PRIVATE), temporary


def _sync_folder(folder: Path) -> None:
    # Some network shares cannot: the file itself is already on disk, so that is not a failure.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
