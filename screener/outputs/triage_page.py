"""The triage list for the browser: one file, nothing fetched, nothing in it but text and pictures of our own.

No value from a study, whatever it holds, can ever run: see page_source.py.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from screener.domain import FloatImage, ShownMap
from screener.locations import Location
from screener.operating_points import PROBABILITY_DECIMALS, printed
from screener.options import ReportLook
from screener.outputs.atomic import PRIVATE, text_written_whole
from screener.outputs.bands import FLAGGED, NOT_FLAGGED, band_of
from screener.outputs.figures import Figures
from screener.outputs.histogram import AXIS
from screener.outputs.map_place import map_place
from screener.outputs.messages import Messages, load_messages
from screener.outputs.overlay import FULL_COLOUR, FULL_ODDS, colour_ramp
from screener.outputs.page_picture import PagePicture
from screener.outputs.page_source import FOLDER, as_base64, as_json, content_security_policy, own_source
from screener.outputs.population_words import population_name
from screener.outputs.report_content import REFUSED_PICTURES, ReportContent, RowSelection
from screener.outputs.templating import (
    report_names,
    template_environment,
    template_faults,
    template_folders,
)
from screener.run_summary import RunSummary
from screener.scale import Band, Scale
from screener.worklist import StudyRow

PAGE_ROWS = 20_000  # screened studies in the page, by rank; the CSV has all
PAGE_MISSED_ROWS = 2_000  # studies not screened, failed ones first
REFUSED_IMAGES = 50  # studies whose refused picture can be looked at in the page; the next get a thumbnail
REFUSED_THUMBNAILS = 450
THUMBNAILS = 1_000  # studies after those with an image that get a small picture
SCRIPTS = ("data.js", "list.js", "radiograph.js", "viewer.js", "marks.js", "start.js")  # in this order
STYLE = "page.css"
_LABELS = ("rank", "accession", "date", "view", "age_sex")
_SENTENCE = re.compile(r".{40,}?(?:\w{3}|\))(?=\. [A-Z])", re.DOTALL)  # "St." and "No." end none
_MAP_STEPS = 1000  # of FULL_COLOUR

_COLUMNS = (
    "rank",
    "status",
    "study_id",
    "patient_id",
    "patient_name",
    "accession_number",
    "study_date",
    "view",
    "images",
    "probability",
    "reason",
    "notes",
    "file",
    "cause",
    "refused",
    "shown",
    "band",
    "person",
    "earlier",
    "last_earlier",
    "population",
)


@dataclass(frozen=True, slots=True)
class PageImage:
    """What the page shows of one study's image; picture: None where there is none, note then says why.

    key: the study's rank; of one that was not screened, see refused_key.
    """

    key: int | str
    picture: PagePicture | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PageImages:
    """The images of the first studies, as they are drawn.

    drawn: in any order, read once. large, small: studies with an image to look at, and with a thumbnail only.
    """

    drawn: Iterable[PageImage]
    large: int
    small: int


def refused_key(index: int) -> str:
    """Return what the picture of a study that was not screened goes by; index: its place in the page."""
    return f"refused-{index}"


def refused_unshown(selection: RowSelection) -> int:
    """Return how many refused pictures the page does not show: it has one of each study not screened."""
    studies = sum(row.picture_refused for row in selection.not_screened)
    return selection.refused_images - min(studies, REFUSED_IMAGES + REFUSED_THUMBNAILS)


def write_triage_page(
    content: ReportContent,
    images: PageImages,
    look: ReportLook,
    path: Location,
    mode: int = PRIVATE,
    viewer_url: str = "",
) -> None:
    """Write the page; streams, so that memory does not grow with the number of images.

    mode: permission bits of the file. viewer_url: of "{study_uid}" in a viewer; empty for none.

    Raises:
        UsageError: The logo, a template or the catalogue of messages cannot be used; names the file.
        OutputError: The file cannot be written; one that was there before stays whole.
    """
    folders = template_folders(look)
    messages = load_messages(folders, look.language)
    scripts = [own_source(folders, name) for name in SCRIPTS]
    style = own_source(folders, STYLE)
    names = {
        **report_names(content, look, messages),
        "scripts": [Markup(script) for script in scripts],
        "style": Markup(style),
        "policy": content_security_policy(scripts, style),
        "worklist": as_json(worklist_data(content, messages, viewer_url)),
        "images": images,
        "meanings": list(meanings(content.summary, messages).values()),
        "validated_on": [
            _first_sentence(messages.words(each.scale.validated_on)) for each in content.summary.populations
        ],
        "refused_unshown": refused_unshown(content.selection),
        "refused_in_pdf": min(content.selection.refused_images, REFUSED_PICTURES),
        "pictures": (_image_data(image, messages) for image in images.drawn),
    }
    with template_faults(look), text_written_whole(path, mode) as file:
        template = template_environment(folders, messages).get_template(f"{FOLDER}/page.html.j2")
        for piece in template.generate(names):
            file.write(piece)


def worklist_data(content: ReportContent, messages: Messages, viewer_url: str = "") -> dict[str, Any]:
    """Return what the page's scripts read: the run, every row by column, and the words."""
    summary, selection = content.summary, content.selection
    limits = {each.population: each.limits for each in summary.scales.each}
    return {
        "report_id": summary.report_id,
        "viewer_url": viewer_url,
        "model": str(summary.model),
        "thresholds": {
            each.scale.population: printed(each.scale.operating_point.threshold)
            for each in summary.populations
        },
        "bands": {name: messages.say(f"bands.name_{name}") for name in (*Band, FLAGGED, NOT_FLAGGED)},
        "labels": {name: messages.say(f"study.{name}") for name in _LABELS},
        "axis": AXIS,
        "meanings": meanings(summary, messages),
        "ramp": as_base64(colour_ramp().tobytes()),
        "full_odds": FULL_ODDS,
        "columns": _COLUMNS,
        "rows": [
            (*_cells(row), *_words(row, messages, summary.started.year, limits))
            for row in (*selection.screened, *selection.not_screened)
        ],
        "words": messages.section("triage"),
        "language": messages.language.code,
        "date": messages.plain("figures.date"),
        "pictures": {
            "radiograph": messages.texts["cards.radiograph"],
            "refused": messages.texts["refused.picture"],
        },
    }


def meanings(summary: RunSummary, messages: Messages) -> dict[str, str]:
    """Return what a number in the list means for each population met, in a sentence or two: plain text.

    Raises:
        UsageError: As Messages.say.
    """
    several = len(summary.populations) > 1
    return {each.scale.population: _meaning(each.scale, messages, several) for each in summary.populations}


def _meaning(scale: Scale, messages: Messages, several: bool) -> str:
    point, figures = scale.operating_point, Figures(messages)
    key = "triage.meaning_validated" if point.validated else "triage.meaning_custom"
    words = messages.say(
        key,
        threshold=figures.threshold(printed(point.threshold)),
        point=point.name,
        sensitivity=figures.percent(point.sensitivity or 0.0),
        specificity=figures.percent(point.specificity or 0.0),
        prevalence=figures.written(f"{100 * scale.prevalence:g}"),
    )
    return (
        messages.say("triage.meaning_of", population=population_name(messages, scale.population), words=words)
        if several
        else words
    )


def _first_sentence(text: str) -> str:
    """Return the first sentence that says something, without its full stop; the whole text where in doubt."""
    found = _SENTENCE.match(text)
    return found[0] if found else text.rstrip(".")


def _cells(row: StudyRow) -> tuple[Any, ...]:
    return (
        row.rank,
        row.status,
        row.study_id,
        row.patient_id,
        row.patient_name,
        row.accession_number,
        row.study_date,
        row.view,
        row.images,
        None if row.probability is None else f"{row.probability:.{PROBABILITY_DECIMALS}f}",
        row.reason,
        row.notes,
        row.file,
        row.cause or "",
        int(row.picture_refused),
    )


def _words(
    row: StudyRow, messages: Messages, year: int, limits: Mapping[str, tuple[float, ...]]
) -> tuple[str, ...]:
    """Return the columns that hold what people read."""
    figures = Figures(messages)
    texts = [
        messages.say(
            "study.one_earlier",
            day=figures.day(each.date, year),
            probability=figures.probability(each.probability),
        ).unescape()
        for each in row.earlier
    ]
    last = [f"{texts[0]} (+{len(texts) - 1})" if texts[1:] else texts[0]] if texts else []
    return (
        "" if row.probability is None else figures.probability(row.probability, limits[row.population]),
        row.status if row.probability is None else band_of(row),
        ", ".join(filter(None, (row.age, row.sex))),
        *(
            messages.say("study.earlier", results="; ".join(results)).unescape() if results else ""
            for results in (texts, last)
        ),
        row.population,
    )


def _image_data(image: PageImage, messages: Messages) -> tuple[int | str, str, Markup]:
    """Return what an image goes by, its thumbnail, and as JSON what is read when the study is opened."""
    data: dict[str, Any] = {"note": image.note}
    if image.picture and image.picture.shown:
        data["map"] = _steps(image.picture.shown.cells)
        data["stable"] = image.picture.shown.stable
        data["described"] = _map_in_words(image.key, image.picture.shown, messages)
    if image.picture and image.picture.full:
        data["image"] = as_base64(image.picture.full)
    return image.key, as_base64(image.picture.thumbnail) if image.picture else "", as_json(data)


def _map_in_words(rank: int | str, shown: ShownMap, messages: Messages) -> str:
    """Return what the radiograph with its map shows, for who cannot see it: plain text, as on a card."""
    place = messages.plain(f"places.{map_place(shown.cells)}")
    stable = messages.plain("cards.is_stable" if shown.stable else "cards.not_stable")
    return f"{messages.plain('cards.overlay', rank=rank, place=place)}, {stable}"


def _steps(cells: FloatImage) -> list[list[int]]:
    """Return a map in steps of FULL_COLOUR, so that 49 numbers take 200 bytes; empty if none is above 0."""
    if not cells.max() > 0:
        return []
    steps = np.round(_MAP_STEPS * cells / FULL_COLOUR)
    rows: list[list[int]] = steps.astype(int).tolist()
    return rows
