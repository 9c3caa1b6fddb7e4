"""Opening a ledger on disk: one run at a time, on a local disk, whole, and of this program."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from screener.errors import LedgerHeldError, OutputError, UsageError
from screener.ledger.formats import APPLICATION_ID, SCHEMA, UPGRADES, VERSION
from screener.ledger.transaction import unusable
from screener.locations import refuse_url
from screener.runtime import OWN_BYTES
from screener.said import Spoken, say

_DATABASES = (".sqlite", ".sqlite3", ".db")
_HEADER = b"SQLite format 3\0"  # of every database, sqlite.org/fileformat2.html#magic_header_string
PRIVATE = 0o600  # it identifies patients

# File systems whose locks and memory maps SQLite must not rely on (sqlite.org/faq.html#q5).
_NETWORK = frozenset(
    ("nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "gpfs",
     "9p", "beegfs", "davfs", "ocfs2", "pvfs2", "virtiofs")
)  # fmt: skip
_ESCAPED = re.compile(rb"\\([0-7]{3})")  # a space in a mount point is \\040
_FUSE = "fuse."  # sshfs, s3fs, rclone, gcsfuse: what is behind them is not on this disk


def open_private() -> sqlite3.Connection:
    """Return an unnamed ledger that SQLite deletes from the disk at once, so that nothing is left behind.

    Raises:
        OutputError: The disk for temporary files is full.
    """
    try:
        database = sqlite3.connect("", isolation_level=None)
        database.executescript("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;" + SCHEMA)
    except sqlite3.Error as error:
        raise unusable(None, error) from error
    return database


def open_ledger(path: Path, tell: Callable[[Spoken], None], create: bool = True) -> sqlite3.Connection:
    """Return a ledger that is this process's alone until it closes or dies.

    One of an older format is brought up to date. One that is damaged is renamed, never replaced; `say` is
    told so. A file that never was a ledger is left alone. create: without it, a missing one is not made, and
    a damaged one not renamed.

    Raises:
        LedgerHeldError: Another run holds it.
        UsageError: It lies on a network file system, is something else than a ledger, or one of a newer
            version; or, not to be created, is missing or damaged.
        OutputError: It cannot be created or written.
    """
    check_local(path)
    if not create and not path.is_file():
        raise UsageError("ledger.no_such_file", path=path)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | OWN_BYTES, PRIVATE))
        try:
            return _opened(path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise LedgerHeldError.held(path) from error
            raise
        except sqlite3.DatabaseError as error:
            if not _was_a_ledger(path):
                raise UsageError("ledger.not_one", path=path) from error
            if not create:
                raise UsageError("ledger.damaged", path=path, error=error) from error
            aside = _set_aside(path)
            tell(say("ledger.set_aside", path=path, aside=aside.name))
            return _opened(path)
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    except OSError as error:
        raise OutputError.cannot_write(path, error) from error


def check_local(path: Path) -> None:
    """Raise if a ledger must not lie there.

    Raises:
        UsageError: It is a network file system, or an object store.
    """
    refuse_url("--ledger", path)
    if kind := network_file_system(path):
        raise UsageError("ledger.network", path=path, kind=kind)


def network_file_system(path: Path) -> str:
    """Return the kind of the network file system that a path lies on, empty for a local one."""
    place = os.fsencode(path.absolute().parent.resolve())
    best, kind = b"", ""
    for point, mounted in mount_points(_mounts()):
        below = place == point or place.startswith(point.rstrip(b"/") + b"/")
        if below and len(point) >= len(best):
            best, kind = point, mounted
    return kind if kind in _NETWORK or kind.startswith(_FUSE) else ""


def mount_points(mountinfo: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield each mount point with the kind of its file system; mountinfo: as the kernel has it, see proc(5).

    Mount points are bytes, in whatever encoding the names of folders are.
    """
    for line in mountinfo.split(b"\n"):
        left, found, right = line.partition(b" - ")
        if found:
            point = _ESCAPED.sub(lambda octal: bytes([int(octal[1], 8)]), left.split(b" ")[4])
            yield point, right.split(b" ")[0].decode("ascii", "replace")


def _mounts() -> bytes:
    try:
        return Path("/proc/self/mountinfo").read_bytes()
    except OSError:  # not Linux: nothing to tell by
        return b""


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        # The lock is taken by the first statement and dies with the process.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        [[application]] = database.execute("PRAGMA application_id")
        [[version]] = database.execute("PRAGMA user_version")
        [[tables]] = database.execute("SELECT count(*) FROM sqlite_schema")
        if tables and application != APPLICATION_ID:
            raise UsageError("ledger.other_database", path=path)
        if tables and version not in (VERSION, *UPGRADES):
            raise UsageError("ledger.newer", path=path, format=version, newest=VERSION)
        database.execute("COMMIT")
        if tables:
            _check_whole(database)
            _upgrade(database, version)
        else:
            database.executescript(
                f"BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; "
                f"PRAGMA user_version = {VERSION}; COMMIT;"
            )
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # power loss: the last batches are screened again
    except BaseException:
        database.close()
        raise
    return database


def _upgrade(database: sqlite3.Connection, version: int) -> None:
    """Bring an older format up to date, one step at a time, each whole or not at all."""
    for step in range(version, VERSION):
        database.executescript(f"BEGIN; {UPGRADES[step]} PRAGMA user_version = {step + 1}; COMMIT;")


def _check_whole(database: sqlite3.Connection) -> None:
    [[found]] = database.execute("PRAGMA quick_check(1)")
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _was_a_ledger(path: Path) -> bool:
    """Return whether a file that SQLite cannot read may be a damaged ledger, by its name or its first bytes.

    A file named as a database is one, whatever has happened to it: a night does not end for that. Under any
    other name, a disk that lost power leaves a database's header, or zeros where it was. Anything else is
    another file, not ours to rename; a DICOM file's zeros end after 128 bytes.
    """
    if path.suffix.lower() in _DATABASES:
        return True
    with path.open("rb") as file:
        start = file.read(512)
    return start.startswith(_HEADER) or not any(start)


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now():%Y%m%dT%H%M%S}")
    path.rename(aside)
    for suffix in ("-wal", "-journal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside
