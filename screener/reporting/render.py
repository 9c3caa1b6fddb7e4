"""From the ledger to what people look at: the triage page and the PDF, each with its pictures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from screener.domain import ImageFile, ObjectFile, Status
from screener.engines.report_images import ImageReader, PagePictureRequest, PictureRequest
from screener.errors import ScreenerError
from screener.intake import look_at
from screener.operating_points import printed
from screener.options import OutputOptions
from screener.outputs.messages import Messages
from screener.outputs.pseudonyms import mask_summary
from screener.outputs.report_content import (
    NOT_SCREENED_ROWS,
    Card,
    CardPicture,
    ReportContent,
    RowSelection,
    select_rows,
)
from screener.outputs.report_pdf import write_report_pdf
from screener.outputs.triage_page import (
    PAGE_MISSED_ROWS,
    PAGE_ROWS,
    THUMBNAILS,
    PageImage,
    PageImages,
    write_triage_page,
)
from screener.outputs.watched import Watched
from screener.outputs.workbook_about import about_run
from screener.outputs.worklist_xlsx import write_worklist_xlsx
from screener.reasons import Reason
from screener.reporting.listing import Worklist
from screener.reporting.refused import GONE, page_image, refused_images, refused_pictures
from screener.run_summary import RunSummary
from screener.said import Spoken, say
from screener.scale import Scales
from screener.worklist import RefusedImage, StudyRow


def write_views(
    worklist: Worklist,
    reader: ImageReader,
    options: OutputOptions,
    summary: RunSummary,
    tell: Callable[[Spoken], None],
    watched: Watched | None = None,
) -> None:
    """Write what people look at: workbook, triage page and PDF, each whether or not the others could be.

    watched: whether anything has changed at this site.

    Raises:
        ScreenerError: As write_reports; the first of several.
    """
    worklist = worklist.in_language_of(options.look)
    unwritten: ScreenerError | None = None
    for wanted, key, write in (
        (options.xlsx, "reporting.writing_workbook", _write_workbook),
        (options.html, "reporting.writing_page", partial(_write_page, watched=watched)),
    ):
        if wanted:
            tell(say(key))
            try:
                write(worklist, reader, options, summary)
            except ScreenerError as error:
                unwritten = unwritten or error
    if options.pdf:
        tell(say("reporting.writing_pdf"))
        unshown = _write_pdf(worklist, reader, options, summary, watched)
        if unshown:
            tell(say("reporting.unshown", number=len(unshown)))
    if unwritten:
        raise unwritten


def _write_pdf(
    worklist: Worklist,
    reader: ImageReader,
    options: OutputOptions,
    summary: RunSummary,
    watched: Watched | None,
) -> str:
    """Write the PDF; return the characters in it that no font here shows."""
    look = options.look
    rows = _shown_rows(worklist, reader, options, look.pdf_rows, NOT_SCREENED_ROWS)
    cards = _cards(rows.for_cards(look.cards), reader, worklist)
    content = _content(worklist, options, summary, rows, cards)
    refused = refused_pictures(rows.refused, reader, worklist.messages)
    content = replace(content, refused_pictures=refused, watched=watched)
    return write_report_pdf(content, look, options.out, options.mode)


def _write_workbook(
    worklist: Worklist, reader: ImageReader, options: OutputOptions, summary: RunSummary
) -> None:
    write_worklist_xlsx(
        worklist.shown(worklist.rows(), reader if options.include_names else None),
        str(summary.model),
        about_run(mask_summary(summary, worklist.mask), options.look),
        options.workbook,
        options.mode,
        names=options.include_names,
    )


def _write_page(
    worklist: Worklist,
    reader: ImageReader,
    options: OutputOptions,
    summary: RunSummary,
    watched: Watched | None,
) -> None:
    rows = _shown_rows(worklist, reader, options, PAGE_ROWS, PAGE_MISSED_ROWS)
    content = replace(_content(worklist, options, summary, rows), watched=watched)
    pictured = rows.screened[: options.html_images + THUMBNAILS]
    large = min(options.html_images, len(pictured))
    images_of_studies = _page_images(pictured, large, reader, worklist)
    drawn = chain(images_of_studies, refused_images(rows, options.html_images, reader, worklist.messages))
    images = PageImages(drawn, large, len(pictured) - large)
    write_triage_page(
        content, images, options.look, options.page, options.mode, viewer_url=options.viewer_url
    )


def _content(
    worklist: Worklist,
    options: OutputOptions,
    summary: RunSummary,
    rows: RowSelection,
    cards: tuple[Card, ...] = (),
) -> ReportContent:
    """Return what a report says, how readers have agreed until now included."""
    masked = mask_summary(summary, worklist.mask)
    return ReportContent(masked, rows, cards, options.csv.name, worklist.ledger.reviews.agreement())


def _shown_rows(
    worklist: Worklist, reader: ImageReader, options: OutputOptions, screened: int, missed: int
) -> RowSelection:
    """Return a bounded part of the worklist under the names that may be shown."""
    thresholds = {each.population: printed(each.operating_point.threshold) for each in worklist.scales.each}
    chosen = select_rows(worklist.rows(), thresholds, screened, missed, worklist.scales.default)
    if worklist.other_ages:  # said once, on top
        chosen = replace(chosen, screened=tuple(map(_without_age_note, chosen.screened)))
    names_from = reader if options.include_names else None
    with_earlier = map(worklist.with_earlier, chosen.screened)
    return replace(
        chosen,
        screened=tuple(worklist.shown(with_earlier, names_from)),
        not_screened=tuple(worklist.shown(chosen.not_screened, names_from)),
        refused=tuple(_shown_refused(chosen.refused, worklist, names_from)),
    )


def _shown_refused(
    refused: Sequence[tuple[StudyRow, RefusedImage]], worklist: Worklist, names_from: ImageReader | None
) -> Iterator[tuple[StudyRow, RefusedImage]]:
    """Yield refused images under the names that may be shown."""
    rows = worklist.shown((replace(row, refused=(image,)) for row, image in refused), names_from)
    return ((row, row.refused[0]) for row in rows)


def _without_age_note(row: StudyRow) -> StudyRow:
    return replace(row, notes=tuple(note for note in row.notes if note != row.age_note))


def _page_images(
    rows: Sequence[StudyRow], large: int, reader: ImageReader, worklist: Worklist
) -> Iterator[PageImage]:
    """Yield the images of studies as they are drawn; of the first `large` more than a thumbnail."""
    scales, messages = worklist.scales, worklist.messages
    requests: list[PagePictureRequest] = []
    for row in rows:
        assert row.rank is not None  # only screened studies are pictured
        request = picture_request(row, scales)
        if request is None:
            yield page_image(row.rank, GONE, messages)
            continue
        requests.append(PagePictureRequest(row.rank, request, full=row.rank <= large))
    for asked, drawn in reader.draw_page_pictures(requests):
        yield page_image(asked.key, drawn, messages)


def _cards(rows: Sequence[StudyRow], reader: ImageReader, worklist: Worklist) -> tuple[Card, ...]:
    scales, messages = worklist.scales, worklist.messages
    requests = {row.path: request for row in rows if (request := picture_request(row, scales))}
    drawn = dict(zip(requests, reader.draw_cards(list(requests.values())), strict=True))
    return tuple(_card(row, drawn.get(row.path, GONE), messages) for row in rows)


def picture_request(row: StudyRow, scales: Scales) -> PictureRequest | None:
    """Return what asks for a study's image; None where its file is no image any more.

    Only flagged studies get a map: on others it would point at what the network did not find.
    """
    file = look_at(row.path, row.file)
    if not isinstance(file, ImageFile | ObjectFile) or row.activation_map is None:
        return None
    shown = row.activation_map if row.status is Status.FLAGGED else None
    slope = scales.named(row.population).calibration.slope
    return PictureRequest(file, shown, slope, row.correction, row.pixel_digest)


def _card(row: StudyRow, drawn: CardPicture | Reason, messages: Messages) -> Card:
    return Card(row, None, messages.reason(drawn)) if isinstance(drawn, Reason) else Card(row, drawn)
