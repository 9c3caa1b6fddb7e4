"""Pictures that the gate refused, drawn again for the reports: one of them may be a chest film."""

from collections.abc import Iterator, Sequence

from screener.domain import ImageFile, ObjectFile
from screener.engines.films import FilmReader, FilmRequest, PictureRequest
from screener.intake import FILE_DIGEST, look_at
from screener.outputs.film import FilmPicture
from screener.outputs.messages import Messages
from screener.outputs.report_content import RefusedPicture, RowSelection
from screener.outputs.triage_page import REFUSED_FILMS, REFUSED_THUMBNAILS, PageFilm, refused_key
from screener.reasons import Reason, ReasonCode
from screener.worklist import RefusedImage, StudyRow

GONE = Reason.of(ReasonCode.FILE_GONE)


def refused_pictures(
    refused: Sequence[tuple[StudyRow, RefusedImage]], reader: FilmReader, messages: Messages
) -> tuple[RefusedPicture, ...]:
    """Return the pictures for the PDF, in order; each file is read again by a worker."""
    requests = {image.path: request for _, image in refused if (request := _request(image))}
    drawn = dict(zip(requests, reader.draw_refused(list(requests.values())), strict=True))
    return tuple(_picture(row, image, drawn.get(image.path, GONE), messages) for row, image in refused)


def refused_films(
    selection: RowSelection, films: int, reader: FilmReader, messages: Messages
) -> Iterator[PageFilm]:
    """Yield the pictures for the triage page: the first of each study that has none that was screened.

    The page counts the others, see triage_page.refused_unshown.

    films: how many may have more than a thumbnail, REFUSED_FILMS at most.
    """
    places = range(len(selection.screened), len(selection.screened) + len(selection.not_screened))
    rows = [pair for pair in zip(places, selection.not_screened, strict=True) if pair[1].refused]
    requests: list[FilmRequest] = []
    for count, (place, row) in enumerate(rows[: REFUSED_FILMS + REFUSED_THUMBNAILS]):
        request = _request(row.refused[0])
        if request is None:
            yield PageFilm(refused_key(place), None, note=messages.reason(GONE))
        else:
            requests.append(FilmRequest(refused_key(place), request, count < min(films, REFUSED_FILMS)))
    for asked, drawn in reader.draw_films(requests):
        yield page_film(asked.key, drawn, messages)


def page_film(key: int | str, drawn: FilmPicture | Reason, messages: Messages) -> PageFilm:
    """Return a film of the triage page, or the note that says why there is none."""
    return PageFilm(key, None, messages.reason(drawn)) if isinstance(drawn, Reason) else PageFilm(key, drawn)


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
