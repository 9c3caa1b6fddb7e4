"""Walking the roots: every file becomes one thing to screen, or one outcome."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from screener.domain import Cause, FileKind, Ignored, ImageFile, NotScreened, ObjectFile
from screener.intake.ahead import ahead
from screener.intake.file_type import SNIFF_BYTES, ForeignImage, is_media_directory, kind_of
from screener.intake.roots import Root, display_name
from screener.locations import Location, ObjectUrl
from screener.reasons import Reason, ReasonCode
from screener.stores import StoreError, stored_objects

ARCHIVE_SUFFIXES = (  # never opened
    *(".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz"),
    *(".tbz2", ".txz", ".zst", ".tzst", ".lz4", ".iso"),
)
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".dcm")

ClassifiedFile = ImageFile | NotScreened | Ignored
"""What a file turns out to be, once its first bytes are read."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One name in a folder, not yet opened.

    error: why a folder could not be listed, else None. size: bytes; mtime_ns, ctime_ns:
    nanoseconds; None where they cannot be told, ctime_ns of an object too.
    """

    path: Location
    name: str
    hidden: bool = False
    error: str | None = None
    size: int | None = None
    mtime_ns: int | None = None
    ctime_ns: int | None = None

    @property
    def is_object(self) -> bool:
        return isinstance(self.path, ObjectUrl)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path
    name: str
    hidden: bool = False


def find_files(roots: Sequence[Root]) -> Iterator[ClassifiedFile | ObjectFile]:
    """Yield every file below the roots exactly once, sorted by name within each folder.

    Links are followed after everything else, so that a file keeps its own name where it
    has one; a folder is entered once, whatever links to it.
    """
    return map(judge, walk(roots))


def judge(found: FoundFile) -> ClassifiedFile | ObjectFile:
    """Return what one file is: to be screened, or its outcome. No object of a store is opened for that."""
    if found.error is not None:
        what = ReasonCode.LISTING_BROKEN if found.is_object else ReasonCode.FOLDER_UNREADABLE
        reason = Reason.of(what, why=found.error)
        return NotScreened(found.name, found.path, Cause.FAILED, reason, transient=found.is_object)
    if found.hidden:
        return Ignored(found.name, found.path)
    if found.is_object and not found.size:
        return _other(found.path, found.name, ReasonCode.EMPTY_FILE)
    return look_at(found.path, found.name)


def look_at(path: Location, file: str) -> ClassifiedFile | ObjectFile:
    """Return what one file is; of an object, that it is one."""
    return ObjectFile(path, file) if isinstance(path, ObjectUrl) else classify(path, file)


def count_files(roots: Sequence[Root]) -> int:
    """Return how many files lie below the roots, without opening any."""
    return sum(1 for _ in _names(roots))


def classify(path: Path, file: str) -> ClassifiedFile:
    """Return what one file is, told by its first bytes."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return _other(path, file, ReasonCode.NOT_A_FILE)
        with path.open("rb") as stream:
            start = stream.read(SNIFF_BYTES)
    except FileNotFoundError:
        return _other(path, file, ReasonCode.LINK_BROKEN)
    except OSError as error:
        reason = Reason.of(ReasonCode.CANNOT_BE_OPENED, why=error.strerror or error)
        return NotScreened(file, path, Cause.FAILED, reason)
    return _by_content(path, file, start)


def _by_content(path: Path, file: str, start: bytes) -> ClassifiedFile:
    kind = kind_of(start)
    if isinstance(kind, FileKind):
        return ImageFile(path, file, kind)
    if isinstance(kind, ForeignImage):
        if _suffix(file) in IMAGE_SUFFIXES:
            return _other(path, file, ReasonCode.WRONG_CONTENT, format=kind)
        reason = Reason.of(ReasonCode.IMAGE_FORMAT, format=kind)
        return NotScreened(file, path, Cause.INELIGIBLE, reason)
    if is_media_directory(start):
        return Ignored(file, path)
    return _other(path, file, ReasonCode.NOT_AN_IMAGE if start else ReasonCode.EMPTY_FILE)


def _other(path: Location, file: str, code: ReasonCode, **details: object) -> NotScreened | Ignored:
    """Return what becomes of a file that is no image: a failure where its name says that it is one."""
    suffix = _suffix(file)
    if suffix not in IMAGE_SUFFIXES:
        return Ignored(file, path)
    return NotScreened(file, path, Cause.FAILED, Reason.of(code, suffix=suffix, **details))


def _suffix(file: str) -> str:
    return PurePosixPath(file).suffix.lower()


def walk(roots: Sequence[Root], stopped: Callable[[], bool] = lambda: False) -> Iterator[FoundFile]:
    """Yield every file below the roots without opening it, in the order of `find_files`; a few ahead.

    stopped: as in `ahead`.
    """
    return (stamped for _, stamped in ahead(_stamped, _names(roots), stopped))


def _names(roots: Sequence[Root]) -> Iterator[FoundFile]:
    entered: set[tuple[int, int]] = set()
    for root in roots:
        if isinstance(root.path, ObjectUrl):
            yield from _objects(root, root.path)
        elif os.path.isdir(root.path):
            yield from _below(root, root.path, entered)
        else:
            yield FoundFile(root.path, root.label)


def _objects(root: Root, url: ObjectUrl) -> Iterator[FoundFile]:
    below = len(url) + 1
    try:
        for each in stored_objects(url):
            name = each.url[below:]
            hidden = any(part.startswith(".") and part.strip(".") for part in name.split("/"))
            file = _join(root.label, display_name(name)) if name else root.label
            yield FoundFile(each.url, file, hidden, None, each.size, each.mtime_ns)
    except StoreError as error:
        yield FoundFile(url, root.label or url.name, error=error.strerror)


def _below(root: Root, path: Path, entered: set[tuple[int, int]]) -> Iterator[FoundFile]:
    pending = [_Folder(path, root.label)]
    linked: list[_Folder] = []
    while pending or linked:
        folder = pending.pop() if pending else linked.pop(0)
        try:
            status = folder.path.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            with os.scandir(folder.path) as scan:
                children = sorted(scan, key=lambda child: os.fsencode(child.name))
        except OSError as error:
            file = folder.name or folder.path.name
            yield FoundFile(folder.path, file, folder.hidden, error.strerror or str(error))
            continue
        folders = []
        for child in children:
            hidden = folder.hidden or child.name.startswith(".")
            path, file = Path(child.path), _join(folder.name, display_name(child.name))
            if not _is_folder(child):
                yield FoundFile(path, file, hidden)
            elif child.is_symlink():
                linked.append(_Folder(path, file, hidden))
            else:
                folders.append(_Folder(path, file, hidden))
        pending.extend(reversed(folders))


def _stamped(found: FoundFile) -> FoundFile:
    if found.error is not None or found.size is not None:
        return found
    try:
        status = os.stat(found.path)
    except OSError:
        return found
    return FoundFile(
        found.path, found.name, found.hidden, None, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    )


def _is_folder(child: os.DirEntry[str]) -> bool:
    try:
        return child.is_dir()
    except OSError:  # a link whose target cannot be looked at: classify() says why
        return False


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
