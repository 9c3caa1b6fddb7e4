"""Results into an archive by DIMSE: C-FIND for headers, C-STORE, storage commitment (PS3.4 B, C and J)."""

import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from screener.archives.dimse.contexts import COMMITMENT, FIND, STORED
from screener.archives.dimse.entity import Peer, Tls, new_entity
from screener.archives.dimse.requestor import Requestor, Service
from screener.archives.dimse.scu import PENDING, query
from screener.archives.stow import OutgoingObject, refusal
from screener.archives.words import ArchiveAnswerError, ArchiveRefusedError
from screener.errors import why
from screener.said import Said

_COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
_EXPLICIT = (ExplicitVRLittleEndian,)
SERVICES = {
    **{uid: Service(name, (syntax,)) for uid, (name, syntax) in STORED.items()},
    FIND: Service("C-FIND (Study Root)", _EXPLICIT),
    COMMITMENT: Service("storage commitment", _EXPLICIT),
}
"""What publish proposes, in this order; the conformance statement prints it."""
_ACCEPTED = frozenset((0x0000, 0xB000, 0xB006, 0xB007))  # success, and success with a warning
COMMITMENT_SECONDS = 60.0


class StorageScu:
    """An archive that results are stored in, over one association at a time; for one thread."""

    def __init__(self, peer: Peer, aet: str, tls: Tls | None = None) -> None:
        """Take whom to ask and as whom; raises as Requestor does."""
        self._requestor = Requestor(peer, aet, tls, SERVICES)
        self._aet, self._place, self._tls = aet, str(peer), tls

    def close(self) -> None:
        """Release the association."""
        self._requestor.close()

    def agree(self, sop_class: str) -> None:
        """Return if the archive accepts objects of a class, as an association tells; nothing is sent.

        Raises:
            ArchiveError: It does not, or is out of reach.
        """
        self._requestor.offering(sop_class)

    def header(self, study: str, sop: str, keywords: Sequence[str]) -> Mapping[str, Any] | None:
        """Return an image's attributes as DICOM JSON; None where the study does not hold it.

        Raises:
            ArchiveError: The archive is out of reach, refuses, or cannot answer.
        """
        studies = list(self._found("STUDY", StudyInstanceUID=study, **dict.fromkeys(keywords, "")))
        if not studies:
            return None
        for series in self._found("SERIES", StudyInstanceUID=study, SeriesInstanceUID="", Modality=""):
            uid = str(series.get("SeriesInstanceUID", ""))
            for image in self._found(
                "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=uid, SOPInstanceUID=sop, SOPClassUID=""
            ):
                if image.get("SOPInstanceUID") == sop:
                    whole = studies[0]
                    whole.update(image)
                    whole.SeriesInstanceUID, whole.Modality = uid, series.get("Modality", "")
                    attributes: dict[str, Any] = whole.to_json_dict()
                    return attributes
        return None

    def store(self, instances: Sequence[OutgoingObject]) -> Mapping[str, Said | None]:
        """Store objects; return by SOP Instance UID why each was refused, None where it is there now.

        Raises:
            ArchiveError: As header does.
        """
        return {each.sop_uid: self._stored(each.content) for each in instances}

    def commit(self, references: Sequence[tuple[str, str]], port: int) -> Mapping[str, bool] | None:
        """Ask the archive to take over responsibility for objects, each by SOP class and instance.

        It answers on an association of its own, for which this listens on a port meanwhile. Return whether it
        did, by SOP Instance UID; None where no answer came in time.

        Raises:
            ArchiveError: As header does; or the port is taken.
        """
        told = _Told(generate_uid())
        with self._listening(told, port):
            status, _ = self._requestor.offering(COMMITMENT).send_n_action(
                told.request(references), 1, COMMITMENT, _COMMITMENT_INSTANCE
            )
            if not status or status.Status != 0x0000:
                raise ArchiveAnswerError.of(self._place, "no_commitment")
            return told.answers if told.came.wait(COMMITMENT_SECONDS) else None

    @contextmanager
    def _listening(self, told: "_Told", port: int) -> Iterator[None]:
        from pynetdicom import evt

        entity = new_entity(self._aet)
        entity.add_supported_context(COMMITMENT, scu_role=False, scp_role=True)
        entity.require_called_aet = True
        context = self._tls.context(ssl.Purpose.CLIENT_AUTH) if self._tls else None
        handlers: list[Any] = [(evt.EVT_N_EVENT_REPORT, told)]
        try:
            server: Any = entity.start_server(
                ("", port), block=False, evt_handlers=handlers, ssl_context=context
            )
        except OSError as error:
            raise ArchiveRefusedError("archives.port_of_commitment", port=port, error=why(error)) from None
        try:
            yield
        finally:
            server.shutdown()

    def _stored(self, content: bytes) -> Said | None:
        with tempfile.NamedTemporaryFile(suffix=".dcm") as file:
            file.write(content)
            file.flush()
            association = self._requestor.offering()
            try:
                status = association.send_c_store(Path(file.name))
            except ValueError:  # no accepted presentation context
                return refusal(0x0122)
        if not status:
            raise self._requestor.hung_up()
        return None if status.Status in _ACCEPTED else refusal(status.Status)

    def _found(self, level: str, **keys: str) -> Iterator[Dataset]:
        identifier = query(level, {"SpecificCharacterSet": "ISO_IR 192", **keys})
        for status, found in list(self._requestor.offering(FIND).send_c_find(identifier, FIND)):
            if not status:
                raise self._requestor.hung_up()
            if status.Status in PENDING and found is not None:
                yield found
            elif status.Status != 0x0000:
                raise ArchiveAnswerError.of(self._place, "failed_query", code=status.Status)


class _Told:
    """What an archive reports of one transaction; called by pynetdicom for each event report."""

    def __init__(self, transaction: str) -> None:
        self._transaction = transaction
        self.came = threading.Event()
        self.answers: dict[str, bool] = {}

    def request(self, references: Sequence[tuple[str, str]]) -> Dataset:
        asked = Dataset()
        asked.TransactionUID = self._transaction
        asked.ReferencedSOPSequence = []
        for sop_class, sop_instance in references:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, sop_instance
            asked.ReferencedSOPSequence.append(item)
        return asked

    def __call__(self, event: Any) -> tuple[int, None]:
        report = event.event_information
        if report.get("TransactionUID") == self._transaction:
            for keyword, whole in (("ReferencedSOPSequence", True), ("FailedSOPSequence", False)):
                for item in report.get(keyword) or ():
                    self.answers[str(item.ReferencedSOPInstanceUID)] = whole
            self.came.set()
        return 0x0000, None
