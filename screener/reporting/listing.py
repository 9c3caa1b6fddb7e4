"""Which rows a report lists, in what order and under what names; the ledger holds them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import tee
from typing import Self

from screener.domain import EarlierResult, Outcome
from screener.engines.report_images import ImageReader, NameRequest
from screener.ledger import Ledger
from screener.options import ReportLook
from screener.outputs.messages import Messages, load_messages, shipped_messages
from screener.outputs.pseudonyms import NameMask, mask_outcome, mask_row, unmasked
from screener.outputs.templating import template_folders
from screener.run_summary import RunSummary
from screener.scale import Scales
from screener.worklist import StudyRow, study_rows

EARLIER_SHOWN = 3  # results of one patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """The rows of the run that a ledger shows.

    scales: how the run turns logits into what it prints. max_wait: days, None for an order by probability
    alone. mask: how names are shown. messages: the words of reasons. other_ages: as in Totals.
    """

    ledger: Ledger
    scales: Scales
    new_only: bool
    max_wait: int | None
    mask: NameMask = unmasked
    messages: Messages = field(default_factory=shipped_messages)
    other_ages: bool = False

    @classmethod
    def of(cls, ledger: Ledger, summary: RunSummary, mask: NameMask, look: ReportLook | None = None) -> Self:
        """Return the worklist of a run, listed and ordered as that run was told to.

        look: whose catalogue has the words of reasons; None for the shipped one.
        """
        return cls(
            ledger=ledger,
            scales=summary.scales,
            new_only=summary.options.new_only,
            max_wait=summary.options.max_wait,
            mask=mask,
            messages=load_messages(template_folders(look)) if look else shipped_messages(),
            other_ages=summary.totals.other_ages,
        )

    def in_language_of(self, look: ReportLook) -> Self:
        """Return the worklist in the words of what people look at; those of the CSVs are never translated."""
        return replace(self, messages=load_messages(template_folders(look), look.language))

    def rows(self) -> Iterator[StudyRow]:
        """Yield the studies in order, under their own names."""
        images = self.ledger.images(self.scales, self.new_only, self.max_wait)
        return study_rows(images, self.scales, self.messages)

    def shown(self, rows: Iterable[StudyRow], names_from: ImageReader | None) -> Iterator[StudyRow]:
        """Return rows as reports show them, with patients' names where a reader for them is given."""
        return map(partial(mask_row, mask=self.mask), _named(rows, names_from) if names_from else rows)

    def with_earlier(self, row: StudyRow) -> StudyRow:
        """Return a row with what earlier runs said of the patient's earlier studies, under its own names."""
        studies = self.ledger.patients.earlier(row.patient_id)
        before = [
            EarlierResult(each.date, self.scales.probability(each.logit, each.age))
            for each in studies
            if each.key != row.key and (not row.study_date or each.date <= row.study_date)
        ]
        return replace(row, earlier=tuple(before[:EARLIER_SHOWN])) if before else row

    def outcomes(self) -> Iterator[Outcome]:
        """Yield every file seen, as files-csv shows it."""
        return map(partial(mask_outcome, mask=self.mask), self.ledger.outcomes())


def _named(rows: Iterable[StudyRow], reader: ImageReader) -> Iterator[StudyRow]:
    """Yield rows with their patients' names, read from the files now."""
    kept, asked = tee(rows)
    names = reader.read_names(NameRequest(row.path, row.file, row.study_id, row.patient_id) for row in asked)
    return (replace(row, patient_name=name) for row, name in zip(kept, names, strict=True))
