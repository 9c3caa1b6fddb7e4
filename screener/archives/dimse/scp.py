"""A storage SCP: images go to disk as they come, and are acknowledged once they are kept."""

import errno
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from screener.archives.dimse.bounded_server import bounded_server
from screener.archives.dimse.contexts import IMAGES, TRANSFER_SYNTAXES, VERIFICATION
from screener.archives.dimse.entity import SILENCE_SECONDS, Tls, new_entity
from screener.errors import UsageError, why
from screener.said import Said, Spoken, say

SUCCESS, OUT_OF_RESOURCES, CANNOT_UNDERSTAND = 0x0000, 0xA700, 0xC000
_WAITING = 10  # connections beyond the associations, which are rejected in words
_LAST_IMAGE_SECONDS = 120.0

Keep = Callable[[Path, str], int]
"""From the file of an image and its SOP Instance UID to a status: of C-STORE, PS3.4 B.2.3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How images are received. calling: AE titles that may send; empty: any. parts: where images grow.

    silence: seconds after which a peer that says nothing is dropped. faults_only: nothing is said of
    associations that ended well.
    """

    aet: str
    port: int
    parts: Path
    host: str = ""
    calling: tuple[str, ...] = ()
    tls: Tls | None = None
    associations: int = 10
    silence: float = SILENCE_SECONDS
    faults_only: bool = False


@dataclass(slots=True)
class Sender:
    """One association, as messages tell of it. fault: why this machine ended it, None where it did not."""

    address: str
    aet: str = ""
    fault: Said | str | None = None
    busy: bool = False
    images: dict[int, int] = field(default_factory=dict)  # how many of each status

    @property
    def said(self) -> Said:
        """Who it is."""
        shown = "".join(each if each.isprintable() and each.isascii() else "?" for each in self.aet)
        if not shown:
            return say("archives.nameless_sender", address=self.address)
        return say("archives.sender", aet=shown, address=self.address)


class Receiver:
    """Listens until it is stopped. tell: gets a line for each association that ended or was refused."""

    def __init__(self, listening: Listening, keep: Keep, tell: Callable[[Spoken], None]) -> None:
        """Begin to listen.

        Raises:
            UsageError: The port is taken, or not for this account; certificates cannot be used.
            MissingDependencyError: pynetdicom is not installed.
        """
        self._listening, self._keep, self._tell = listening, keep, tell
        self._senders: dict[Any, Sender] = {}
        self._lock = threading.Lock()
        self._entity = new_entity(listening.aet)
        self._entity.maximum_associations = listening.associations
        self._entity.acse_timeout = self._entity.dimse_timeout = listening.silence
        self._entity.network_timeout = listening.silence
        self._entity.require_called_aet = True
        self._entity.require_calling_aet = list(listening.calling)
        for each in IMAGES:
            self._entity.add_supported_context(each, list(TRANSFER_SYNTAXES))
        self._entity.add_supported_context(VERIFICATION)
        self._server = self._begun()

    @property
    def port(self) -> int:
        """Where it listens: the one asked for, or one that was free where that was 0."""
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Take no new association, let each finish the image in hand, then end."""
        self._server.shutdown()
        until = time.monotonic() + _LAST_IMAGE_SECONDS
        while self._senders and time.monotonic() < until:
            for association, sender in list(self._senders.items()):
                if not sender.busy:
                    association.abort()
                    self._closed_of(association)
            time.sleep(0.02)
        for association in list(self._senders):
            association.abort()

    def _begun(self) -> Any:
        from pynetdicom import _config, evt

        listening = self._listening
        _config.STORE_RECV_CHUNKED_DATASET = True
        tempfile.tempdir = str(listening.parts)  # where pynetdicom lets images grow, as it takes no folder
        context = listening.tls.context(ssl.Purpose.CLIENT_AUTH) if listening.tls else None
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, self._opened),
            (evt.EVT_CONN_CLOSE, self._closed),
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_REJECTED, self._rejected),
            (evt.EVT_PDU_RECV, self._piece_came),
            (evt.EVT_DIMSE_SENT, self._answered),
            (evt.EVT_C_STORE, self._store),
        ]
        try:
            server = self._entity.make_server(
                (listening.host or "0.0.0.0", listening.port),
                ssl_context=context,
                evt_handlers=handlers,
                server_class=bounded_server(listening.silence, self._has_room),
            )
        except OSError as error:
            raise _not_listening(listening, error) from error
        self._entity._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server

    def _has_room(self) -> bool:
        """Return whether one more connection may wait, be it to hear that too many associations are open."""
        return len(self._senders) < self._listening.associations + _WAITING

    def _opened(self, event: Any) -> None:
        host = event.address[0]
        with self._lock:
            self._senders[event.assoc] = Sender(host)
        self._guard(event.assoc)

    def _guard(self, association: Any) -> None:
        """Let a disk that fills up while an image comes end its association, which pynetdicom forgets."""
        take = association.dimse.receive_primitive

        def guarded(primitive: Any) -> None:
            sender = self._senders.get(association)
            if sender is None or sender.fault:
                return  # never a piece after one that is missing
            try:
                take(primitive)
            except OSError as error:
                sender.fault = why(error)
                with suppress(OSError):
                    association.raw.shutdown(socket.SHUT_RDWR)  # as if the sender had hung up

        association.dimse.receive_primitive = guarded

    def _requested(self, event: Any) -> None:
        if sender := self._senders.get(event.assoc):
            asked = event.assoc.requestor.primitive
            sender.aet = str(getattr(asked, "calling_ae_title", "")).strip()

    def _rejected(self, event: Any) -> None:
        sender = self._senders.get(event.assoc)
        called = str(getattr(event.assoc.requestor.primitive, "called_ae_title", "")).strip()
        if called != self._listening.aet:
            reason = say("archives.calls_other_aet", aet=self._listening.aet)
        elif self._listening.calling and sender and sender.aet not in self._listening.calling:
            reason = say("archives.not_calling")
        else:
            reason = say("archives.associations_open", number=self._listening.associations)
        self._tell(say("archives.refused_sender", sender=sender, why=reason))

    def _closed(self, event: Any) -> None:
        sender = self._senders.get(event.assoc)
        if sender and not sender.aet:  # it never asked: let its thread not wait for that
            event.assoc.dul.to_user_queue.put(None)
        self._closed_of(event.assoc)

    def _closed_of(self, association: Any) -> None:
        """Forget an association, and what it left half done; tell what it brought."""
        with self._lock:
            sender = self._senders.pop(association, None)
        if sender is None:
            return
        association.raw.close()  # pynetdicom does not where the peer was first
        message = association.dimse.message
        left = message._data_set_path if message is not None else None
        if left:
            with suppress(OSError):
                message._data_set_file.close()
                left.unlink()
        kept = sender.images.get(SUCCESS, 0)
        refused = sum(sender.images.values()) - kept
        if left or refused or sender.fault or (kept and not self._listening.faults_only):
            told = {"sender": sender, "kept": kept, "refused": refused}
            if sender.fault:
                self._tell(say("archives.association_fault", fault=sender.fault, **told))
            else:
                key = "archives.association_broke" if left else "archives.association_ended"
                self._tell(say(key, **told))

    def _piece_came(self, event: Any) -> None:
        if event.pdu.pdu_type == 0x04 and (sender := self._senders.get(event.assoc)):  # P-DATA-TF
            sender.busy = True

    def _answered(self, event: Any) -> None:
        if sender := self._senders.get(event.assoc):
            sender.busy = False

    def _store(self, event: Any) -> int:
        """Return the status for an image that came whole: success only once it is kept."""
        connection: Any = event.assoc.dul.socket
        connection.fresh = 0
        status = self._keep(event.dataset_path, str(event.request.AffectedSOPInstanceUID))
        if sender := self._senders.get(event.assoc):
            sender.images[status] = sender.images.get(status, 0) + 1
        return status


def _not_listening(listening: Listening, error: OSError) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError("archives.port_taken", port=listening.port)
    if error.errno == errno.EACCES:
        return UsageError("archives.port_forbidden", port=listening.port)
    host = listening.host or "0.0.0.0"
    return UsageError("archives.port_fault", port=listening.port, host=host, error=why(error))
