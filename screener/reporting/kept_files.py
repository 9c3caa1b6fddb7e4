"""The files that dated reports consist of, remembered so that nothing else is ever deleted."""

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from screener.errors import why
from screener.outputs.atomic import text_written_whole
from screener.said import Spoken, say


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that a run wrote under a dated name.

    name: from the folder of the list. stamp: what stands for the date in it. day: ISO 8601. sha256: of what
    the run wrote.
    """

    name: str
    stamp: str
    day: str
    sha256: str


def read_list(
    path: Path, tell: Callable[[Spoken], None], there: Callable[[], Iterable[Kept]]
) -> dict[str, Kept]:
    """Return the files on a list by their names; none where there is no list yet.

    there: what lies beside the list, as it is now; asked where lines of the list are damaged, for the files
    that they may have named.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    told = [_read_line(line) for line in lines]
    known = {each.name: each for each in told if each is not None}
    if None in told:
        found = {each.name: each for each in there() if each.name not in known}
        tell(say("reporting.list_damaged", path=path, count=len(found)))
        known |= found
    return known


def _read_line(line: bytes) -> Kept | None:
    try:
        kept = Kept(**json.loads(line))
    except (ValueError, TypeError):
        return None
    return kept if all(isinstance(each, str) for each in asdict(kept).values()) else None


def write_list(path: Path, files: Iterable[Kept]) -> None:
    """Write a list; raises as text_written_whole does."""
    with text_written_whole(path) as file:
        for each in files:
            file.write(json.dumps(asdict(each), ensure_ascii=False) + "\n")


def delete_unchanged(path: Path, kept: Kept, tell: Callable[[Spoken], None]) -> bool:
    """Delete a file that is as it was written; return whether the list may forget it."""
    with suppress(FileNotFoundError):
        if path.is_symlink() or not path.is_file() or digest_of(path) != kept.sha256:
            tell(say("reporting.old_but_changed", file=path.name))
            return True
        try:
            path.unlink()
            tell(say("reporting.deleted", file=path.name))
        except OSError as error:
            tell(say("reporting.not_deleted", file=path.name, error=why(error)))
            return False
    return True


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
