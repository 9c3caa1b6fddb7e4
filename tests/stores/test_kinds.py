"""What is asked of the stores that no server here speaks for: a stub answers as their libraries do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from screener.stores.kinds import Az, Gs, Listed, ObjectPart

asyn = pytest.importorskip("fsspec.asyn", reason="fsspec is not installed: pip install 'cxr-screener[s3]'")
WRITTEN = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)


@dataclass
class GoogleStub:
    """Answers as gcsfs.GCSFileSystem.call does."""

    answers: list[Any]
    asked: list[tuple[tuple[str, ...], dict[str, Any]]] = field(default_factory=list)

    def call(self, *path: str, **words: Any) -> Any:
        self.asked.append((path, words))
        return self.answers.pop(0)


def test_pages_of_google_follow_one_another() -> None:
    item = {"size": "7", "updated": "2026-11-20T01:02:03Z", "generation": 17}
    store = GoogleStub(
        [
            {"items": [{**item, "name": "p/1.dcm"}], "nextPageToken": "next"},
            {"nextPageToken": "last"},
            {"items": [{**item, "name": "p/2.dcm"}]},
        ]
    )
    pages = list(Gs().pages(store, "bucket", "p/"))
    assert pages == [[Listed("p/1.dcm", 7, WRITTEN, "17")], [], [Listed("p/2.dcm", 7, WRITTEN, "17")]]
    assert [path for path, _ in store.asked] == [("GET", "b/{}/o", "bucket")] * 3
    assert [words.get("pageToken") for _, words in store.asked] == [None, "next", "last"]
    assert {words["prefix"] for _, words in store.asked} == {"p/"}


def test_a_part_of_google_is_of_one_generation() -> None:
    answer = {"Content-Range": "bytes 0-3/10", "X-Goog-Generation": "17"}
    store = GoogleStub([(answer, b"0123"), (answer, b"4567"), ({}, b"01")])
    assert Gs().read(store, "bucket", "a b/#?.dcm", 0, 4, "") == ObjectPart(b"0123", 10, "17")
    assert Gs().read(store, "bucket", "a b/#?.dcm", 4, 8, "17").content == b"4567"
    assert Gs().read(store, "bucket", "short", 0, 4, "") == ObjectPart(b"01", 2, "")
    (path, first), (_, second), _ = store.asked
    assert path == ("GET", "b/{}/o/{}", "bucket", "a b/#?.dcm")
    assert (first["alt"], first["headers"]) == ("media", {"Range": "bytes=0-3"})
    assert "ifGenerationMatch" not in first
    assert (second["headers"], second["ifGenerationMatch"]) == ({"Range": "bytes=4-7"}, "17")


class AzureStub:
    """Answers as the container and blob clients of azure.storage.blob.aio do."""

    def __init__(self, pages: list[list[Any]], told: Any = None, content: bytes = b"") -> None:
        self.loop = asyn.get_loop()
        self.service_client = self
        self._pages, self._told, self._content = pages, told, content
        self.asked: dict[str, Any] = {}

    def get_container_client(self, container: str) -> "AzureStub":
        return self

    get_blob_client = SimpleNamespace

    def list_blobs(self, name_starts_with: str) -> "AzureStub":
        self.asked["prefix"] = name_starts_with
        return self

    async def by_page(self) -> AsyncIterator[AsyncIterator[Any]]:
        for page in self._pages:
            yield _each(page)


async def _each(page: list[Any]) -> AsyncIterator[Any]:
    for blob in page:
        yield blob


def test_pages_of_azure_follow_one_another() -> None:
    blobs = [
        SimpleNamespace(name=f"p/{number}", size=7, last_modified=WRITTEN, etag="e") for number in (1, 2)
    ]
    store = AzureStub([[blobs[0]], [], [blobs[1]]])
    assert list(Az().pages(store, "container", "p/")) == [
        [Listed("p/1", 7, WRITTEN, "e")],
        [],
        [Listed("p/2", 7, WRITTEN, "e")],
    ]
    assert store.asked == {"prefix": "p/"}


@pytest.mark.parametrize(
    ("content_range", "of_part", "size"),
    [("bytes 0-3/10", 4, 10), (None, 4, 4)],
)
def test_a_part_of_azure_tells_the_size_of_the_whole(
    content_range: str | None, of_part: int, size: int
) -> None:
    asked: dict[str, Any] = {}

    class Stream:
        properties = SimpleNamespace(content_range=content_range, size=of_part, etag="e")

        async def readall(self) -> bytes:
            return b"0123"

    class Blob:
        async def download_blob(self, **words: Any) -> Stream:
            asked.update(words)
            return Stream()

    store = AzureStub([])
    store.get_blob_client = lambda container, blob: asked.update(container=container, blob=blob) or Blob()  # type: ignore[assignment,method-assign,return-value]
    assert Az().read(store, "container", "a//b.dcm", 0, 4, "") == ObjectPart(b"0123", size, "e")
    assert asked == {"container": "container", "blob": "a//b.dcm", "offset": 0, "length": 4}
