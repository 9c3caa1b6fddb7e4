"""The PATHs of a command and what files below them are called."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError


@dataclass(frozen=True, slots=True)
class Root:
    """One PATH to scan.

    label: what stands before the names of its files: empty for a single folder, the base
    name for a PATH that is itself a file, else the shortest part that tells the roots apart.
    """

    path: Path
    label: str


def scan_roots(paths: Sequence[Path]) -> tuple[Root, ...]:
    """Return the roots of a scan, absolute and labelled.

    Raises:
        UsageError: A path is missing, or lies inside another one.
    """
    absolute = [Path(os.path.abspath(path)) for path in paths]
    for path in absolute:
        if not os.path.exists(path):  # unlike Path.exists, it never raises
            raise UsageError(f"{path}: no such file or folder. Is the share mounted?")
    _refuse_overlap(absolute)
    if len(absolute) == 1:
        [path] = absolute
        return (Root(path, "" if os.path.isdir(path) else display_name(path.name)),)
    return tuple(
        Root(path, display_name(label)) for path, label in zip(absolute, _labels(absolute), strict=True)
    )


def display_name(name: str) -> str:
    """Return a file name as clean text: bytes that are no UTF-8 become \\xNN."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _refuse_overlap(paths: Sequence[Path]) -> None:
    real = [path.resolve() for path in paths]
    for i, first in enumerate(real):
        for j, second in enumerate(real):
            if i != j and first.is_relative_to(second):
                raise UsageError(
                    f"{paths[i]} lies inside {paths[j]}: its files would be counted twice.\n"
                    "Pass only the outer one, or folders that do not overlap."
                )


def _labels(paths: Sequence[Path]) -> list[str]:
    """Return for each path its shortest suffix that no other root shares or continues."""
    parts = [path.parts[1:] for path in paths]  # without the leading "/"
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
