"""Where a pull has its images from: an archive with DICOMweb, or one that only knows DIMSE."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from screener.archives.dicomweb import DicomWeb
from screener.archives.dimse.entity import Peer, Tls
from screener.archives.dimse.scu import QueryRetrieve
from screener.archives.http import Access
from screener.archives.instances import InstanceReference
from screener.archives.words import ArchiveAnswerError
from screener.arrivals.inbox import Inbox
from screener.errors import OutputError
from screener.intake.dicom.instance import read_sop_uid

ARRIVAL_SECONDS = 15.0  # between the archive's word that it sent an image, and the image


class Connection(Protocol):
    """One archive, as one thread asks it. incomplete: it said that a list was not whole."""

    @property
    def incomplete(self) -> bool: ...

    def studies(self, modality: str, since: date) -> Iterator[str]: ...

    def images(self, study_uid: str, modalities: tuple[str, ...]) -> Iterator[InstanceReference]: ...

    def bring(self, image: InstanceReference, inbox: Inbox, stopped: Callable[[], bool]) -> int:
        """Put one image into the inbox and return its size: whole, and the one asked for, or not at all."""

    def close(self) -> None: ...


class Source(Protocol):
    """An archive that can be asked."""

    def connect(self) -> Connection: ...


@dataclass(frozen=True, slots=True)
class WebSource:
    """An archive with DICOMweb."""

    access: Access

    def connect(self) -> Connection:
        return _Web(self.access)


@dataclass(frozen=True, slots=True)
class MoveSource:
    """An archive that is asked by C-FIND, and by C-MOVE to send images to a receiver of this AE title."""

    peer: Peer
    aet: str
    tls: Tls | None = None

    def connect(self) -> Connection:
        return _Move(self.peer, self.aet, self.tls)


class _Web(DicomWeb):
    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._name = str(access.address)

    def bring(self, image: InstanceReference, inbox: Inbox, stopped: Callable[[], bool]) -> int:
        try:
            part, file = inbox.new_part()
            try:
                with file:
                    for chunk in self.content(image):
                        file.write(chunk)
                        if stopped():
                            raise ArchiveAnswerError.of(self._name, "cut")
                    os.fsync(file.fileno())
                if read_sop_uid(part) != image.sop_uid:
                    raise ArchiveAnswerError.of(self._name, "other_image")
                size = part.stat().st_size
                inbox.take(part, image.sop_uid)
                return size
            except BaseException:
                with contextlib.suppress(OSError):
                    part.unlink()
                raise
        except OSError as error:
            raise OutputError.cannot_write(inbox.folder, error) from error


class _Move(QueryRetrieve):
    def __init__(self, peer: Peer, aet: str, tls: Tls | None) -> None:
        super().__init__(peer, aet, tls)
        self._name, self._destination = str(peer), aet

    def bring(self, image: InstanceReference, inbox: Inbox, stopped: Callable[[], bool]) -> int:
        self.move(image, self._destination)
        until = time.monotonic() + ARRIVAL_SECONDS
        while not inbox.has(image.sop_uid):
            if time.monotonic() > until or stopped():
                raise ArchiveAnswerError.of(self._name, "not_arrived")
            time.sleep(0.02)
        return inbox.place_of(image.sop_uid).stat().st_size
