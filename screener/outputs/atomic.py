"""Outputs that are whole or absent: a temporary name, then a rename; or an object that is put at once."""

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from screener.errors import OutputError, UsageError, full_disk
from screener.locations import Location, ObjectUrl
from screener.runtime import NO_LINK, OWN_BYTES, open_file
from screener.said import Said, say
from screener.stores import remove_object, write_object

PRIVATE = 0o600  # a worklist identifies patients: for its owner alone, unless asked otherwise

_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")  # JPEG, PNG
_DICM = slice(128, 132)

_noted: ContextVar[list[Location] | None] = ContextVar("_noted", default=None)


@contextmanager
def noting_written() -> Iterator[list[Location]]:
    """Give a list of the files that were written whole in the block; it is filled as they are.

    Blocks may be nested: the outer one learns of the inner one's files at its end.
    """
    written: list[Location] = []
    outer = _noted.get()
    token = _noted.set(written)
    try:
        yield written
    finally:
        _noted.reset(token)
        if outer is not None:
            outer.extend(written)


def check_writable(path: Location, picture: bool = False) -> None:
    """Make sure, before a run, that a file can be written there; leaves nothing behind.

    picture: whether the file to come is itself a picture, which may replace an earlier one.

    Raises:
        UsageError: An image lies there, as refuse_image says.
        OutputError: The folder is missing or closed to this account, or the path is not a file's; a store
            lets no object be put there.
        MissingDependencyError: The store needs a library that is not installed.
    """
    try:
        if isinstance(path, ObjectUrl):
            _try_store(path)
            return
        _check_replaceable(path)
        if not picture:
            refuse_image(path)
        descriptor, temporary = _create_beside(path)
        os.close(descriptor)
        temporary.unlink()
    except OSError as error:
        raise OutputError.cannot_write(_where(path, error), error) from error


def refuse_image(path: Location) -> None:
    """Raise where a list, a log or a ledger would take the place of an image, perhaps the only copy of it.

    Raises:
        UsageError: The file there is DICOM, JPEG or PNG by its first bytes.
    """
    if isinstance(path, ObjectUrl) or not path.is_file():
        return
    with suppress(OSError), path.open("rb") as file:  # what cannot be read is found out by whoever writes
        start = file.read(_DICM.stop)
        if start.startswith(_IMAGES) or start[_DICM] == b"DICM":
            raise UsageError("outputs.image_there", path=path)


@contextmanager
def written_whole(path: Location, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """Give a file to write bytes to; on success it becomes `path`, on any failure it is gone.

    mode: permission bits of the finished file, whatever the umask; until then nobody else reads it. Who may
    read an object is the store's to say.

    Raises:
        OutputError: The operating system, or the store, refused; what was at `path` before is untouched.
    """
    try:
        if isinstance(path, ObjectUrl):
            with tempfile.TemporaryFile() as file:
                yield file
                file.flush()
                write_object(open_file(file.fileno()), path)
            _note(path)
            return
        _check_replaceable(path)
        descriptor, temporary = _create_beside(path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                if hasattr(os, "fchmod"):  # before Python 3.13, Windows has none
                    os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _note(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise OutputError.cannot_write(_where(path, error), error) from error


@contextmanager
def text_written_whole(path: Location, mode: int = PRIVATE) -> Iterator[TextIO]:
    """Give a file to write text to, as `written_whole` does: UTF-8 without BOM, line ends untouched."""
    with written_whole(path, mode) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            yield text
        finally:
            text.detach()  # flushes, and leaves closing to written_whole


def _note(path: Location) -> None:
    if (written := _noted.get()) is not None:
        written.append(path)


def _where(path: Location, error: OSError) -> Location | str:
    """Return what could not be written: of an object, on a full disk, the file it is made in first."""
    if isinstance(path, ObjectUrl) and full_disk(error):
        return f"{path}, first written to {tempfile.gettempdir()}"
    return path


class NoOrdinaryFileError(OSError):
    """Something lies where a file is to be written. said: what, see errors.why."""

    def __init__(self, said: Said) -> None:
        super().__init__(None, str(said))
        self.said = said


def _check_replaceable(path: Path) -> None:
    """Refuse a folder or a device: a rename over /dev/null would replace it for everybody."""
    if path.is_dir():
        raise NoOrdinaryFileError(say("outputs.a_folder"))
    with suppress(FileNotFoundError):
        kind = path.lstat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):
            raise NoOrdinaryFileError(say("outputs.no_ordinary_file"))


def _try_store(url: ObjectUrl) -> None:
    """Put a small object beside the one to come, and remove it; an account that may only write leaves it."""
    beside = url.below("/".join((*url.parts[2:-1], f".screener-{secrets.token_hex(16)}.part")))
    with tempfile.TemporaryFile() as empty:
        write_object(open_file(empty.fileno()), beside)
    with suppress(OSError):
        remove_object(beside)


def _create_beside(path: Path) -> tuple[int, Path]:
    # In the target's own folder, because a rename is atomic only within one file system; with a
    # random name opened exclusively, so that nobody who may write there can lay a link in wait.
    temporary = path.parent / f".screener-{secrets.token_hex(16)}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | OWN_BYTES | NO_LINK
    return os.open(temporary, flags, PRIVATE), temporary


def _sync_folder(folder: Path) -> None:
    # Some network shares cannot: the file itself is already on disk, so that is not a failure.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
