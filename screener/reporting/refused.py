"""Pictures that the gate refused, drawn again for the reports: one of them may be a chest radiograph."""

from collections.abc import Iterator, Sequence

from screener.domain import ImageFile, ObjectFile
from screener.engines.report_images import ImageReader, PagePictureRequest, PictureRequest
from screener.intake import FILE_DIGEST, look_at
from screener.outputs.messages import Messages
from screener.outputs.page_picture import PagePicture
from screener.outputs.report_content import RefusedPicture, RowSelection
from screener.outputs.triage_page import REFUSED_IMAGES, REFUSED_THUMBNAILS, PageImage, refused_key
from screener.reasons import Reason, ReasonCode
from screener.worklist import RefusedImage, StudyRow

GONE = Reason.of(ReasonCode.FILE_GONE)


def refused_pictures(
    refused: Sequence[tuple[StudyRow, RefusedImage]], reader: ImageReader, messages: Messages
) -> tuple[RefusedPicture, ...]:
    """Return the pictures for the PDF, in order; each file is read again by a worker."""
    requests = {image.path: request for _, image in refused if (request := _request(image))}
    drawn = dict(zip(requests, reader.draw_refused(list(requests.values())), strict=True))
    return tuple(_picture(row, image, drawn.get(image.path, GONE), messages) for row, image in refused)


def refused_images(
    selection: RowSelection, images: int, reader: ImageReader, messages: Messages
) -> Iterator[PageImage]:
    """Yield the pictures for the triage page: the first of each study that has none that was screened.

    The page counts the others, see triage_page.refused_unshown.

    images: how many may have more than a thumbnail, REFUSED_IMAGES at most.
    """
    places = range(len(selection.screened), len(selection.screened) + len(selection.not_screened))
    rows = [pair for pair in zip(places, selection.not_screened, strict=True) if pair[1].refused]
    requests: list[PagePictureRequest] = []
    for count, (place, row) in enumerate(rows[: REFUSED_IMAGES + REFUSED_THUMBNAILS]):
        request = _request(row.refused[0])
        if request is None:
            yield PageImage(refused_key(place), None, note=messages.reason(GONE))
        else:
            requests.append(
                PagePictureRequest(refused_key(place), request, count < min(images, REFUSED_IMAGES))
            )
    for asked, drawn in reader.draw_page_pictures(requests):
        yield page_image(asked.key, drawn, messages)


def page_image(key: int | str, drawn: PagePicture | Reason, messages: Messages) -> PageImage:
    """Return an image of the triage page, or the note that says why there is none."""
    return (
        PageImage(key, None, messages.reason(drawn)) if isinstance(drawn, Reason) else PageImage(key, drawn)
    )


def _request(image: RefusedImage) -> PictureRequest | None:
    """Return what asks for a refused picture; None where its file is no image any more."""
    file = look_at(image.path, image.file)
    if not isinstance(file, ImageFile | ObjectFile):
        return None
    digest = f"{FILE_DIGEST}{image.digest}" if image.digest else ""
    return PictureRequest(file, pixel_digest=digest)


def _picture(row: StudyRow, image: RefusedImage, drawn: bytes | Reason, messages: Messages) -> RefusedPicture:
    if isinstance(drawn, Reason):
        return RefusedPicture(row, image.file, None, messages.reason(drawn), image.reason)
    return RefusedPicture(row, image.file, drawn, reason=image.reason)
