"""Associations that this machine asks for, and why one was not made, in our words."""

import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from screener.archives.dimse.entity import Peer, Tls, new_entity
from screener.archives.http_errors import translated
from screener.archives.words import ArchiveAwayError, ArchiveError, ArchiveRefusedError
from screener.said import say

_HANDSHAKE_SECONDS = 10.0
_REJECTION = 0x03  # PS3.8 9.3.4: A-ASSOCIATE-RJ
_TRANSIENT = 2  # PS3.8 9.3.4: the result of a rejection that may end by itself
_REASONS = {  # PS3.8 9.3.4, of the source 1: the service user
    3: "archives.aet_unknown_there",
    7: "archives.aet_other",
}


@dataclass(frozen=True, slots=True)
class Service:
    """What is asked of an archive. name: what messages call it. syntaxes: empty for pynetdicom's own."""

    name: str
    syntaxes: Sequence[str] = ()


class Requestor:
    """One association with an archive, for one thread; it is made anew where the archive ended it."""

    def __init__(self, peer: Peer, aet: str, tls: Tls | None, services: Mapping[str, Service]) -> None:
        """Take whom to ask, as whom, and for which SOP classes; nothing is sent yet.

        Raises:
            MissingDependencyError: pynetdicom is not installed.
            UsageError: The certificates cannot be used.
        """
        self.place, self.aet = str(peer), aet
        self._peer, self._services = peer, services
        self._entity = new_entity(aet)
        self._tls = tls.context(ssl.Purpose.SERVER_AUTH) if tls else None
        for each, service in services.items():
            self._entity.add_requested_context(each, list(service.syntaxes) or None)
        self._association: Any = None
        self._raw: Any = None

    def close(self) -> None:
        """Release the association."""
        if self._association is not None and self._association.is_established:
            self._association.release()
        if self._raw is not None:
            self._raw.close()  # pynetdicom does not where the archive was first
        self._association = self._raw = None

    def offering(self, needed: str = "") -> Any:
        """Return an association; needed: the SOP class that the archive must offer in it, if any.

        Raises:
            ArchiveRefusedError: The archive rejects this AE title or certificate, or does not offer that.
            ArchiveAwayError: No association is made.
        """
        if self._association is None or not self._association.is_established:
            self.close()
            self._association = self._made()
        if needed and needed not in {each.abstract_syntax for each in self._association.accepted_contexts}:
            name = self._services[needed].name
            raise ArchiveRefusedError.of(self.place, "no_service", service=name, aet=self.aet)
        return self._association

    def hung_up(self) -> ArchiveAwayError:
        """Return the error for an archive that broke off in place of an answer."""
        self.close()
        return ArchiveAwayError.of(self.place, "hung_up", aet=self.aet)

    def _made(self) -> Any:
        from pynetdicom import evt

        rejections: list[Any] = []

        def keep(event: Any) -> None:
            # pynetdicom 3.0.4 forgets it, and says "aborted", where the archive is faster than this thread
            if event.pdu.pdu_type == _REJECTION:
                rejections.append(event.pdu)

        host, port = self._peer.host, self._peer.port
        tls = (self._tls, host) if self._tls else None
        association = self._entity.associate(
            host, port, ae_title=self._peer.aet, tls_args=tls, evt_handlers=[(evt.EVT_PDU_RECV, keep)]
        )
        self._raw = getattr(association.dul.socket, "socket", None)
        if association.is_established:
            return association
        if rejections:
            raise self._rejected(rejections[0])
        if association.acceptor.primitive is not None:  # accepted, but nothing that was asked for
            names = ", ".join(each.name for each in self._services.values())
            raise ArchiveRefusedError.of(self.place, "no_service", service=names, aet=self.aet)
        if self._tls is not None:
            self._shake_hands(self._tls)
        raise ArchiveAwayError.of(self.place, "no_association")

    def _rejected(self, answer: Any) -> ArchiveError:
        if answer.result == _TRANSIENT:
            return ArchiveAwayError.of(self.place, "rejected_for_now")
        why = _REASONS.get(answer.reason_diagnostic, "archives.rejected_without_reason")
        return ArchiveRefusedError.of(self.place, "rejected", why=say(why), aet=self.aet)

    def _shake_hands(self, tls: ssl.SSLContext) -> None:
        """Raise what is wrong with TLS, if anything is: pynetdicom tells it to its log alone."""
        address = (self._peer.host, self._peer.port)
        with (
            translated(self.place, "broken", _HANDSHAKE_SECONDS),
            socket.create_connection(address, _HANDSHAKE_SECONDS) as raw,
            tls.wrap_socket(raw, server_hostname=self._peer.host),
        ):
            pass
