"""What the PDF report and the triage page show: bounded, whatever the length of the worklist."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from screener.agreement import Agreement
from screener.domain import Cause, Status
from screener.options import CARDS, PDF_ROWS
from screener.outputs.histogram import Histogram, HistogramCount
from screener.outputs.map_place import MapPlace
from screener.outputs.watched import Watched
from screener.reasons import ReasonCode
from screener.run_summary import RunSummary
from screener.worklist import RefusedImage, StudyRow

NOT_SCREENED_ROWS = 500  # studies in the list of those not screened, failed first
REFUSED_PICTURES = 40  # shown, in worklist order: two pages


@dataclass(frozen=True, slots=True)
class RowSelection:
    """The worklist rows that the report shows.

    screened: by rank, bounded. not_screened: failed first, then refused by their picture, bounded.
    histograms: by population, of all screened rows, shown or not; those of populations without a study are
    left out, as long as one is left. refused: images of any study whose picture was refused,
    each with its study, bounded; refused_images: how many there are.
    """

    screened: tuple[StudyRow, ...]
    not_screened: tuple[StudyRow, ...]
    histograms: Mapping[str, Histogram]
    refused: tuple[tuple[StudyRow, RefusedImage], ...] = ()
    refused_images: int = 0

    def for_cards(self, cards: int = CARDS) -> tuple[StudyRow, ...]:
        """Return the flagged rows that get a card, by rank."""
        return tuple(row for row in self.screened if row.status is Status.FLAGGED)[:cards]


@dataclass(frozen=True, slots=True)
class CardPicture:
    """One image as the report shows it; both JPEG, of one size, in the image's own aspect ratio.

    radiograph: grey. overlay: the same radiograph, coloured where the activation map is above 0; empty where
    no map is to be had. stable: as in ShownMap. strongest: by how much the map's highest cell multiplies
    the odds of pneumonia, 1 or more. place: where that cell is.
    """

    radiograph: bytes
    overlay: bytes = b""
    stable: bool = True
    strongest: float = 1.0
    place: MapPlace = MapPlace.NOWHERE


@dataclass(frozen=True, slots=True)
class Card:
    """One flagged study with its picture.

    picture: None where the image could not be read again; note then says why.
    """

    row: StudyRow
    picture: CardPicture | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefusedPicture:
    """An image whose picture was refused, as the report shows it.

    file: under the name that may be shown. picture: JPEG; None where the image could not be read again, note
    then says why. reason: why it was refused.
    """

    row: StudyRow
    file: str
    picture: bytes | None
    note: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Studies that were not screened for one and the same reason; codes: of what it says."""

    reason: str
    codes: tuple[ReasonCode, ...]
    rows: tuple[StudyRow, ...]


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything that the PDF report or the triage page says of one run.

    csv_name: file name of the complete worklist, for what is left out here. agreement: of readers, as far
    as the ledger knows of any when the report is written; report.json and CSV, which are written again byte
    for byte, never tell it. watched: whether anything has changed at this site, where that was asked for.
    """

    summary: RunSummary
    selection: RowSelection
    cards: tuple[Card, ...]
    csv_name: str
    agreement: tuple[Agreement, ...] = ()
    refused_pictures: tuple[RefusedPicture, ...] = ()
    watched: Watched | None = None

    @property
    def failed(self) -> tuple[ReasonGroup, ...]:
        """Studies without a screened image, of which an image should have been readable."""
        return _by_reason(row for row in self.selection.not_screened if row.cause is Cause.FAILED)

    @property
    def refused(self) -> tuple[ReasonGroup, ...]:
        """Studies whose picture was refused: somebody should look at them."""
        return _by_reason(row for row in self._readable if row.picture_refused)

    @property
    def ineligible(self) -> tuple[ReasonGroup, ...]:
        """Other studies of which every image was readable, but no frontal chest radiograph."""
        return _by_reason(row for row in self._readable if not row.picture_refused)

    @property
    def _readable(self) -> tuple[StudyRow, ...]:
        return tuple(row for row in self.selection.not_screened if row.cause is not Cause.FAILED)

    @property
    def rows_left_out(self) -> int:
        """Screened studies that the worklist table does not show."""
        totals = self.summary.totals
        return totals.flagged + totals.not_flagged - len(self.selection.screened)

    @property
    def flagged_left_out(self) -> int:
        """Flagged studies that the worklist table does not show."""
        shown = sum(row.status is Status.FLAGGED for row in self.selection.screened)
        return self.summary.totals.flagged - shown

    @property
    def refused_left_out(self) -> int:
        """Refused images of listed studies that the report does not show."""
        return self.selection.refused_images - len(self.refused_pictures)

    @property
    def not_screened_left_out(self) -> int:
        """Studies not screened that the report does not list."""
        return self.summary.totals.not_screened - len(self.selection.not_screened)

    def texts(self) -> Iterator[str]:
        """Yield every text that comes from outside: what needs glyphs that a font may lack."""
        for row in chain(self.selection.screened, self.selection.not_screened):
            yield from (row.patient_id, row.patient_name, row.accession_number, row.file, row.reason)
            yield from row.notes
        yield from self.summary.roots
        if self.watched:
            yield from (*self.watched.sentences, *self.watched.past)


def select_rows(
    rows: Iterable[StudyRow],
    thresholds: Mapping[str, float],
    screened_rows: int = PDF_ROWS,
    missed_rows: int = NOT_SCREENED_ROWS,
    default: str = "",
) -> RowSelection:
    """Return what a report shows of a worklist; reads it once, and keeps a bounded part.

    rows: in worklist order. thresholds: by population, printed, 0..1. screened_rows: those to keep, by
    rank. missed_rows: studies not screened to keep, failed first. default: the population whose empty
    histogram stands for a run that screened nothing; else the first.
    """
    screened: list[StudyRow] = []
    refused: list[tuple[StudyRow, RefusedImage]] = []
    refused_images = 0
    missed: tuple[list[StudyRow], ...] = ([], [], [])  # failed, refused by their picture, the rest
    histograms = {name: HistogramCount(threshold) for name, threshold in thresholds.items()}
    for row in rows:
        refused_images += len(row.refused)
        refused.extend((row, each) for each in row.refused[: REFUSED_PICTURES - len(refused)])
        if row.probability is None:
            _keep(row, missed[_group(row)], missed_rows)
        else:
            _keep(row, screened, screened_rows)
            histograms[row.population].add(row.probability)
    not_screened = list(chain(*missed))[:missed_rows]
    return RowSelection(
        tuple(screened), tuple(not_screened), _met(histograms, default), tuple(refused), refused_images
    )


def _met(histograms: Mapping[str, HistogramCount], default: str) -> dict[str, Histogram]:
    results = {name: each.result() for name, each in histograms.items()}
    met = {name: each for name, each in results.items() if any(each.counts)}
    empty = default if default in results else next(iter(results))
    return met or {empty: results[empty]}


def _by_reason(rows: Iterable[StudyRow]) -> tuple[ReasonGroup, ...]:
    """Return the reasons, the most frequent first, each with its rows in their order."""
    groups: dict[str, list[StudyRow]] = {}
    for row in rows:
        groups.setdefault(row.reason, []).append(row)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return tuple(ReasonGroup(reason, members[0].reason_codes, tuple(members)) for reason, members in ordered)


def _group(row: StudyRow) -> int:
    if row.cause is Cause.FAILED:
        return 0
    return 1 if row.picture_refused else 2


def _keep(row: StudyRow, kept: list[StudyRow], most: int) -> None:
    if len(kept) < most:
        kept.append(row)
