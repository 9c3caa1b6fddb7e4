"""Which objects are made of a result, and how: each kind by its own writer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from screener.dicom_results.capture import SC_STORAGE, make_capture
from screener.dicom_results.common import ResultObject
from screener.dicom_results.pdf import PDF_STORAGE, make_pdf
from screener.dicom_results.presentation import GSPS_STORAGE, can_present, make_presentation, size_is_known
from screener.dicom_results.report import SR_STORAGE, Contour, make_report
from screener.dicom_results.result import ObjectKind
from screener.dicom_results.source_header import SourceHeader
from screener.intake.grayscale.geometry import geometry_of
from screener.outputs.capture_picture import capture_picture
from screener.outputs.messages import Messages
from screener.outputs.outline import Outline, largest, outlines
from screener.outputs.page_picture import PagePicture
from screener.publishing.pictures import Pictures
from screener.publishing.studies import PublishableStudy
from screener.publishing.targets import Headers, Withheld, WithheldError

SOP_CLASSES: Mapping[str, str] = {
    ObjectKind.SR: SR_STORAGE,
    ObjectKind.PDF: PDF_STORAGE,
    ObjectKind.SC: SC_STORAGE,
    ObjectKind.GSPS: GSPS_STORAGE,
}
DRAWN = frozenset((ObjectKind.SC, ObjectKind.GSPS))
"""Kinds that show where the map points: made of flagged studies, and to replace one that was."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the objects of studies; contour: whether reports show where the map of a flagged study points."""

    pictures: Pictures
    messages: Messages
    contour: bool = False

    def make(
        self, kind: ObjectKind, study: PublishableStudy, headers: Headers, predecessor: tuple[str, str]
    ) -> ResultObject:
        """Return one object of a study.

        Raises:
            WithheldError: It shows a picture, which cannot be had, or whose greys a state cannot keep.
        """
        result, first = study.result, headers[study.images[0].sop_instance_uid]
        if kind is ObjectKind.SR:
            return make_report(result, headers, predecessor, self._contour(study, first))
        if kind is ObjectKind.PDF:
            return make_pdf(result, headers, predecessor)
        if kind is ObjectKind.GSPS and not can_present(first):
            raise WithheldError(Withheld.NOT_PRESENTABLE)
        picture = self.pictures.of(study.row, study.summary)
        if picture is None:
            raise WithheldError(Withheld.NO_PICTURE)
        if kind is ObjectKind.SC:
            said = self._said(study, picture)
            shown = picture.shown if picture.shown and picture.shown.stable else None
            drawn = capture_picture(replace(picture, shown=shown), said)
            return make_capture(result, headers, drawn, predecessor)
        return make_presentation(result, headers, _outlines(study, picture, first), predecessor)

    def _contour(self, study: PublishableStudy, first: SourceHeader) -> Contour | None:
        """Return the contour for a report; None where it is not wanted, or there is none to show."""
        if not (self.contour and study.result.images[0].flagged and size_is_known(first)):
            return None
        picture = self.pictures.of(study.row, study.summary)
        line = largest(_outlines(study, picture, first)) if picture else ()
        return Contour(line, self.messages.plain("result.contour")) if line else None

    def _said(self, study: PublishableStudy, picture: PagePicture) -> list[str]:
        """Return what stands above a picture: what it is, who made it, the result, what the colour means."""
        said = [f"Screener {study.result.model}", *study.result.images[0].brief]
        if picture.shown is not None:
            said.append(self.messages.plain("result.map" if picture.shown.stable else "result.map_unstable"))
        return said


def _outlines(study: PublishableStudy, picture: PagePicture, first: SourceHeader) -> tuple[Outline, ...]:
    """Return the outlines of a stable map, on the image as it is stored: none where it was turned."""
    turned = study.row.correction or geometry_of(first.dataset).notes
    return outlines(picture.shown.cells) if picture.shown and picture.shown.stable and not turned else ()
