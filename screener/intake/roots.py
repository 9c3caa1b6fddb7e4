"""The PATHs of a command and what files below them are called."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError, why
from screener.locations import Location, ObjectUrl
from screener.stores import StoreError, stored_objects


@dataclass(frozen=True, slots=True)
class Root:
    """One PATH to scan.

    label: what stands before the names of its files: empty for a single folder, the base
    name for a PATH that is itself a file, else the shortest part that tells the roots apart.
    """

    path: Location
    label: str


def scan_roots(paths: Sequence[Location]) -> tuple[Root, ...]:
    """Return the roots of a scan, absolute and labelled.

    Raises:
        UsageError: A path is missing, a store cannot be listed, or one path lies inside another.
        MissingDependencyError: A store needs a library that is not installed.
    """
    absolute = [path if isinstance(path, ObjectUrl) else Path(os.path.abspath(path)) for path in paths]
    folders = [_is_folder(path) for path in absolute]
    _refuse_overlap(absolute)
    if len(absolute) == 1:
        [path] = absolute
        return (Root(path, "" if folders[0] else display_name(path.name)),)
    return tuple(
        Root(path, display_name(label)) for path, label in zip(absolute, _labels(absolute), strict=True)
    )


def display_name(name: str) -> str:
    r"""Return a file name as clean text: bytes that are no UTF-8 become \xNN."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _is_folder(path: Location) -> bool:
    """Return whether other files lie below a path; raises UsageError where there is nothing."""
    if isinstance(path, ObjectUrl):
        return _first_object(path) != path
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError("intake.nothing_there", path=path) from None
    except (OSError, ValueError) as error:
        found = why(error) if isinstance(error, OSError) else error
        raise UsageError("intake.out_of_reach", path=path, why=found) from error


def _first_object(url: ObjectUrl) -> ObjectUrl:
    try:
        first = next(stored_objects(url), None)
    except StoreError as error:
        where = "intake.not_listed" if error.away else "intake.not_listed_mind_name"
        raise UsageError(where, url=url, why=why(error)) from error
    if first is None:
        raise UsageError("intake.no_object", url=url)
    return first.url


def _refuse_overlap(paths: Sequence[Location]) -> None:
    real = [path.parts if isinstance(path, ObjectUrl) else path.resolve().parts for path in paths]
    for i, first in enumerate(real):
        for j, second in enumerate(real):
            if i != j and first[: len(second)] == second:
                raise UsageError("intake.overlap", inner=paths[i], outer=paths[j])


def _parts(path: Location) -> tuple[str, ...]:
    """Return what a label may be made of: a store's kind, then the parts, without a leading "/"."""
    return (path.scheme, *path.parts[1:]) if isinstance(path, ObjectUrl) else path.parts[1:]


def _labels(paths: Sequence[Location]) -> list[str]:
    """Return for each path its shortest suffix that no other root shares or continues."""
    parts = [_parts(path) for path in paths]
    lengths = [1] * len(parts)
    while True:
        labels = [tuple(each[-length:]) for each, length in zip(parts, lengths, strict=True)]
        clash = {
            k
            for i, first in enumerate(labels)
            for j, second in enumerate(labels)
            if i != j and second[: len(first)] == first
            for k in (i, j)
            if lengths[k] < len(parts[k])
        }
        if not clash:
            return ["/".join(label) for label in labels]
        for k in clash:
            lengths[k] += 1
