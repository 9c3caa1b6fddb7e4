"""Which studies a run has results of that can be published, and which of their images tell them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import groupby

from screener.dicom_results.result import StudyResult
from screener.dicom_results.uids import is_uid
from screener.domain import Cause, Finding, NotScreened
from screener.ledger import Ledger
from screener.locations import Location
from screener.outputs.messages import Messages
from screener.publishing.describe import Describer
from screener.run_summary import RunSummary
from screener.worklist import StudyRow, study_key, study_rows


@dataclass(frozen=True, slots=True)
class SourceImage:
    """Where an image lies that a result speaks of."""

    sop_instance_uid: str
    path: Location
    file: str


@dataclass(frozen=True, slots=True)
class PublishableStudy:
    """One study with its result.

    patient_id, accession_number: as it was screened. images: the one that decides first. row: its line
    of the worklist. summary: of the run.
    """

    result: StudyResult
    patient_id: str
    accession_number: str
    images: tuple[SourceImage, ...]
    row: StudyRow
    run: int
    summary: RunSummary


@dataclass(slots=True)
class Left:
    """Studies that have no result to publish, counted.

    without_uid: JPEG and PNG, or headers without UIDs: no archive could find them. of_another_kind: no
    image was screened, and none failed.
    """

    without_uid: int = 0
    of_another_kind: int = 0
    unscreened: int = 0


@dataclass(slots=True)
class Selection:
    """Yields the studies of one run.

    also_unscreened: those of which no image could be screened, too. zone: in which times are told; None for
    that of the scan.
    """

    ledger: Ledger
    run: RunSummary
    number: int
    messages: Messages
    also_unscreened: bool = True
    zone: tzinfo | None = None
    left: Left = field(default_factory=Left)

    def studies(self) -> Iterator[PublishableStudy]:
        """Yield the studies that the run listed, in its order; the ledger shows the run."""
        describer = Describer.of(self.run, self.messages)
        analysed = self.ledger.analysed()
        images = self.ledger.images(self.run.scales, self.run.options.new_only)
        for (_, key), group in groupby(images, key=study_key):
            told = self._told(list(group))
            if not told:
                continue
            when = datetime.fromisoformat(analysed[key])
            result = describer.study(key, told, when.astimezone(self.zone) if self.zone else when)
            yield self._study(result, told)

    def _told(self, images: list[Finding | NotScreened]) -> list[Finding | NotScreened]:
        """Return the images of a study that its result speaks of, none where it has no result to publish."""
        images = [each for each in images if not (isinstance(each, Finding) and each.duplicate_of)]
        screened = [each for each in images if isinstance(each, Finding)]
        wanted = [*self._by_rank(screened), *(each for each in images if _should_have_been(each))]
        if not wanted:
            self.left.of_another_kind += 1
            return []
        if not screened and not self.also_unscreened:
            self.left.unscreened += 1
            return []
        told = {each.identifiers.sop_instance_uid: each for each in reversed(wanted)}
        kept = [each for each in wanted if told[each.identifiers.sop_instance_uid] is each]
        kept = [each for each in kept if is_uid(each.identifiers.sop_instance_uid)]
        if not kept or not is_uid(kept[0].identifiers.study_instance_uid):
            self.left.without_uid += 1
            return []
        return kept

    def _by_rank(self, screened: Sequence[Finding]) -> list[Finding]:
        """Return images by falling probability; of those whose UID is shared, only the first is told."""
        scales = self.run.scales

        def order(image: Finding) -> tuple[float, str]:
            return -scales.calibrated(image.prediction.logit, image.identifiers.patient_age), image.file

        return sorted(screened, key=order)

    def _study(self, result: StudyResult, images: Sequence[Finding | NotScreened]) -> PublishableStudy:
        [row] = study_rows(images, self.run.scales, self.messages)
        first = images[0].identifiers
        return PublishableStudy(
            result,
            first.patient_id,
            first.accession_number,
            tuple(SourceImage(each.identifiers.sop_instance_uid, each.path, each.file) for each in images),
            row,
            self.number,
            self.run,
        )


def _should_have_been(image: Finding | NotScreened) -> bool:
    """Return whether a reader would expect a result of an image that has none."""
    return isinstance(image, NotScreened) and (image.cause is Cause.FAILED or image.picture_refused)
