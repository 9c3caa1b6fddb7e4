"""Application entities: how this machine introduces itself, and which peers it names."""

import logging
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from screener.errors import MissingDependencyError, UsageError, why
from screener.own_marks import IMPLEMENTATION_UID
from screener.said import Said, say

if TYPE_CHECKING:
    from pynetdicom.ae import ApplicationEntity

VERSION_NAME = "SCREENER"
SILENCE_SECONDS = 30.0
_AE_TITLE = re.compile(r"[ -\[\]-~]{1,16}")  # PS3.5 6.2: printable ASCII without backslash
_PEER = re.compile(r"dicom://(?P<aet>[^@/]+)@(?P<host>\[[^\]]+\]|[^:@/]+):(?P<port>\d{1,5})/?")


@dataclass(frozen=True, slots=True)
class Peer:
    """Another application entity: its AE title, and where it listens."""

    aet: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the peer that dicom://AET@HOST:PORT names; raises UsageError."""
        match = _PEER.fullmatch(url)
        if match is None or not 0 < int(match["port"]) < 65536:
            raise UsageError("archives.peer_none", url=url)
        aet = ae_title(say("archives.ae_title_of_archive"), match["aet"])
        return cls(aet, match["host"].strip("[]"), int(match["port"]))

    def __str__(self) -> str:
        return f"dicom://{self.aet}@{self.host}:{self.port}"


def ae_title(option: str | Said, text: str) -> str:
    """Return an AE title that may be one; raises UsageError."""
    title = text.strip(" ")
    if not _AE_TITLE.fullmatch(title):
        raise UsageError("archives.ae_title", option=option, title=text)
    return title


def new_entity(aet: str) -> "ApplicationEntity":
    """Return an application entity of this machine, silent on every log.

    Raises:
        MissingDependencyError: pynetdicom is not installed.
    """
    try:
        from pynetdicom import _config
        from pynetdicom.ae import ApplicationEntity
    except ImportError as error:
        raise MissingDependencyError("archives.no_pynetdicom") from error
    _config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").propagate = False  # its lines quote what a peer sent
    entity = ApplicationEntity(ae_title=aet)
    entity.implementation_class_uid = IMPLEMENTATION_UID
    entity.implementation_version_name = VERSION_NAME
    entity.maximum_pdu_size = 0  # unlimited: twice as fast as its default of 16 KB
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = SILENCE_SECONDS
    entity.connection_timeout = 10.0
    return entity


@dataclass(frozen=True, slots=True)
class Tls:
    """Own certificate and key, and the authority whose certificates peers must show; files in PEM form."""

    certificate: Path
    key: Path
    authority: Path

    @classmethod
    def of(cls, certificate: Path | None, key: Path | None, authority: Path | None) -> Self | None:
        """Return what --tls-cert, --tls-key and --tls-ca name: all three, or none; raises UsageError."""
        if certificate is None and key is None and authority is None:
            return None
        if certificate is None or key is None or authority is None:
            raise UsageError("archives.tls_together")
        return cls(certificate, key, authority)

    def context(self, purpose: ssl.Purpose) -> ssl.SSLContext:
        """Return what accepts (CLIENT_AUTH) or opens (SERVER_AUTH) connections; raises UsageError."""
        try:
            context = ssl.create_default_context(purpose, cafile=self.authority)
            context.load_cert_chain(self.certificate, self.key, password=lambda: b"")
        except ssl.SSLError as error:
            raise UsageError("archives.tls_certificates", reason=error.reason) from None
        except OSError as error:
            file = error.filename or self.authority
            raise UsageError("archives.tls_unreadable", file=file, error=why(error)) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        return context
