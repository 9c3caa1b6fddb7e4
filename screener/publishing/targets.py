"""Where results go: places that tell the headers of images as they are now, and answer of each object."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from screener.archives.address import WebAddress
from screener.archives.credentials import Credentials
from screener.archives.dimse.entity import Peer, Tls, ae_title
from screener.archives.dimse.storage_scu import StorageScu
from screener.archives.http import Access, Client
from screener.archives.stow import OutgoingObject, ResultStore
from screener.dicom_results.common import ResultObject
from screener.dicom_results.source_header import FOUND, PATIENT, SourceHeader
from screener.errors import UsageError
from screener.options.publish import PublishOptions
from screener.outputs.atomic import check_writable, written_whole
from screener.publishing.studies import PublishableStudy
from screener.said import Said

_WEB, _DICOM = ("https://", "http://"), "dicom://"
STORED = None
"""The answer of a place that has an object now."""


class Withheld(StrEnum):
    """Why nothing is sent of a study: a closed list, whose words are in console.toml, [publish]."""

    GONE = "gone"
    IDENTITY = "identity_changed"
    INCOMPLETE = "header_incomplete"
    NO_PICTURE = "no_picture"
    NOT_PRESENTABLE = "not_presentable"


class WithheldError(Exception):
    """Nothing may be sent of a study, or not one of its objects."""

    def __init__(self, why: Withheld) -> None:
        super().__init__(why.value)
        self.why = why


Headers = Mapping[str, SourceHeader]
"""Headers of a study's images by SOP Instance UID."""


class Outlet(Protocol):
    """A place that takes objects."""

    @property
    def name(self) -> str:
        """What the ledger calls it: never with credentials."""

    def store(self, objects: Sequence[ResultObject]) -> Mapping[str, Said | None]:
        """Store objects of one study; return the answer to each by SOP Instance UID: STORED, or why not."""


class Target(Outlet, Protocol):
    """A place that results are published to, and that knows the images."""

    def headers(self, study: PublishableStudy) -> Headers:
        """Return the headers of a study's images as they are now.

        Raises:
            WithheldError: The study is gone, or no longer the one that was screened.
            ArchiveError: The archive is out of reach, or refuses.
        """


class DimseTarget:
    """An archive that speaks DIMSE; headers are put together from C-FIND."""

    def __init__(self, scu: StorageScu, peer: Peer) -> None:
        self.name = str(peer)
        self._scu = scu

    def headers(self, study: PublishableStudy) -> Headers:
        found: dict[str, SourceHeader | None] = {}
        for image in study.images:
            attributes = self._scu.header(study.result.study_uid, image.sop_instance_uid, (*PATIENT, *FOUND))
            found[image.sop_instance_uid] = SourceHeader.from_json(attributes) if attributes else None
        return checked(study, found)

    def store(self, objects: Sequence[ResultObject]) -> Mapping[str, Said | None]:
        """Store objects by C-STORE; raises ArchiveError where the archive goes away or refuses us."""
        return self._scu.store([OutgoingObject(each.sop_uid, each.content) for each in objects])

    def commit(self, references: Sequence[tuple[str, str]], port: int) -> Mapping[str, bool] | None:
        """Ask for storage commitment; as StorageScu.commit."""
        return self._scu.commit(references, port)


class FolderTarget:
    """A folder from which another program takes what is to be sent; headers are those of the files."""

    def __init__(self, folder: Path, mode: int) -> None:
        self._folder, self._mode = folder, mode
        self.name = str(folder.absolute())

    def check(self) -> None:
        """Make sure that files can be written there.

        Raises:
            OutputError: They cannot.
        """
        check_writable(self._folder / "result.dcm", picture=True)

    def headers(self, study: PublishableStudy) -> Headers:
        return checked(
            study,
            {
                image.sop_instance_uid: SourceHeader.from_file(image.path, image.file)
                for image in study.images
            },
        )

    def store(self, objects: Sequence[ResultObject]) -> Mapping[str, Said | None]:
        """Write each object as a file of its own, whole or not at all.

        Raises:
            OutputError: The disk is full, or the folder closed.
        """
        for each in objects:
            with written_whole(self._folder / f"{each.sop_uid}.dcm", self._mode) as file:
                file.write(each.content)
        return {each.sop_uid: STORED for each in objects}


class WebTarget:
    """An archive that speaks DICOMweb; headers are those that it has of the images now."""

    def __init__(self, client: Client, address: WebAddress) -> None:
        self.name = f"{address}{address.root}"
        self._store = ResultStore(client, str(address))

    def headers(self, study: PublishableStudy) -> Headers:
        found: dict[str, SourceHeader | None] = {}
        for image in study.images:
            attributes = self._store.header(study.result.study_uid, image.sop_instance_uid)
            found[image.sop_instance_uid] = SourceHeader.from_json(attributes) if attributes else None
        return checked(study, found)

    def store(self, objects: Sequence[ResultObject]) -> Mapping[str, Said | None]:
        """Store objects by STOW-RS; raises ArchiveError where no answer can be used."""
        instances = [OutgoingObject(each.sop_uid, each.content) for each in objects]
        return self._store.store(objects[0].study_uid, instances)


@contextmanager
def opened(options: PublishOptions) -> Iterator[Target]:
    """Give the place that --to names, while the block runs.

    Raises:
        OutputError: The folder cannot be written to.
        UsageError: It names nothing that can be published to, or credentials and certificates are no good.
    """
    if (folder := options.folder) is not None:
        target = FolderTarget(folder, options.mode)
        target.check()
        yield target
    elif options.to.startswith(_WEB):
        access = Access(WebAddress.of(options.to), Credentials.found(options.credentials), options.ca)
        with closing(Client(access)) as client:
            yield WebTarget(client, access.address)
    elif options.to.startswith(_DICOM):
        peer, tls = Peer.of(options.to), Tls.of(*options.tls)
        with closing(StorageScu(peer, ae_title("--aet", options.aet), tls)) as scu:
            yield DimseTarget(scu, peer)
    else:
        raise UsageError("publish.to_unknown", to=options.to)


def checked(study: PublishableStudy, headers: Mapping[str, SourceHeader | None]) -> Headers:
    """Return the headers of a study's images if they still are those of the study that was screened.

    Patient ID, accession number, study and image must be the ledger's; the issuer of the patient ID, which no
    ledger holds, goes with the header into the results.

    Raises:
        WithheldError: They are not, or say too little to refer to them.
    """
    present: dict[str, SourceHeader] = {}
    for uid, header in headers.items():
        if header is None:
            raise WithheldError(Withheld.GONE)
        now = header.identifiers
        screened = (uid, study.result.study_uid, study.patient_id, study.accession_number)
        if screened != (now.sop_instance_uid, now.study_instance_uid, now.patient_id, now.accession_number):
            raise WithheldError(Withheld.IDENTITY)
        if not header.complete:
            raise WithheldError(Withheld.INCOMPLETE)
        present[uid] = header
    return present
