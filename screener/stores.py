"""Object stores through fsspec, its one home: listing, reading and writing objects by URL.

Credentials, endpoints and regions are those of the environment, as each store's own tools read them.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from screener.errors import MissingDependencyError
from screener.places import ObjectUrl

ANSWER_SECONDS = 30.0  # for a page of a listing, or a part of an object, with what is tried again meanwhile

_LIBRARIES = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs"), "az": ("adlfs", "azure")}  # with their extras

# What the stores' libraries raise, by name: none of them need be installed.
_WORDS = {
    "FileNotFoundError": "there is no such object or bucket",
    "ResourceNotFoundError": "there is no such object or container",
    "PermissionError": "access is denied",
    "NoCredentialsError": "there are no credentials in the environment",
    "PartialCredentialsError": "the credentials in the environment are not complete",
    "ClientAuthenticationError": "access is denied",
    "EndpointConnectionError": "the store cannot be reached",
    "ClientConnectorError": "the store cannot be reached",
    "ServiceRequestError": "the store cannot be reached",
    "ConnectTimeoutError": "the store did not answer in time",
    "ReadTimeoutError": "the store did not answer in time",
    "FSTimeoutError": "the store did not answer in time",
    "TimeoutError": "the store did not answer in time",
}


class StoreError(OSError):
    """A store did not do what it was asked to; strerror: why, without the name of any object."""


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
    """Return if a kind of store can be used here.

    Raises:
        MissingDependencyError: Its library is not installed.
    """
    _store(scheme)


def store_libraries() -> list[tuple[str, str]]:
    """Return for each scheme the library that reads it with its version, or how to install it."""
    found = []
    for scheme, (library, extra) in _LIBRARIES.items():
        try:
            found.append((f"{scheme}://", f"{library} {version(library)}"))
        except PackageNotFoundError:
            found.append((f"{scheme}://", f"not installed: pip install 'cxr-screener[{extra}]'"))
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


def read_object(url: ObjectUrl, start: int, end: int) -> bytes:
    """Return an object's bytes from start to before end, fewer where it is shorter.

    Raises:
        StoreError: It is gone, cannot be read, not in ANSWER_SECONDS, or has no byte at `start`.
    """
    with _in_words():
        store = _store(url.scheme)
        return bytes(store.cat_file(url.location, start=start, end=end, timeout=ANSWER_SECONDS))


def object_version(url: ObjectUrl) -> tuple[int, str]:
    """Return an object's size in bytes, and what differs once it is written again; raises StoreError."""
    with _in_words():
        store = _store(url.scheme)
        return int(store.size(url.location)), str(store.ukey(url.location))


def write_object(path: Path, url: ObjectUrl) -> None:
    """Put a file's content into a store, whole or not at all; raises StoreError."""
    with _in_words():
        _store(url.scheme).put_file(str(path), url.location)


def remove_object(url: ObjectUrl) -> None:
    """Remove an object; raises StoreError."""
    with _in_words():
        _store(url.scheme).rm_file(url.location)


@cache
def _store(scheme: str) -> Any:
    library, extra = _LIBRARIES[scheme]
    try:
        importlib.import_module(library)
        import fsspec
    except ImportError as error:
        raise MissingDependencyError(
            f"{scheme}:// needs {library} ({error}).\nInstall it: pip install 'cxr-screener[{extra}]'"
        ) from error
    with _in_words():
        return fsspec.filesystem(scheme, use_listings_cache=False)


@contextmanager
def _in_words() -> Iterator[None]:
    """Raise whatever a store's library raises as a StoreError."""
    try:
        yield
    except MissingDependencyError:
        raise
    except Exception as error:
        raise StoreError(None, _words(error)) from error


def _words(error: Exception) -> str:
    if "storage class" in str(error):  # S3's InvalidObjectState
        return "it lies in the store's archive, from which it must be restored first"
    for kind in type(error).__mro__:
        if kind.__name__ in _WORDS:
            return _WORDS[kind.__name__]
    return f"the store answered with an error ({type(error).__name__})"


def _listed(url: ObjectUrl, prefix: str) -> Iterator[StoredObject]:
    """Yield the objects of a URL's bucket whose keys begin so, in the order of their keys."""
    with _in_words():
        pages = _PAGES[url.scheme](_store(url.scheme), url.bucket, prefix)
    while True:
        with _in_words():
            page = next(pages, None)
        if page is None:
            return
        for key, size, written, tag in page:
            if size or not key.endswith("/"):
                yield StoredObject(url.below(key), size, _stamp(written, tag))


def _stamp(written: datetime, tag: str) -> int:
    second = 1_000_000_000
    return int(written.timestamp()) * second + int(sha256(tag.encode()).hexdigest(), 16) % second


# Of each object: key, size, when it was written, and its ETag.
_Page = list[tuple[str, int, datetime, str]]


def _s3_pages(store: Any, bucket: str, prefix: str) -> Iterator[_Page]:
    asked = {"Bucket": bucket, "Prefix": prefix}
    while True:
        page = store.call_s3("list_objects_v2", timeout=ANSWER_SECONDS, **asked)
        yield [
            (each["Key"], each["Size"], each["LastModified"], each.get("ETag", ""))
            for each in page.get("Contents", ())
        ]
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def _gs_pages(store: Any, bucket: str, prefix: str) -> Iterator[_Page]:
    asked = {"prefix": prefix, "maxResults": 1000}
    while True:
        page = store.call("GET", "b/{}/o", bucket, json_out=True, timeout=ANSWER_SECONDS, **asked)
        yield [
            (each["name"], int(each["size"]), datetime.fromisoformat(each["updated"]), each.get("etag", ""))
            for each in page.get("items", ())
        ]
        if "nextPageToken" not in page:
            return
        asked["pageToken"] = page["nextPageToken"]


def _az_pages(store: Any, bucket: str, prefix: str) -> Iterator[_Page]:
    from fsspec.asyn import sync

    pages = store.service_client.get_container_client(bucket).list_blobs(name_starts_with=prefix).by_page()

    async def next_page() -> _Page | None:
        async for page in pages:
            return [(each.name, each.size, each.last_modified, each.etag) async for each in page]
        return None

    while (found := sync(store.loop, next_page, timeout=ANSWER_SECONDS)) is not None:
        yield found


_PAGES = {"s3": _s3_pages, "gs": _gs_pages, "az": _az_pages}
