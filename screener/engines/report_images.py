"""Images read again for reports, in the same disposable workers that screened them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from screener.domain import AS_SHOWN, ByteImage, Correction, FloatImage, ImageFile, Screenable, ShownMap
from screener.engines.worker import Screener
from screener.errors import ImageError
from screener.intake import at_hand, holds_picture, pixel_digest, read_patient_name, read_radiograph
from screener.locations import Location
from screener.outputs.overlay import card_picture
from screener.outputs.page_picture import PagePicture, page_picture, small_picture
from screener.outputs.report_content import CardPicture
from screener.preprocessing.clahe import resized
from screener.reasons import Reason, ReasonCode

_CHANGED = Reason.of(ReasonCode.PICTURE_CHANGED)


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """An image to show, turned as it was screened.

    activation_map: float32, (7, 7), as it was screened; None where no map is to be drawn. slope: of the
    calibration. pixel_digest: as in the Finding; empty for any image.
    """

    file: Screenable
    activation_map: FloatImage | None = None
    slope: float = 1.0
    correction: Correction = AS_SHOWN
    pixel_digest: str = ""


@dataclass(frozen=True, slots=True)
class DigestRequest:
    """An image that was read smaller than it is, and may be a copy; pixel_digest: as in the Finding."""

    file: Screenable
    pixel_digest: str


@dataclass(frozen=True, slots=True)
class PagePictureRequest:
    """An image for the triage page; key: of PageImage. full: whether there is to be more than a thumbnail."""

    key: int | str
    picture: PictureRequest
    full: bool


@dataclass(frozen=True, slots=True)
class NameRequest:
    """A file whose patient's name is wanted, and whose it was when it was screened: study_id, patient_id."""

    path: Location
    file: str
    study_id: str
    patient_id: str


class ImageReader(Protocol):
    """Whatever can read images besides screening them: for the report, or to tell their studies apart."""

    def draw_cards(self, requests: Sequence[PictureRequest]) -> list[CardPicture | Reason]: ...

    def draw_refused(self, requests: Sequence[PictureRequest]) -> list[bytes | Reason]: ...

    def draw_page_pictures(
        self, requests: Iterable[PagePictureRequest]
    ) -> Iterator[tuple[PagePictureRequest, PagePicture | Reason]]: ...

    def read_names(self, requests: Iterable[NameRequest]) -> Iterator[str]: ...

    def read_digests(self, requests: Iterable[DigestRequest]) -> Iterator[str]: ...

    def read_studies(self, files: Iterable[Screenable]) -> Iterator[str | None]: ...


def draw_card(request: PictureRequest, screener: Screener | None) -> CardPicture | Reason:
    """Return the pictures of one card, or the reason why the image cannot be shown.

    screener: None where the network that screened the image is not to be had: there is no map then.
    """
    radiograph = _read_again(request)
    return (
        radiograph
        if isinstance(radiograph, Reason)
        else card_picture(radiograph, _shown_map(radiograph, request, screener))
    )


def draw_refused(request: PictureRequest) -> bytes | Reason:
    """Return a picture that the gate refused as a small JPEG, or the reason why it cannot be shown."""
    radiograph = _read_again(request)
    return radiograph if isinstance(radiograph, Reason) else small_picture(radiograph)


def draw_page_picture(request: PagePictureRequest, screener: Screener | None) -> PagePicture | Reason:
    """Return an image for the triage page, or why it cannot be shown; screener: as in draw_card."""
    radiograph = _read_again(request.picture)
    if isinstance(radiograph, Reason):
        return radiograph
    return page_picture(radiograph, request.full, _shown_map(radiograph, request.picture, screener))


def whole_digest(request: DigestRequest) -> str:
    """Return the digest of an image's pixels at full resolution, empty where it cannot be read any more."""
    radiograph = _read_again(PictureRequest(request.file, pixel_digest=request.pixel_digest))
    return "" if isinstance(radiograph, Reason) else pixel_digest(radiograph)


def read_name(request: NameRequest) -> str:
    """Return the patient's name, empty where the file is gone or holds another study now."""
    now, name = read_patient_name(request.path, request.file)
    same = (now.study_instance_uid or request.file, now.patient_id) == (request.study_id, request.patient_id)
    return name if same else ""


def _shown_map(radiograph: ByteImage, request: PictureRequest, screener: Screener | None) -> ShownMap | None:
    if screener is None or request.activation_map is None:
        return None
    square = resized(radiograph, screener.preprocessing)
    return screener.shown_map(square, request.activation_map, request.slope)


def _read_again(request: PictureRequest) -> ByteImage | Reason:
    """Return an image as it was screened, or the reason why it cannot be shown."""
    try:
        with at_hand(request.file) as here:
            if not isinstance(here, ImageFile):
                return _CHANGED
            pixels = read_radiograph(here).pixels
            if request.pixel_digest and not holds_picture(here, pixels, request.pixel_digest):
                return _CHANGED
    except ImageError as error:
        return error.reason
    return request.correction.applied(pixels)
