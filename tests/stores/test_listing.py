"""Objects are listed once each, page by page, whatever their keys; and read and written by them."""

import socket
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from screener import stores
from screener.errors import MissingDependencyError
from screener.intake import scan_roots, walk
from screener.locations import ObjectUrl
from screener.stores import ObjectPart, StoreError, read_object, remove_object, stored_objects, write_object
from tests.stores.harness import Bucket

ODD_KEYS = [
    "p//b.dcm",
    "p/a//b.dcm",
    "p/a/../b.dcm",
    "p/a/./b.dcm",
    "p/a/b.dcm",
    "p/.hidden/b.dcm",
    "p/sp ace+plus%41.dcm",
    "p/ünï.dcm",
    "p/tab\t.dcm",
    "p/#?&=.dcm",
    "p/back\\slash.dcm",
    "p/star*[1]{2}.dcm",
    "p/ünï.dcm?versionId=2",
    "p/x",
    "p/x/y.dcm",
    "p/" + "long" * 200,
]


def listed(bucket: Bucket, key: str) -> list[str]:
    return [each.url.key for each in stored_objects(bucket.url(key))]


def test_every_object_is_listed_once_and_read_by_its_key(bucket: Bucket) -> None:
    for key in ODD_KEYS:
        bucket.put(key, key.encode())
    bucket.put("p2/other.dcm")
    found = list(stored_objects(bucket.url("p")))
    assert sorted(each.url.key for each in found) == sorted(ODD_KEYS)
    for each in found:
        assert each.size == len(each.url.key.encode())
        assert read_object(each.url, 0, 10_000).content.decode() == each.url.key
    assert sorted(listed(bucket, "")) == sorted([*ODD_KEYS, "p2/other.dcm"])


def test_a_prefix_is_a_folder_and_never_the_beginning_of_a_name(bucket: Bucket) -> None:
    bucket.put("studies/a.dcm")
    bucket.put("studies-old/a.dcm")
    bucket.put("study")
    assert listed(bucket, "studies") == ["studies/a.dcm"]
    assert listed(bucket, "stud") == []
    assert listed(bucket, "study") == ["study"]
    assert listed(bucket, "studies/a.dcm") == ["studies/a.dcm"]


def test_what_shows_a_folder_in_a_console_is_no_file(bucket: Bucket) -> None:
    bucket.put("p/folder/", b"")
    bucket.put("p/with-content/", b"x")
    bucket.put("p/empty.dcm", b"")
    assert listed(bucket, "p") == ["p/empty.dcm", "p/with-content/"]


def test_listing_is_streamed(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(25):
        bucket.put(f"p/{number:02d}")
    store = stores._store("s3")
    asked = store.call_s3
    monkeypatch.setattr(store, "call_s3", lambda *words, **values: asked(*words, MaxKeys=10, **values))
    found = stored_objects(bucket.url("p"))
    assert len(list(islice(found, 10))) == 10
    assert bucket.asked("GET", "list-type=2") == 1
    assert [each.url.key for each in found] == [f"p/{number:02d}" for number in range(10, 25)]
    assert bucket.asked("GET", "list-type=2") == 3


def test_two_versions_of_one_second_have_two_stamps(bucket: Bucket) -> None:
    stamps = set()
    for content in (b"one", b"two", b"one"):
        bucket.put("p/image.dcm", content)
        [found] = stored_objects(bucket.url("p"))
        stamps.add((found.size, found.mtime_ns % 1_000_000_000))
    assert len(stamps) == 2


def test_a_part_of_an_object_is_read(bucket: Bucket) -> None:
    url = bucket.put("image", b"0123456789")
    part = read_object(url, 0, 4)
    assert (part.content, part.size) == (b"0123", 10)
    assert read_object(url, 4, 100, part.version).content == b"456789"
    with pytest.raises(StoreError, match="it ends before that"):
        read_object(url, 10, 20)
    bucket.put("image", b"9876543210")
    with pytest.raises(StoreError, match="it changed while it was read"):
        read_object(url, 4, 100, part.version)


def test_a_connection_that_breaks_within_an_answer_is_mended_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiohttp import ClientPayloadError

    url = bucket.put("image", b"0123456789")
    kind = stores.KINDS["s3"]
    read, broken = kind.read, [ClientPayloadError(), None, ClientPayloadError(), ClientPayloadError()]

    def breaking(*words: Any) -> ObjectPart:
        if error := broken.pop(0):
            raise error
        return read(*words)

    monkeypatch.setattr(kind, "read", breaking)
    assert read_object(url, 0, 4).content == b"0123"
    with pytest.raises(StoreError, match="it broke the connection off"):
        read_object(url, 0, 4)
    assert broken == []


def test_a_file_is_put_and_removed(bucket: Bucket, tmp_path: Path) -> None:
    (path := tmp_path / "report.csv").write_bytes(b"rank\n")
    write_object(path, bucket.url("out/report.csv"))
    assert bucket.get("out/report.csv") == b"rank\n"
    remove_object(bucket.url("out/report.csv"))
    assert bucket.keys() == []


def test_an_error_is_told_without_the_name_of_the_object(bucket: Bucket, tmp_path: Path) -> None:
    (path := tmp_path / "report.csv").touch()
    gone = bucket.url("patients/Jane-Doe.dcm")
    elsewhere = type(gone)("s3://no-such-bucket-here/Jane-Doe.dcm")
    for failing in (
        lambda: read_object(gone, 0, 10),
        lambda: read_object(elsewhere, 0, 10),
        lambda: list(stored_objects(elsewhere)),
        lambda: write_object(path, elsewhere),
    ):
        with pytest.raises(StoreError) as raised:
            failing()
        assert raised.value.strerror == "there is no such object or bucket"


def test_a_server_that_is_away_is_told_from_an_object_that_is(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(StoreError) as raised:
        list(stored_objects(bucket.url("p")))
    s3fs.S3FileSystem.clear_instance_cache()
    assert raised.value.strerror == "the store is out of reach: nothing answers at its address"


@pytest.mark.slow
def test_a_store_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "of-the-tests")
        monkeypatch.setattr(stores.kinds, "ANSWER_SECONDS", 1)
        s3fs.S3FileSystem.clear_instance_cache()
        stores._store.cache_clear()
        for asking in (
            lambda: read_object(ObjectUrl("s3://bucket/image.dcm"), 0, 10),
            lambda: list(stored_objects(ObjectUrl("s3://bucket/2026"))),
        ):
            with pytest.raises(StoreError) as raised:
                asking()
            assert raised.value.strerror == "the store is out of reach: it did not answer in time"
        s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.parametrize(
    ("scheme", "library", "extra"), [("s3", "s3fs", "s3"), ("gs", "gcsfs", "gcs"), ("az", "adlfs", "azure")]
)
def test_a_store_whose_library_is_missing_says_what_to_install(
    scheme: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores._store.cache_clear()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingDependencyError, match=rf"cxr-screener\[{extra}\]"):
        stores.check_store(scheme)


def test_what_begins_with_a_dot_is_hidden_and_a_dot_alone_is_a_name(bucket: Bucket) -> None:
    for key in ("p/./a.dcm", "p/../b.dcm", "p/.trash/c.dcm", "p/d/.e.dcm", "p/f..dcm"):
        bucket.put(key)
    found = {each.name: each.hidden for each in walk(scan_roots([bucket.url("p")]))}
    assert found == {
        "./a.dcm": False,
        "../b.dcm": False,
        ".trash/c.dcm": True,
        "d/.e.dcm": True,
        "f..dcm": False,
    }
