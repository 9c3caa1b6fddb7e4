"""An archive that speaks DICOMweb, as far as publish asks it, and breaks as a test tells it to."""

import json
import re
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pydicom

from tests.archives.web_server import Reply, Request

_QIDO = re.compile(r"/dicom-web/studies/([0-9.]+)/instances")
_METADATA = re.compile(r"/dicom-web/studies/([0-9.]+)/series/([0-9.]+)/instances/([0-9.]+)/metadata")
_STORE = re.compile(r"/dicom-web/studies/([0-9.]+)")
PART = re.compile(rb"Content-Type: application/dicom\r\n\r\n(.*?)\r\n--screener-", re.DOTALL)


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "application/dicom+json"}, json.dumps(value).encode())


@dataclass
class FakeArchive:
    """objects: by SOP Instance UID. before: may answer a request in place of the archive."""

    objects: dict[str, bytes] = field(default_factory=dict)
    before: Callable[[Request], Reply | None] = lambda request: None
    stored: list[str] = field(default_factory=list)  # by STOW, in order

    def put(self, *paths: Path) -> None:
        """Put images into the archive."""
        for path in paths:
            self._keep(path.read_bytes())

    def __call__(self, request: Request) -> Reply:
        if (reply := self.before(request)) is not None:
            return reply
        place = urlsplit(request.path)
        if found := _QIDO.fullmatch(place.path):
            return self._search(found[1], parse_qs(place.query)["SOPInstanceUID"][0])
        if found := _METADATA.fullmatch(place.path):
            return self._metadata(found[3])
        if request.method == "POST" and _STORE.fullmatch(place.path):
            return self.store(request)
        return Reply(404)

    def store(self, request: Request, failed: int | None = None, of: Container[str] | None = None) -> Reply:
        """Answer a STOW; failed: the reason with which all, or these modalities, are refused and not kept."""
        kept: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for content in PART.findall(request.body):
            dataset = pydicom.dcmread(BytesIO(content))
            uid = str(dataset.SOPInstanceUID)
            item = {"00081155": {"vr": "UI", "Value": [uid]}}
            if failed is None or (of is not None and dataset.Modality not in of):
                self._keep(content)
                self.stored.append(uid)
                kept.append(item)
            else:
                refused.append({**item, "00081197": {"vr": "US", "Value": [failed]}})
        lists = {"00081199": kept, "00081198": refused}
        status = 200 if not refused else 202 if kept else 409
        return _json({tag: {"vr": "SQ", "Value": items} for tag, items in lists.items() if items}, status)

    def _keep(self, content: bytes) -> None:
        self.objects[str(pydicom.dcmread(BytesIO(content)).SOPInstanceUID)] = content

    def _search(self, study: str, uid: str) -> Reply:
        found = self.objects.get(uid)
        dataset = pydicom.dcmread(BytesIO(found)) if found else None
        if dataset is None or dataset.StudyInstanceUID != study:
            return Reply(204)
        dataset.remove_private_tags()
        tags = ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")
        return _json(
            [{dataset[each].tag.__format__("08X"): dataset[each].to_json_dict(None, 0) for each in tags}]
        )

    def _metadata(self, uid: str) -> Reply:
        if uid not in self.objects:
            return Reply(404)
        dataset = pydicom.dcmread(BytesIO(self.objects[uid]), stop_before_pixels=True)
        return _json([dataset.to_json_dict()])
