"""A DICOMweb service that keeps images in memory, and misbehaves as a test tells it to."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pydicom

from screener.archives.multipart import related
from tests.archives.web_server import Reply, Request, WebServer, web_server

_LEVELS = {
    "studies": ("StudyInstanceUID", "ModalitiesInStudy"),
    "series": ("SeriesInstanceUID", "Modality", "SeriesDescription"),
    "instances": ("SOPInstanceUID", "SOPClassUID"),
}


@dataclass
class FakeArchive:
    """images: DICOM files. instead: replies by the number of the image that is asked for, from 0.

    page: most answers at a time, whatever is asked for; same_page: the first one for every offset.
    headers: of every list. before_image: is called before each image is sent.
    """

    images: list[bytes] = field(default_factory=list)
    instead: dict[int, Reply] = field(default_factory=dict)
    page: int = 1000
    same_page: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    lists: Reply | None = None
    fetched: int = 0
    asked_dates: list[str] = field(default_factory=list)

    def answers(self, request: Request) -> Reply:
        url = urlsplit(request.path)
        parts = url.path.strip("/").split("/")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if len(parts) == 6:
            return self._image(parts[5])
        if self.lists is not None:
            return self.lists
        return self._list(parts, query)

    def _image(self, sop_uid: str) -> Reply:
        number, self.fetched = self.fetched, self.fetched + 1
        if number in self.instead:
            return self.instead[number]
        return sent(next(each for each in self.images if _read(each).SOPInstanceUID == sop_uid))

    def _list(self, parts: list[str], query: dict[str, str]) -> Reply:
        self.asked_dates += [query["StudyDate"]] if "StudyDate" in query else []
        found = [_read(each) for each in self.images]
        for kind, uid in zip(parts[::2], parts[1::2], strict=False):
            found = [each for each in found if each[_LEVELS[kind][0]].value == uid]
        if modality := query.get("ModalitiesInStudy"):
            found = [each for each in found if each.Modality == modality]
        unique = {each[_LEVELS[parts[-1]][0]].value: each for each in found}
        start = 0 if self.same_page else int(query.get("offset", 0))
        page = list(unique.values())[start : start + self.page]
        shown = [_json(each, _LEVELS[parts[-1]]) for each in page]
        return Reply(200 if shown else 204, self.headers, json.dumps(shown).encode() if shown else b"")


@contextmanager
def fake_archive(archive: FakeArchive) -> Iterator[WebServer]:
    """Give a server of an archive; its root is /dicom-web."""
    with web_server(lambda request: archive.answers(_below_root(request))) as server:
        server.url += "/dicom-web"
        yield server


def sent(image: bytes) -> Reply:
    """Return the answer in which an archive sends an image."""
    body, content_type = related([image])
    return Reply(200, {"Content-Type": content_type}, body)


def _below_root(request: Request) -> Request:
    assert request.path.startswith("/dicom-web/")
    return Request(request.method, request.path.removeprefix("/dicom-web"), request.headers, request.body)


def _read(image: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(image), stop_before_pixels=True)


def _json(dataset: pydicom.Dataset, keywords: tuple[str, ...]) -> dict[str, object]:
    shown = pydicom.Dataset()
    for keyword in keywords:
        value = dataset.Modality if keyword == "ModalitiesInStudy" else dataset.get(keyword)
        if value is not None:
            setattr(shown, keyword, value)
    return json.loads(shown.to_json())
