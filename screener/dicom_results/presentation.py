"""An outline to lay over the image: Grayscale Softcopy Presentation State (PS3.3 A.33.1). Off by default."""

from collections.abc import Mapping, Sequence

from pydicom import Dataset

from screener.dicom_results.common import ObjectPlan, ResultObject, begin, moment, reference, written
from screener.dicom_results.result import ObjectKind, StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.dicom_results.uids import digest_of, uid_of
from screener.outputs.outline import Outline

GSPS_STORAGE = "1.2.840.10008.5.1.4.1.1.11.1"
CONTENT_LABEL = "SCREENER_AI_RSCH"  # 16 characters, as many as a code string has
_LAYER = "SCREENER"
_TABLES = ("ModalityLUTSequence", "VOILUTSequence")
_COPIED = (
    *("RescaleIntercept", "RescaleSlope", "RescaleType"),
    *("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"),
)


def can_present(header: SourceHeader) -> bool:
    """Return whether a state can show an image as it is: its size and greys must be known, and no tables."""
    greys = bool(header.value("PhotometricInterpretation")) and not any(map(header.dataset.get, _TABLES))
    return size_is_known(header) and greys


def size_is_known(header: SourceHeader) -> bool:
    """Return whether a header tells rows and columns, which C-FIND need not."""
    return all(isinstance(header.dataset.get(each), int) for each in ("Rows", "Columns"))


def make_presentation(
    result: StudyResult,
    headers: Mapping[str, SourceHeader],
    outlines: Sequence[Outline],
    predecessor: tuple[str, str] = ("", ""),
) -> ResultObject:
    """Return the state of a study's deciding image; headers, predecessor: as for make_report.

    outlines: closed lines in shares of the image's width and height; none for words alone. Greys stay as the
    image has them.
    """
    first = headers[result.images[0].sop_instance_uid]
    drawn = digest_of([list(map(list, each)) for each in outlines])
    plan = ObjectPlan(ObjectKind.GSPS, GSPS_STORAGE, "PR", 9802, result.title, predecessor, drawn)
    made = begin(result, first, plan)
    made.BodyPartExamined = "CHEST"  # of which there is one: no laterality
    made.ContentLabel = CONTENT_LABEL
    made.ContentDescription = result.title
    made.PresentationCreationDate, made.PresentationCreationTime = moment(result, first)
    made.ContentCreatorName = "Screener^Software"
    made.ReferencedSeriesSequence = [_series(first)]
    made.DisplayedAreaSelectionSequence = [_area(first)]
    _keep_greys(made, first)
    made.GraphicLayerSequence = [_layer()]
    made.GraphicAnnotationSequence = [_annotation(result, first, outlines)]
    return written(made, ObjectKind.GSPS)


def _series(header: SourceHeader) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = header.series_uid
    series.ReferencedImageSequence = [reference(header)]
    return series


def _area(header: SourceHeader) -> Dataset:
    known, area = header.dataset, Dataset()
    area.ReferencedImageSequence = [reference(header)]
    area.DisplayedAreaTopLeftHandCorner = [1, 1]
    area.DisplayedAreaBottomRightHandCorner = [known.Columns, known.Rows]
    area.PresentationSizeMode = "SCALE TO FIT"
    spacing = known.get("PixelSpacing") or known.get("ImagerPixelSpacing")
    if spacing:
        area.PresentationPixelSpacing = spacing
    else:
        area.PresentationPixelAspectRatio = known.get("PixelAspectRatio") or [1, 1]
    return area


def _keep_greys(made: Dataset, header: SourceHeader) -> None:
    """Let the state show the image's own greys: what a state does not repeat is not applied (PS3.4 N.2)."""
    known = header.dataset
    if known.get("RescaleSlope") is not None:
        made.RescaleIntercept, made.RescaleSlope = known.get("RescaleIntercept", 0), known.RescaleSlope
        made.RescaleType = known.get("RescaleType") or "US"
    if known.get("WindowCenter") is not None and known.get("WindowWidth") is not None:
        window = Dataset()
        for keyword in ("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction"):
            if known.get(keyword) is not None:
                window[keyword] = known[keyword]
        made.SoftcopyVOILUTSequence = [window]
    inverse = "INVERSE" in (header.value("PresentationLUTShape"),) or (
        header.value("PhotometricInterpretation") == "MONOCHROME1"
    )
    made.PresentationLUTShape = "INVERSE" if inverse else "IDENTITY"


def _layer() -> Dataset:
    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder = _LAYER, 1
    layer.GraphicLayerDescription = "Output of software, research, not for clinical use"
    return layer


def _annotation(result: StudyResult, header: SourceHeader, outlines: Sequence[Outline]) -> Dataset:
    annotation = Dataset()
    annotation.ReferencedImageSequence = [reference(header)]
    annotation.GraphicLayer = _LAYER
    annotation.TextObjectSequence = [_text(result)]
    if outlines:
        tracking = result.tracking_uid(result.images[0])
        annotation.GraphicObjectSequence = [
            _line(outline, header, uid_of("outline", tracking, number))
            for number, outline in enumerate(outlines)
        ]
    return annotation


def _text(result: StudyResult) -> Dataset:
    said = Dataset()
    said.UnformattedTextValue = "\r\n".join((result.title, *result.images[0].brief))[:1024]
    said.BoundingBoxAnnotationUnits = "DISPLAY"
    said.BoundingBoxTopLeftHandCorner = [0.02, 0.02]
    said.BoundingBoxBottomRightHandCorner = [0.98, 0.12]
    said.BoundingBoxTextHorizontalJustification = "LEFT"
    return said


def _line(outline: Outline, header: SourceHeader, tracking: str) -> Dataset:
    rows, columns = int(header.dataset.Rows), int(header.dataset.Columns)
    closed = [*outline, outline[0]]
    line = Dataset()
    line.GraphicAnnotationUnits = "PIXEL"
    line.GraphicDimensions = 2
    line.NumberOfGraphicPoints = len(closed)
    line.GraphicData = [float(each) for x, y in closed for each in (x * columns + 1, y * rows + 1)]
    line.GraphicType = "POLYLINE"
    line.GraphicFilled = "N"
    line.TrackingID, line.TrackingUID = "Screener pneumonia", tracking
    return line
