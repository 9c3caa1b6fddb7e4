"""QIDO-RS and WADO-RS: which images an archive has, and each of them as it lies there (PS3.18)."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from screener.archives.http import Access, Client
from screener.archives.instances import IMAGE_CLASSES, OWN_SERIES, InstanceReference
from screener.archives.multipart import only_part
from screener.archives.words import ArchiveAnswerError, ArchiveRefusedError

PAGE = 200  # answers asked for at a time
MOST_PAGES = 10_000
MOST_IMAGE_BYTES = 2 << 30

_STUDY_UID, _SERIES_UID, _SOP_UID = "0020000D", "0020000E", "00080018"
_SOP_CLASS, _MODALITY, _DESCRIPTION = "00080016", "00080060", "0008103E"
_INCOMPLETE = "299"
_NO_SERVICE = (404, 405, 501)


class DicomWeb:
    """One archive's DICOMweb service, asked by one thread. incomplete: it said that a list was not whole."""

    def __init__(self, access: Access) -> None:
        self._client, self._place = Client(access), str(access.address)
        self.incomplete = False

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def studies(self, modality: str, since: date) -> Iterator[str]:
        """Yield the UID of each study with this modality, of that day or later.

        One modality a question: of several in one, archives understand different things.
        """
        query = {"ModalitiesInStudy": modality, "StudyDate": f"{since:%Y%m%d}-"}
        try:
            for found in self._listed("/studies", query, _STUDY_UID):
                yield _value(found, _STUDY_UID)
        except ArchiveAnswerError as error:
            if error.status not in _NO_SERVICE:
                raise
            raise ArchiveRefusedError.of(self._place, "no_dicomweb", status=error.status) from None

    def images(self, study_uid: str, modalities: tuple[str, ...]) -> Iterator[InstanceReference]:
        """Yield the images of a study: in series of these modalities, Screener's own results aside."""
        of_study = f"/studies/{quote(study_uid, safe='')}/series"
        for series in self._listed(of_study, {"includefield": _DESCRIPTION}, _SERIES_UID):
            described = _value(series, _DESCRIPTION)
            if _value(series, _MODALITY) not in modalities or described.startswith(OWN_SERIES):
                continue
            series_uid = _value(series, _SERIES_UID)
            of_series = f"{of_study}/{quote(series_uid, safe='')}/instances"
            for instance in self._listed(of_series, {"includefield": _SOP_CLASS}, _SOP_UID):
                if _value(instance, _SOP_CLASS) in IMAGE_CLASSES:
                    yield InstanceReference(study_uid, series_uid, _value(instance, _SOP_UID))

    def content(self, instance: InstanceReference) -> Iterator[bytes]:
        """Yield an image's DICOM file in pieces, in the transfer syntax in which the archive has it.

        Raises:
            ArchiveError: It is not to be had whole.
        """
        uids = (quote(uid, safe="") for uid in (instance.study_uid, instance.series_uid, instance.sop_uid))
        path = "/studies/{}/series/{}/instances/{}".format(*uids)
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        with self._client.get(path, accept=accept) as answer:
            chunks = answer.chunks(MOST_IMAGE_BYTES)
            if answer.headers.get_content_type() == "application/dicom":
                yield from chunks
                return
            boundary = answer.headers.get_param("boundary")
            if not isinstance(boundary, str):
                raise ArchiveAnswerError.of(self._place, "not_multipart")
            yield from only_part(chunks, boundary, self._place)

    def _listed(self, path: str, query: Mapping[str, str], key: str) -> Iterator[Mapping[str, Any]]:
        """Yield all answers to a question, each once: page after page, until one brings nothing new.

        Archives cap their pages at sizes of their own, or give the same page whatever was asked for.
        """
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            page = self._page(path, {**query, "limit": str(PAGE), "offset": str(len(seen))})
            fresh = [each for each in page if _value(each, key) and _value(each, key) not in seen]
            new = {_value(each, key): each for each in fresh}
            seen |= new.keys()
            yield from new.values()
            if not new:
                return

    def _page(self, path: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
        with self._client.get(path, query) as answer:
            warnings = answer.headers.get_all("Warning", ())
            self.incomplete |= any(each.startswith(_INCOMPLETE) for each in warnings)
            content = answer.read()
        if not content:  # 204: nothing found
            return []
        try:
            page = json.loads(content)
        except ValueError:
            page = None
        if not (isinstance(page, list) and all(isinstance(each, dict) for each in page)):
            raise ArchiveAnswerError.of(self._place, "not_dicom_json")
        return page


def _value(found: Mapping[str, Any], tag: str) -> str:
    """Return an attribute's first value, empty where there is none (PS3.18 F.2)."""
    attribute = found.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return str(values[0]) if isinstance(values, list) and values and values[0] is not None else ""
