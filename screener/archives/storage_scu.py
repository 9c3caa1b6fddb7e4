"""Results into an archive by DIMSE: C-FIND for headers, C-STORE, storage commitment (PS3.4 B, C and J)."""

import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Self
from urllib.parse import urlsplit

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from screener import own_marks
from screener.archives.stow import OutgoingObject, refusal_words
from screener.archives.words import ArchiveAnswerError, ArchiveAwayError, ArchiveRefusedError
from screener.errors import MissingDependencyError, UsageError

STORED_CLASSES = (  # what publish can store, in this order in an association
    "1.2.840.10008.5.1.4.1.1.88.34",  # Comprehensive 3D SR
    "1.2.840.10008.5.1.4.1.1.104.1",  # Encapsulated PDF
    "1.2.840.10008.5.1.4.1.1.88.59",  # Key Object Selection
)
FIND = "1.2.840.10008.5.1.4.1.2.2.1"  # Study Root Query/Retrieve: FIND
COMMITMENT = "1.2.840.10008.1.20.1"  # Storage Commitment Push Model
_COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
SYNTAXES = (ExplicitVRLittleEndian,)
VERSION_NAME = "SCREENER_SCU"
_ACCEPTED = frozenset((0x0000, 0xB000, 0xB006, 0xB007))  # success, and success with a warning
_PENDING = frozenset((0xFF00, 0xFF01))
_SECONDS = 60
COMMITMENT_SECONDS = 60.0
_AE_TITLE = 16


@dataclass(frozen=True, slots=True)
class DicomAddress:
    """An archive's AE title, host and port."""

    aet: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Return what dicom://AET@HOST:PORT states; raises UsageError."""
        try:
            parts = urlsplit(url)
            aet, host, port = parts.username or "", parts.hostname or "", parts.port or 0
        except ValueError:
            aet, host, port = "", "", 0
        if (
            not (aet and host and port)
            or len(aet) > _AE_TITLE
            or parts.password
            or parts.path not in ("", "/")
        ):
            raise UsageError(
                f"--to: write dicom://AET@HOST:PORT, the AE title with {_AE_TITLE} characters at most."
            )
        return cls(aet, host, port)

    def __str__(self) -> str:
        return f"{self.aet}@{self.host}:{self.port}"


class StorageScu:
    """An archive that results are stored in, over one association at a time; for one thread."""

    def __init__(self, address: DicomAddress, own_aet: str) -> None:
        """Take whom to ask and as whom; raises MissingDependencyError without pynetdicom."""
        self._address, self._place = address, str(address)
        self._net = _pynetdicom()
        self._ae = self._net.AE(ae_title=own_aet)
        self._ae.implementation_class_uid = own_marks.IMPLEMENTATION_UID
        self._ae.implementation_version_name = VERSION_NAME
        self._ae.acse_timeout = self._ae.dimse_timeout = self._ae.network_timeout = _SECONDS
        self._ae.connection_timeout = 10
        for each in (*STORED_CLASSES, FIND, COMMITMENT):
            self._ae.add_requested_context(each, list(SYNTAXES))
        self._association: Any = None

    def close(self) -> None:
        """Release the association."""
        if self._association is not None and self._association.is_established:
            self._association.release()
        self._association = None

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

    def store(self, instances: Sequence[OutgoingObject]) -> Mapping[str, str]:
        """Store objects; return by SOP Instance UID why each was refused, empty where it is there now.

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
            status, _ = self._associated(COMMITMENT).send_n_action(
                told.request(references), 1, COMMITMENT, _COMMITMENT_INSTANCE
            )
            if not status or status.Status != 0x0000:
                raise ArchiveAnswerError(f"{self._place} does not commit itself to storage.")
            return told.answers if told.came.wait(COMMITMENT_SECONDS) else None

    @contextmanager
    def _listening(self, told: "_Told", port: int) -> Iterator[None]:
        ae = self._net.AE(ae_title=self._ae.ae_title)
        ae.add_supported_context(COMMITMENT, scu_role=False, scp_role=True)
        ae.require_called_aet = True
        try:
            handlers = [(self._net.evt.EVT_N_EVENT_REPORT, told)]
            server = ae.start_server(("", port), block=False, evt_handlers=handlers)
        except OSError as error:
            raise ArchiveRefusedError(f"Port {port}: cannot be listened to: {error.strerror}.") from None
        try:
            yield
        finally:
            server.shutdown()

    def _stored(self, content: bytes) -> str:
        with tempfile.NamedTemporaryFile(suffix=".dcm") as file:
            file.write(content)
            file.flush()
            association = self._associated(None)
            try:
                status = association.send_c_store(Path(file.name))
            except ValueError:  # no accepted presentation context
                return refusal_words(0x0122)
        if not status:
            self._association = None
            raise ArchiveAwayError(f"{self._place} broke off the association.")
        return "" if status.Status in _ACCEPTED else refusal_words(status.Status)

    def _found(self, level: str, **keys: str) -> Iterator[Dataset]:
        identifier = Dataset()
        identifier.QueryRetrieveLevel = level
        identifier.SpecificCharacterSet = "ISO_IR 192"
        for keyword, value in keys.items():
            setattr(identifier, keyword, value)
        for status, found in list(self._associated(FIND).send_c_find(identifier, FIND)):
            if not status:
                self._association = None
                raise ArchiveAwayError(f"{self._place} broke off the association.")
            if status.Status in _PENDING and found is not None:
                yield found
            elif status.Status != 0x0000:
                raise ArchiveAnswerError(f"{self._place} cannot answer C-FIND (0x{status.Status:04X}).")

    def _associated(self, needed: str | None) -> Any:
        """Return an association, this one or a new one; needed: an SOP class that it must have accepted."""
        if self._association is None or not self._association.is_established:
            host, port = self._address.host, self._address.port
            self._association = self._ae.associate(host, port, ae_title=self._address.aet)
            self._check(self._association)
        accepted = {each.abstract_syntax for each in self._association.accepted_contexts}
        if needed and needed not in accepted:
            raise ArchiveRefusedError(
                f"{self._place} accepts no {_NAMES[needed]} from AE title {self._ae.ae_title}.\n"
                "Let the PACS administrator allow it."
            )
        return self._association

    def _check(self, association: Any) -> None:
        if association.is_established:
            return
        self._association = None
        if association.is_rejected:
            why = association.acceptor.primitive
            raise ArchiveRefusedError(
                f"{self._place} rejects the association ({why.reason_str if why else 'no reason given'}).\n"
                f"Let the archive know this AE title, {self._ae.ae_title}, and check its own in --to."
            )
        raise ArchiveAwayError(
            f"{self._place} cannot be reached by DICOM.\n"
            "Check host and port, and that a firewall lets this machine through."
        )


_NAMES = {FIND: "C-FIND (Study Root)", COMMITMENT: "storage commitment"}


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


def _pynetdicom() -> ModuleType:
    try:
        import pynetdicom
    except ImportError as error:
        raise MissingDependencyError(
            f"dicom:// needs pynetdicom ({error}).\nInstall it: pip install 'cxr-screener[pacs]'"
        ) from error
    module: ModuleType = pynetdicom
    return module
