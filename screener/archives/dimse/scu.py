"""C-ECHO, C-FIND and C-MOVE: what an archive without DICOMweb has, and its order to send it here."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from screener.archives.dimse.contexts import FIND, MOVE, VERIFICATION
from screener.archives.dimse.entity import Peer, Tls
from screener.archives.dimse.requestor import Requestor, Service
from screener.archives.instances import IMAGE_CLASSES, OWN_SERIES, InstanceReference
from screener.archives.words import ArchiveAnswerError, ArchiveRefusedError

PENDING = (0xFF00, 0xFF01)
_SERVICES = {
    VERIFICATION: Service("C-ECHO"),
    FIND: Service("C-FIND (Study Root)"),
    MOVE: Service("C-MOVE (Study Root)"),
}
_UNKNOWN_DESTINATION = 0xA801


class QueryRetrieve:
    """An archive that is asked by C-ECHO, C-FIND and C-MOVE; for one thread."""

    incomplete = False

    def __init__(self, peer: Peer, aet: str, tls: Tls | None = None) -> None:
        """Take whom to ask, and the AE title of this machine; nothing is sent yet."""
        self._requestor = Requestor(peer, aet, tls, _SERVICES)
        self._aet, self._place = aet, str(peer)

    def close(self) -> None:
        """Release the association."""
        self._requestor.close()

    def echo(self) -> None:
        """Return if the archive answers; raises ArchiveError."""
        association = self._requestor.offering(VERIFICATION)
        if not hasattr(association.send_c_echo(), "Status"):
            raise self._requestor.hung_up()

    def studies(self, modality: str, since: date) -> Iterator[str]:
        """Yield the UID of each study with this modality, of that day or later."""
        keys = {"ModalitiesInStudy": modality, "StudyDate": f"{since:%Y%m%d}-", "StudyInstanceUID": ""}
        for found in self._found("STUDY", keys):
            if uid := _text(found, "StudyInstanceUID"):
                yield uid

    def images(self, study_uid: str, modalities: tuple[str, ...]) -> Iterator[InstanceReference]:
        """Yield the images of a study: in series of these modalities, Screener's own results aside."""
        keys = {
            "StudyInstanceUID": study_uid,
            "SeriesInstanceUID": "",
            "Modality": "",
            "SeriesDescription": "",
        }
        for series in list(self._found("SERIES", keys)):
            own = _text(series, "SeriesDescription").startswith(OWN_SERIES)
            if _text(series, "Modality") not in modalities or own:
                continue
            uid = _text(series, "SeriesInstanceUID")
            wanted = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": uid}
            for found in list(self._found("IMAGE", {**wanted, "SOPInstanceUID": "", "SOPClassUID": ""})):
                if _text(found, "SOPClassUID") in ("", *IMAGE_CLASSES):  # optional at this level
                    yield InstanceReference(study_uid, uid, _text(found, "SOPInstanceUID"))

    def move(self, image: InstanceReference, destination: str) -> None:
        """Let the archive send one image to an AE title; raises ArchiveError where it could not."""
        keys = {
            "StudyInstanceUID": image.study_uid,
            "SeriesInstanceUID": image.series_uid,
            "SOPInstanceUID": image.sop_uid,
        }
        association = self._requestor.offering(MOVE)
        code = None
        for status, _ in association.send_c_move(query("IMAGE", keys), destination, query_model=MOVE):
            code = getattr(status, "Status", None)
        if code is None:
            raise self._requestor.hung_up()
        if code == _UNKNOWN_DESTINATION:
            raise ArchiveRefusedError.of(self._place, "unknown_destination", aet=destination, code=code)
        if code != 0:
            raise ArchiveAnswerError.of(self._place, "failed_move", code=code)

    def _found(self, level: str, keys: dict[str, str]) -> Iterator[Any]:
        code = None
        association = self._requestor.offering(FIND)
        for status, found in association.send_c_find(query(level, keys), query_model=FIND):
            code = getattr(status, "Status", None)
            if code in PENDING and found is not None:
                yield found
        if code is None:
            raise self._requestor.hung_up()
        if code != 0:
            raise ArchiveAnswerError.of(self._place, "failed_query", code=code)


def query(level: str, keys: Mapping[str, str]) -> Any:
    """Return what C-FIND and C-MOVE are asked with (PS3.4 C.4)."""
    from pydicom.dataset import Dataset

    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(identifier, keyword, value)
    return identifier


def _text(found: Any, keyword: str) -> str:
    return str(found.get(keyword) or "").strip()
