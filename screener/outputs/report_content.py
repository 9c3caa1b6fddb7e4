"""What the PDF report shows: bounded, whatever the length of the worklist."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from screener.domain import Cause, Status
from screener.worklist import RunSummary, StudyRow

# WeasyPrint takes about 10 ms and 0.25 MB for a row: the CSV is complete, the PDF is for reading.
PDF_ROWS = 1000  # studies in the worklist table, by rank
NOT_SCREENED_ROWS = 500  # studies in the list of those not screened, failed first
CARDS = 50  # flagged studies shown with their picture, by rank
HISTOGRAM_BINS = 20  # of equal width on 0..1


@dataclass(frozen=True, slots=True)
class RowSelection:
    """The worklist rows that the report shows.

    screened: by rank, at most PDF_ROWS. not_screened: failed first, then tagged chest and refused,
    at most NOT_SCREENED_ROWS.
    histogram: number of studies per probability bin, of all screened rows, shown or not.
    """

    screened: tuple[StudyRow, ...]
    not_screened: tuple[StudyRow, ...]
    histogram: tuple[int, ...]

    def for_cards(self, cards: int = CARDS) -> tuple[StudyRow, ...]:
        """Return the flagged rows that get a card, by rank."""
        return tuple(row for row in self.screened if row.status is Status.FLAGGED)[:cards]


@dataclass(frozen=True, slots=True)
class CardPicture:
    """One image as the report shows it; both JPEG, of one size, in the image's own aspect ratio.

    radiograph: grey. overlay: the same radiograph, coloured where the activation map is above 0.
    """

    radiograph: bytes
    overlay: bytes


@dataclass(frozen=True, slots=True)
class Card:
    """One flagged study with its picture.

    picture: None where the image could not be read again; note then says why.
    """

    row: StudyRow
    picture: CardPicture | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything the PDF report says of one run.

    csv_name: file name of the complete worklist, for what is left out here.
    """

    summary: RunSummary
    selection: RowSelection
    cards: tuple[Card, ...]
    csv_name: str

    @property
    def failed(self) -> tuple[StudyRow, ...]:
        """Studies without a screened image, of which an image should have been readable."""
        return tuple(row for row in self.selection.not_screened if row.cause is Cause.FAILED)

    @property
    def refused(self) -> tuple[StudyRow, ...]:
        """Studies tagged chest whose picture was refused: somebody should look at them."""
        return tuple(row for row in self._readable if row.picture_refused)

    @property
    def ineligible(self) -> tuple[StudyRow, ...]:
        """Other studies of which every image was readable, but no frontal chest radiograph."""
        return tuple(row for row in self._readable if not row.picture_refused)

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
    def not_screened_left_out(self) -> int:
        """Studies not screened that the report does not list."""
        return self.summary.totals.not_screened - len(self.selection.not_screened)


def select_rows(rows: Iterable[StudyRow]) -> RowSelection:
    """Return what the report shows of a worklist; reads it once, and keeps a bounded part.

    rows: in worklist order.
    """
    screened: list[StudyRow] = []
    missed: tuple[list[StudyRow], ...] = ([], [], [])  # failed, tagged chest and refused, the rest
    histogram = [0] * HISTOGRAM_BINS
    for row in rows:
        if row.probability is None:
            _keep(row, missed[_group(row)], NOT_SCREENED_ROWS)
        else:
            _keep(row, screened, PDF_ROWS)
            histogram[min(int(row.probability * HISTOGRAM_BINS), HISTOGRAM_BINS - 1)] += 1
    not_screened = list(chain(*missed))[:NOT_SCREENED_ROWS]
    return RowSelection(tuple(screened), tuple(not_screened), tuple(histogram))


def _group(row: StudyRow) -> int:
    if row.cause is Cause.FAILED:
        return 0
    return 1 if row.picture_refused else 2


def _keep(row: StudyRow, kept: list[StudyRow], most: int) -> None:
    if len(kept) < most:
        kept.append(row)
