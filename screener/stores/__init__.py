"""Object stores through fsspec, its one home: listing, reading and writing objects by URL.

Credentials, endpoints and regions are those of the environment, as each store's own tools read them.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from screener.errors import MissingDependencyError
from screener.locations import ObjectUrl
from screener.said import Said, say
from screener.stores import kinds
from screener.stores.errors import BROKEN, CHANGED, StoreError, StoreFault, in_words
from screener.stores.kinds import ANSWER_SECONDS, KINDS, Listed, ObjectPart

__all__ = [
    "ANSWER_SECONDS",
    "CHANGED",
    "ObjectPart",
    "StoreError",
    "StoredObject",
    "be_patient_for",
    "check_store",
    "read_object",
    "remove_object",
    "store_libraries",
    "stored_objects",
    "write_object",
]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a store lists it.

    size: bytes. mtime_ns: last written, nanoseconds. Stores tell seconds; the digits below are made of the
    object's ETag, so that two versions of one second differ.
    """

    url: ObjectUrl
    size: int
    mtime_ns: int


def check_store(scheme: str) -> None:
    """Raise if a kind of store cannot be used here.

    Raises:
        MissingDependencyError: Its library is not installed.
        StoreError: What the environment says of it cannot be.
    """
    _store(scheme)


def be_patient_for(seconds: float) -> None:
    """Wait no longer for an answer from now on, in this process; ANSWER_SECONDS at most."""
    kinds.ANSWER_SECONDS = min(kinds.ANSWER_SECONDS, seconds)


def store_libraries() -> list[tuple[str, str | Said]]:
    """Return for each scheme the library that reads it with its version, or say how to install it."""
    found: list[tuple[str, str | Said]] = []
    for scheme, kind in KINDS.items():
        try:
            found.append((f"{scheme}://", f"{kind.library} {version(kind.library)}"))
        except PackageNotFoundError:
            found.append((f"{scheme}://", say("stores.not_installed", extra=kind.extra)))
    return found


def stored_objects(url: ObjectUrl) -> Iterator[StoredObject]:
    """Yield every object below a URL, page by page as the store lists them; else the one of that very name.

    A store asks nothing for folders: one request brings 1,000 objects, whatever slashes are in their names.
    The empty objects whose names end in "/", by which consoles show folders, are left out.

    Raises:
        StoreError: The store cannot be reached, or refuses.
        MissingDependencyError: As check_store.
    """
    below = f"{url.key}/" if url.key else ""
    nothing = True
    for each in _listed(url, below):
        nothing = False
        yield each
    if nothing and url.key:
        # The object itself is the first of all whose names begin like it.
        yield from (each for each in islice(_listed(url, url.key), 1) if each.url == url)


def read_object(url: ObjectUrl, start: int, end: int, version: str = "") -> ObjectPart:
    """Return an object's bytes from start to before end, fewer where it is shorter.

    version: as a ObjectPart of the same object has it; empty for any.

    Raises:
        StoreError: It is gone, cannot be read, is not of that version, or has no byte at `start`.
    """
    try:
        return _read(url, start, end, version)
    except StoreError as error:
        if error.fault is not BROKEN:
            raise
    return _read(url, start, end, version)  # nobody else mends a connection that breaks within an answer


def _read(url: ObjectUrl, start: int, end: int, version: str) -> ObjectPart:
    with in_words():
        return KINDS[url.scheme].read(_store(url.scheme), url.bucket, url.key, start, end, version)


def write_object(path: Path, url: ObjectUrl) -> None:
    """Put a file's content into a store, whole or not at all; raises StoreError."""
    with in_words():
        _store(url.scheme).put_file(str(path), url.location)


def remove_object(url: ObjectUrl) -> None:
    """Remove an object; raises StoreError."""
    with in_words():
        _store(url.scheme).rm_file(url.location)


@cache
def _store(scheme: str) -> Any:
    kind = KINDS[scheme]
    try:
        importlib.import_module(kind.library)
        import fsspec
    except ImportError as error:
        raise MissingDependencyError(
            "stores.needs_library", scheme=scheme, library=kind.library, error=error, extra=kind.extra
        ) from error
    try:
        with in_words():
            store = fsspec.filesystem(scheme, use_listings_cache=False)
            if scheme == "s3":
                store.connect()  # now, before a worker's memory is bounded: it takes many MB
            return store
    except ValueError as error:  # botocore's, of an endpoint
        raise StoreError(StoreFault.of("stores.environment", error=error)) from error


def _listed(url: ObjectUrl, prefix: str) -> Iterator[StoredObject]:
    """Yield the objects of a URL's bucket whose keys begin so, in the order of their keys."""
    with in_words():
        pages = KINDS[url.scheme].pages(_store(url.scheme), url.bucket, prefix)
    while True:
        with in_words():
            page = next(pages, None)
        if page is None:
            return
        for each in page:
            if each.size or not each.key.endswith("/"):
                yield StoredObject(url.below(each.key), each.size, _stamp(each))


def _stamp(listed: Listed) -> int:
    second = 1_000_000_000
    of_tag = int(sha256(listed.tag.encode()).hexdigest(), 16) % second
    return int(listed.written.timestamp()) * second + of_tag
