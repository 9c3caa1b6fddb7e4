"""C-ECHO, C-FIND and C-MOVE: what an archive without DICOMweb has, and its order to send it here."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from screener.archives.dimse.contexts import FIND, MOVE, VERIFICATION
from screener.archives.dimse.entity import Peer, new_entity
from screener.archives.instances import IMAGE_CLASSES, OWN_SERIES, InstanceReference
from screener.archives.words import ArchiveAnswerError, ArchiveAwayError, ArchiveRefusedError

_PENDING = (0xFF00, 0xFF01)
_SERVICES = {VERIFICATION: "C-ECHO", FIND: "C-FIND (Study Root)", MOVE: "C-MOVE (Study Root)"}
_UNKNOWN_DESTINATION = 0xA801
_REASONS = {  # PS3.8 9.3.4, of the source 1: the service user
    3: "it does not know this machine's AE title",
    7: "it has another AE title",
}


class QueryRetrieve:
    """One association with an archive, for one thread; it is made anew where the archive ended it."""

    incomplete = False

    def __init__(self, peer: Peer, aet: str) -> None:
        """Take whom to ask, and the AE title of this machine; nothing is sent yet."""
        self._peer, self._aet, self._place = peer, aet, str(peer)
        self._entity = new_entity(aet)
        for each in _SERVICES:
            self._entity.add_requested_context(each)
        self._association: Any = None
        self._raw: Any = None

    def close(self) -> None:
        """Release the association."""
        if self._association is not None and self._association.is_established:
            self._association.release()
        if self._raw is not None:
            self._raw.close()  # pynetdicom does not where the archive was first
        self._association = self._raw = None

    def echo(self) -> None:
        """Return if the archive answers; raises ArchiveError."""
        association = self._with(VERIFICATION)
        if not hasattr(association.send_c_echo(), "Status"):
            raise ArchiveAwayError.of(self._place, "hung_up", aet=self._aet)

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
        association = self._with(MOVE)
        code = None
        for status, _ in association.send_c_move(_identifier("IMAGE", keys), destination, query_model=MOVE):
            code = getattr(status, "Status", None)
        if code is None:
            raise ArchiveAwayError.of(self._place, "hung_up", aet=self._aet)
        if code == _UNKNOWN_DESTINATION:
            raise ArchiveRefusedError.of(self._place, "unknown_destination", aet=destination, code=code)
        if code != 0:
            raise ArchiveAnswerError.of(self._place, "failed_move", code=code)

    def _found(self, level: str, keys: dict[str, str]) -> Iterator[Any]:
        code = None
        association = self._with(FIND)
        for status, found in association.send_c_find(_identifier(level, keys), query_model=FIND):
            code = getattr(status, "Status", None)
            if code in _PENDING and found is not None:
                yield found
        if code is None:
            raise ArchiveAwayError.of(self._place, "hung_up", aet=self._aet)
        if code != 0:
            raise ArchiveAnswerError.of(self._place, "failed_query", code=code)

    def _with(self, service: str) -> Any:
        """Return an association over which a service is offered."""
        if self._association is None or not self._association.is_established:
            self.close()
            self._association = self._entity.associate(
                self._peer.host, self._peer.port, ae_title=self._peer.aet
            )
            self._raw = getattr(self._association.dul.socket, "socket", None)
        association = self._association
        if association.is_rejected:
            answer = association.acceptor.primitive
            why = _REASONS.get(getattr(answer, "diagnostic", 0), "it gives no reason that helps")
            raise ArchiveRefusedError.of(self._place, "rejected", why=why, aet=self._aet)
        if not association.is_established:
            raise ArchiveAwayError.of(self._place, "no_association")
        if service not in [each.abstract_syntax for each in association.accepted_contexts]:
            name = _SERVICES[service]
            raise ArchiveRefusedError.of(self._place, "no_service", service=name, aet=self._aet)
        return association


def _identifier(level: str, keys: dict[str, str]) -> Any:
    from pydicom.dataset import Dataset

    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(identifier, keyword, value)
    return identifier


def _text(found: Any, keyword: str) -> str:
    return str(found.get(keyword) or "").strip()
