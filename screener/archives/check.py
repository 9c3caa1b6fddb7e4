"""Whether an archive can be used, step by step, and which entry the PACS administrator must add where not."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import reduce
from pathlib import Path

from screener.archives.address import WebAddress
from screener.archives.credentials import Credentials
from screener.archives.dicomweb import DicomWeb
from screener.archives.dimse.contexts import REPORT
from screener.archives.dimse.entity import Peer, Tls, ae_title
from screener.archives.dimse.scu import QueryRetrieve
from screener.archives.dimse.storage_scu import StorageScu
from screener.archives.http import Access, Client
from screener.archives.instances import InstanceReference
from screener.archives.multipart import related
from screener.archives.words import ArchiveError
from screener.said import Said, say

MOST_SKEW_SECONDS = 60
_STUDIES_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. error: why it did not work, None where it did; note: it did, but."""

    what: Said
    found: Said
    error: ArchiveError | None = None
    note: bool = False


def check_archive(
    url: str, credentials: Path | None, ca: Path | None, aet: str, tls: Tls | None = None
) -> Iterator[Step]:
    """Return the steps for the archive that a URL names; raises UsageError where it names none."""
    if url.startswith("dicom://"):
        return check_dimse(Peer.of(url), ae_title("--aet", aet), tls)
    return check_web(Access(WebAddress.of(url), Credentials.found(credentials), ca, seconds=20))


def check_web(access: Access, modalities: tuple[str, ...] = ("CR", "DX")) -> Iterator[Step]:
    """Yield what an archive with DICOMweb lets this machine do; nothing is stored in it."""
    client = Client(access)
    archive = DicomWeb(access)
    try:
        reached = _tried(say("archives.step_answers"), lambda: _answers(client, archive))
        yield reached
        if reached.error:
            return
        yield _encrypted(access.address)
        yield from _images(archive, modalities, lambda image: _size(archive, image))
        yield _tried(say("archives.step_stow"), lambda: _takes(client))
    finally:
        client.close()
        archive.close()


def check_dimse(
    peer: Peer, aet: str, tls: Tls | None = None, modalities: tuple[str, ...] = ("CR", "DX")
) -> Iterator[Step]:
    """Yield what an archive without DICOMweb does; no image is sent, which needs a receiver."""
    archive, store = QueryRetrieve(peer, aet, tls), StorageScu(peer, aet, tls)
    try:
        echo = _tried(say("archives.step_echo"), lambda: _echoes(archive, aet))
        yield echo
        if echo.error:
            return
        yield from _images(archive, modalities, lambda image: say("archives.listed"))
        yield _tried(say("archives.step_store"), lambda: _agrees_to_store(store))
    finally:
        archive.close()
        store.close()


def _agrees_to_store(store: StorageScu) -> Said:
    store.agree(REPORT)
    return say("archives.agrees")


def _echoes(archive: QueryRetrieve, aet: str) -> Said:
    archive.echo()
    return say("archives.accepts", aet=aet)


def _images(
    archive: DicomWeb | QueryRetrieve, modalities: tuple[str, ...], bring: Callable[[InstanceReference], Said]
) -> Iterator[Step]:
    """Yield how many studies there are since yesterday, and what one image of them is like."""
    since = date.today() - timedelta(days=1)
    studies: list[str] = []

    def count() -> Said:
        studies.extend(dict.fromkeys(uid for each in modalities for uid in archive.studies(each, since)))
        return say("archives.studies_with", number=len(studies), modalities=_either(modalities))

    listed = _tried(say("archives.step_studies"), count)
    yield listed
    if listed.error:
        return
    if not studies:
        yield Step(say("archives.step_image"), say("archives.no_study"), note=True)
        return

    def one() -> Said:
        images = (
            image for study in studies[:_STUDIES_LOOKED_AT] for image in archive.images(study, modalities)
        )
        image = next(images, None)
        return say("archives.no_image") if image is None else bring(image)

    yield _tried(say("archives.step_image"), one)


def _tried(what: Said, attempt: Callable[[], Said]) -> Step:
    try:
        return Step(what, attempt())
    except ArchiveError as error:
        return Step(what, error.said, error)


def _encrypted(address: WebAddress) -> Step:
    if address.scheme == "https":
        return Step(say("archives.step_connection"), say("archives.verified"))
    return Step(say("archives.step_connection"), say("archives.not_encrypted"), note=True)


def _answers(client: Client, archive: DicomWeb) -> Said:
    """Return what the clock of the archive shows."""
    next(archive.studies("CR", date.today()), None)
    asked = time.time()
    with client.get("/studies", {"limit": "1"}) as answer:
        told = answer.headers.get("Date", "")
        answer.read()
    with suppress(ValueError, TypeError):
        skew = (parsedate_to_datetime(told) - datetime.fromtimestamp(asked, UTC)).total_seconds()
        if abs(skew) > MOST_SKEW_SECONDS:
            key = "archives.clock_ahead" if skew > 0 else "archives.clock_behind"
            return say(key, seconds=abs(skew))
        return say("archives.clock_agrees")
    return say("archives.clock_unknown")


def _size(archive: DicomWeb, image: InstanceReference) -> Said:
    size = sum(len(chunk) for chunk in archive.content(image))
    return Said(f"{size / 1e6:.1f} MB")


def _either(modalities: Sequence[str]) -> Said:
    first, *others = modalities
    return reduce(lambda one, other: say("archives.either", one=one, other=other), others, Said(first))


def _takes(client: Client) -> Said:
    """Return whether results would be taken; it is asked with what is no DICOM file, so nothing is stored."""
    body, content_type = related([b"screener doctor: not a DICOM file"])
    try:
        with client.post("/studies", body, content_type) as answer:
            answer.read()
    except ArchiveError as error:
        if error.status in (400, 409, 415, 422, 500):
            return say("archives.may_store_refused")
        raise
    return say("archives.may_store")
