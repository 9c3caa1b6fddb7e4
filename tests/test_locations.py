"""What a command line names: a path, or a URL of a store, taken literally."""

import os
import pickle
from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.locations import ObjectUrl, as_location, stored_location


@pytest.mark.parametrize(
    "text", ["studies", "/studies/a b", "c:/x", "a//b", "s3:/bucket/x", "studies/s3://x"]
)
def test_a_path_stays_a_path(text: str) -> None:
    assert as_location(text) == Path(text)


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_a_url_names_an_object(scheme: str) -> None:
    url = as_location(f"{scheme}://bucket/2026//a/../image.v2.dcm")
    assert isinstance(url, ObjectUrl)
    assert (url.scheme, url.bucket, url.key) == (scheme, "bucket", "2026//a/../image.v2.dcm")
    assert (url.name, url.suffix) == ("image.v2.dcm", ".dcm")
    assert url.with_suffix(".csv") == f"{scheme}://bucket/2026//a/../image.v2.csv"
    assert url.location == "bucket/2026//a/../image.v2.dcm"


def test_a_bucket_alone_has_no_key() -> None:
    url = as_location("s3://bucket/")
    assert isinstance(url, ObjectUrl)
    assert (url.bucket, url.key, url.name) == ("bucket", "", "bucket")
    assert url.below("a/b") == "s3://bucket/a/b"


def test_nothing_in_a_url_is_decoded() -> None:
    url = as_location("s3://bucket/100%25 #1?x=%2F.dcm")
    assert isinstance(url, ObjectUrl)
    assert url.key == "100%25 #1?x=%2F.dcm"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://bucket/x", "no store that Screener knows"),
        ("S3://bucket/x", "no store that Screener knows"),
        ("file:///studies", "no store that Screener knows"),
        ("s3://", "names no bucket"),
        ("gs:///", "names no bucket"),
    ],
)
def test_what_is_neither_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        as_location(text)


@pytest.mark.parametrize(
    "place", [Path("/studies/a.dcm"), Path(os.fsdecode(b"/s/\xff")), ObjectUrl("gs://b/ü//x")]
)
def test_a_place_comes_back_from_its_bytes_and_from_another_process(place: Path | ObjectUrl) -> None:
    for found in (stored_location(os.fsencode(place)), pickle.loads(pickle.dumps(place))):
        assert (type(found), found) == (type(place), place)
