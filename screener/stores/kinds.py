"""How each kind of store lists and reads its objects: what its library publishes beneath fsspec's interface.

fsspec's own listings are whole or by folder, and its reading takes some keys for more than they are; see
docs/decisions/0005-listing-object-stores.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple, Protocol

from screener.stores.errors import StoreError, StoreFault

ANSWER_SECONDS = 30.0  # for a page of a listing, or a part of an object, with what is tried again meanwhile


class Listed(NamedTuple):
    """One object in a page of a listing; tag: differs when it is written again."""

    key: str
    size: int
    written: datetime
    tag: str


@dataclass(frozen=True, slots=True)
class ObjectPart:
    """Some bytes of an object; size: of the whole, in bytes. version: what the rest must be of, too."""

    content: bytes
    size: int
    version: str


class StoreKind(Protocol):
    """What differs from store to store; `store` is fsspec's file system for it."""

    library: str
    extra: str

    def pages(self, store: Any, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        """Yield the objects whose keys begin so, page by page, by key."""
        ...

    def read(self, store: Any, bucket: str, key: str, start: int, end: int, version: str) -> ObjectPart:
        """Return the bytes from start to before end; version: empty for any."""
        ...


class S3:
    """Amazon S3, and whatever speaks its protocol."""

    library, extra = "s3fs", "s3"

    def pages(self, store: Any, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        asked = {"Bucket": bucket, "Prefix": prefix}
        while True:
            page = store.call_s3("list_objects_v2", timeout=ANSWER_SECONDS, **asked)
            if "IsTruncated" not in page:
                raise StoreError(StoreFault.of("stores.no_store"))
            yield [
                Listed(each["Key"], each["Size"], each["LastModified"], each.get("ETag", ""))
                for each in page.get("Contents", ())
            ]
            if not page["IsTruncated"]:
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def read(self, store: Any, bucket: str, key: str, start: int, end: int, version: str) -> ObjectPart:
        from fsspec.asyn import sync

        only = {"IfMatch": version} if version else {}
        asked = {"Bucket": bucket, "Key": key, "Range": f"bytes={start}-{end - 1}", **only}
        deadline = monotonic() + ANSWER_SECONDS
        answer = store.call_s3("get_object", timeout=ANSWER_SECONDS, **asked)
        body = answer["Body"]
        try:
            content = sync(store.loop, body.read, timeout=max(deadline - monotonic(), 0.1))
        finally:
            store.loop.call_soon_threadsafe(body.close)
        size = answer.get("ContentRange", "").rpartition("/")[2] or answer["ContentLength"]
        return ObjectPart(content, int(size), answer.get("ETag", ""))


class Gs:
    """Google Cloud Storage."""

    library, extra = "gcsfs", "gcs"

    def pages(self, store: Any, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        asked = {"prefix": prefix, "maxResults": 1000, "json_out": True, "timeout": ANSWER_SECONDS}
        while True:
            page = store.call("GET", "b/{}/o", bucket, **asked)
            yield [
                Listed(
                    each["name"],
                    int(each["size"]),
                    datetime.fromisoformat(each["updated"]),
                    str(each.get("generation", "")),
                )
                for each in page.get("items", ())
            ]
            if "nextPageToken" not in page:
                return
            asked["pageToken"] = page["nextPageToken"]

    def read(self, store: Any, bucket: str, key: str, start: int, end: int, version: str) -> ObjectPart:
        only = {"ifGenerationMatch": version} if version else {}
        asked = {"alt": "media", "headers": {"Range": f"bytes={start}-{end - 1}"}, **only}
        answer, content = store.call("GET", "b/{}/o/{}", bucket, key, timeout=ANSWER_SECONDS, **asked)
        size = answer.get("Content-Range", "").rpartition("/")[2] or start + len(content)
        return ObjectPart(content, int(size), answer.get("X-Goog-Generation", ""))


class Az:
    """Azure Blob Storage."""

    library, extra = "adlfs", "azure"

    def pages(self, store: Any, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        from fsspec.asyn import sync

        container = store.service_client.get_container_client(bucket)
        pages = container.list_blobs(name_starts_with=prefix).by_page()

        async def next_page() -> list[Listed] | None:
            async for page in pages:
                return [Listed(each.name, each.size, each.last_modified, each.etag) async for each in page]
            return None

        while (found := sync(store.loop, next_page, timeout=ANSWER_SECONDS)) is not None:
            yield found

    def read(self, store: Any, bucket: str, key: str, start: int, end: int, version: str) -> ObjectPart:
        from fsspec.asyn import sync

        only: dict[str, Any] = {}
        if version:
            from azure.core import MatchConditions

            only = {"etag": version, "match_condition": MatchConditions.IfNotModified}

        async def read() -> ObjectPart:
            blob = store.service_client.get_blob_client(bucket, key)
            stream = await blob.download_blob(offset=start, length=end - start, **only)
            properties = stream.properties
            size = (properties.content_range or "").rpartition("/")[
                2
            ] or properties.size  # the latter: of this part
            return ObjectPart(await stream.readall(), int(size), properties.etag)

        found: ObjectPart = sync(store.loop, read, timeout=ANSWER_SECONDS)
        return found


KINDS: dict[str, StoreKind] = {"s3": S3(), "gs": Gs(), "az": Az()}
