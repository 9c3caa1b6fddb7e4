"""The inbox: a folder of images that are whole, each under a name that says nothing about a patient."""

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from screener.errors import LedgerHeldError, MissingDependencyError, OutputError
from screener.runtime import NO_LINK, OWN_BYTES

_DIGITS = 40
_LEFT_BY = {"receive": ("tmp*.dcm",)}  # how pynetdicom names an image that grows


class Arrival(Enum):
    """What became of an image that came. OTHER: another of its UID was there, and both are kept."""

    NEW = "new"
    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where images go. parts: the folder beside it for images that are not whole yet; who: who fills it."""

    folder: Path
    parts: Path
    who: str

    def place_of(self, sop_uid: str) -> Path:
        """Return where an image of this SOP Instance UID lies: a hash, since UIDs come from outside."""
        name = hashlib.sha256(sop_uid.encode()).hexdigest()[:_DIGITS]
        return self.folder / name[:2] / f"{name}.dcm"

    def name_of(self, sop_uid: str) -> str:
        """Return what messages call an image: no UID is ever in them."""
        return self.place_of(sop_uid).relative_to(self.folder).as_posix()

    def has(self, sop_uid: str) -> bool:
        """Return whether an image of this UID is here."""
        return self.place_of(sop_uid).exists()

    def new_part(self) -> tuple[Path, BinaryIO]:
        """Return a new file beside the inbox, open for writing.

        Raises:
            OSError: The disk is full, or the folder gone.
        """
        path = self.parts / f"{self.who}-{secrets.token_hex(12)}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | OWN_BYTES | NO_LINK
        return path, os.fdopen(os.open(path, flags, 0o640), "wb", buffering=0)

    def take(self, part: Path, sop_uid: str) -> Arrival:
        """Move an image that is on disk to its place, or remove it where it lies there already.

        Nothing is ever replaced. Once this returns, a crash of the machine costs nothing.

        Raises:
            OSError: It cannot be moved.
        """
        place = self.place_of(sop_uid)
        place.parent.mkdir(mode=0o750, exist_ok=True)
        arrival = Arrival.NEW
        if not _moved(part, place):
            if _same_content(part, place):
                part.unlink()
                return Arrival.SAME
            place = place.with_name(f"{place.stem}-{_digest(part)[:12]}.dcm")
            arrival = Arrival.OTHER if _moved(part, place) else Arrival.SAME
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        _sync(place.parent)
        return arrival


@contextmanager
def open_inbox(folder: Path, who: str) -> Iterator[Inbox]:
    """Give an inbox to one process at a time of each kind; what a killed one left half done is removed.

    who: "pull" or "receive".

    Raises:
        OutputError: It cannot be made or written to, or lies where nothing can be put beside it.
        LedgerHeldError: Another process of that kind fills it.
    """
    folder = Path(os.path.abspath(folder))
    parts = folder.with_name(f"{folder.name}.part")
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        parts.mkdir(mode=0o750, exist_ok=True)
        if folder.stat().st_dev != parts.stat().st_dev:
            raise OutputError("arrivals.other_file_system", folder=folder)
        probe, file = Inbox(folder, folder, who).new_part()
        file.close()
        probe.unlink()
        lock = os.open(parts / f"{who}.lock", os.O_RDWR | os.O_CREAT | OWN_BYTES, 0o640)
    except OSError as error:
        raise OutputError.cannot_write(folder, error) from error
    try:
        _hold(lock, folder, who)
        for pattern in (f"{who}-*.part", *_LEFT_BY.get(who, ())):
            for left in parts.glob(pattern):
                left.unlink(missing_ok=True)
        yield Inbox(folder, parts, who)
    finally:
        os.close(lock)


def _hold(lock: int, folder: Path, who: str) -> None:
    try:
        import fcntl
    except ImportError as error:
        raise MissingDependencyError("arrivals.no_locks", command=who) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LedgerHeldError("arrivals.held", folder=folder, command=who) from error


def _moved(part: Path, place: Path) -> bool:
    """Return whether a file was moved to where nothing was; a rename would replace what is there."""
    try:
        os.link(part, place)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        if place.exists():  # a file system without hard links
            return False
        part.rename(place)
    return True


def _same_content(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and _digest(one) == _digest(other)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some network shares cannot
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
