"""Where a file lies: on a file system, or as an object in a store."""

import os
import re
from pathlib import Path, PurePosixPath
from typing import Self, TypeAlias

from screener.errors import UsageError

SCHEMES = ("s3", "gs", "az")

_URL_AS_PATH = tuple(f"{scheme}:" for scheme in SCHEMES)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)


class ObjectUrl(str):
    """An object of a store, or all objects below a prefix: "s3://bucket/2026/image.dcm".

    Taken literally, as stores take keys: nothing is decoded, and "a//b" and "a/b" are two objects, which a
    Path would make one.
    """

    __slots__ = ()

    @property
    def scheme(self) -> str:
        return self.partition("://")[0]

    @property
    def location(self) -> str:
        """Bucket (or container) and key, as fsspec names an object."""
        return self.partition("://")[2]

    @property
    def bucket(self) -> str:
        return self.location.partition("/")[0]

    @property
    def key(self) -> str:
        """The object's name in its bucket; empty for the whole bucket."""
        return self.location.partition("/")[2]

    @property
    def parts(self) -> tuple[str, ...]:
        """As Path.parts has them: the store, the bucket, then what slashes part."""
        return (f"{self.scheme}://", *self.location.split("/"))

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    def with_suffix(self, suffix: str) -> Self:
        """Return the object beside it whose name ends otherwise."""
        return type(self)(self.removesuffix(self.suffix) + suffix)

    def absolute(self) -> Self:
        """Return the URL itself, which depends on no working directory."""
        return self

    def below(self, key: str) -> Self:
        """Return an object of the same bucket."""
        return type(self)(f"{self.scheme}://{self.bucket}/{key}")


Location: TypeAlias = Path | ObjectUrl


def as_location(text: str | Path) -> Location:
    """Return what a command line names: a URL of a store, else a path.

    Raises:
        UsageError: A URL of something that is no such store, or without a bucket.
    """
    match = _SCHEME.fullmatch(str(text))
    if match is None:
        return Path(text)
    if match["scheme"] not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise UsageError("stores.unknown", text=text, known=known)
    if not match["rest"].strip("/"):
        raise UsageError("stores.no_bucket", text=text, scheme=match["scheme"])
    return ObjectUrl(str(text).rstrip("/"))


def refuse_url(option: str, path: Path | None) -> None:
    """Raise UsageError if a local path was given as a URL.

    Raises:
        UsageError: The path is what Path leaves of a URL.
    """
    if path is not None and path.parts and path.parts[0] in _URL_AS_PATH:
        raise UsageError("stores.not_here", option=option, path=path)


def stored_location(name: bytes) -> Location:
    """Return the place that os.fsencode made these bytes of."""
    text = os.fsdecode(name)
    return ObjectUrl(text) if text.partition("://")[0] in SCHEMES else Path(text)
