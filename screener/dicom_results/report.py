"""The structured report of one study: Comprehensive 3D SR, templates TID 1500 and 1501 (PS3.16).

With a contour, the measurement group of the image that it lies on is of TID 1410, which has a region.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydicom import Dataset

from screener.dicom_results.common import (
    MANUFACTURER,
    ObjectPlan,
    ResultObject,
    begin,
    evidence,
    moment,
    reference,
    sop_reference,
    written,
)
from screener.dicom_results.content_item import (
    CODING_SCHEME,
    CODING_SCHEME_UID,
    CONTAINS,
    HAS_ACQ_CONTEXT,
    HAS_CONCEPT_MOD,
    HAS_OBS_CONTEXT,
    Code,
    code,
    container,
    dcm,
    image,
    number,
    region,
    sct,
    text,
    uid,
)
from screener.dicom_results.result import ImageResult, ObjectKind, StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.dicom_results.uids import digest_of
from screener.intake.dicom.header import text as value_of
from screener.outputs.outline import Outline

SR_STORAGE = "1.2.840.10008.5.1.4.1.1.88.34"
TRACKING = "Screener pneumonia"
PROBABILITY = Code("PNEUMONIA_PROB", CODING_SCHEME, "Probability of pneumonia")
_SUMMARY = dcm("111064", "Summary of Detections")
# PS3.16 CID 6047 tells "looked at, nothing found" from "not looked at", in the words of CAD.
_SUMMARIES = {
    True: dcm("111242", "All algorithms succeeded; with findings"),
    False: dcm("111241", "All algorithms succeeded; without findings"),
    None: dcm("111245", "No algorithms succeeded; without findings"),
}
_PNEUMONIA, _SUSPECTED = sct("233604007", "Pneumonia"), sct("415684004", "Suspected")
_CHEST_RADIOGRAPH = sct("399208008", "Plain X-ray of chest")
_NO_UNITS = Code("1", "UCUM", "no units")
_MODALITIES = {
    "CR": dcm("CR", "Computed Radiography"),
    "DX": dcm("DX", "Digital Radiography"),
    "OT": dcm("OT", "Other"),
}


@dataclass(frozen=True, slots=True)
class Contour:
    """An outline on the image that decides. line: in shares of its width and height. said: what it means."""

    line: Outline
    said: str


def make_report(
    result: StudyResult,
    headers: Mapping[str, SourceHeader],
    predecessor: tuple[str, str] = ("", ""),
    contour: Contour | None = None,
) -> ResultObject:
    """Return the report of a study.

    headers: of its images, by SOP Instance UID; patient and study are copied from that of the first
    image. predecessor: see ObjectPlan. contour: on the first image, whose header tells rows and columns.
    """
    first = headers[result.images[0].sop_instance_uid]
    drawn = digest_of(list(map(list, contour.line)), contour.said) if contour else ""
    plan = ObjectPlan(ObjectKind.SR, SR_STORAGE, "SR", 9801, result.title, predecessor, drawn)
    made = begin(result, first, plan)
    made.ReferencedPerformedProcedureStepSequence = []
    made.CompletionFlag, made.VerificationFlag, made.PreliminaryFlag = "COMPLETE", "UNVERIFIED", "PRELIMINARY"
    made.ContentDate, made.ContentTime = moment(result, first)
    made.PerformedProcedureCodeSequence = []
    sources = [headers[source.sop_instance_uid] for source in result.images]
    made.CurrentRequestedProcedureEvidenceSequence = [evidence(result.study_uid, _by_series(sources))]
    if predecessor[1]:
        replaced = {predecessor[0]: [sop_reference(SR_STORAGE, predecessor[1])]}
        made.PredecessorDocumentsSequence = [evidence(result.study_uid, replaced)]
    made.CodingSchemeIdentificationSequence = [_coding_scheme()]
    root = _root(result, sources, contour)
    root.pop("RelationshipType")
    made.update(root)
    return written(made, ObjectKind.SR)


def _by_series(sources: Sequence[SourceHeader]) -> dict[str, list[Dataset]]:
    series: dict[str, list[Dataset]] = {}
    for source in sources:
        series.setdefault(source.series_uid, []).append(reference(source))
    return series


def _coding_scheme() -> Dataset:
    scheme = Dataset()
    scheme.CodingSchemeDesignator = CODING_SCHEME
    scheme.CodingSchemeUID = CODING_SCHEME_UID
    scheme.CodingSchemeName = "Codes of cxr-screener"
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    return scheme


def _root(result: StudyResult, sources: Sequence[SourceHeader], contour: Contour | None) -> Dataset:
    language = Code(result.language, "RFC5646", "English" if result.language == "en" else result.language)
    contours = (contour, *[None] * (len(sources) - 1))
    groups = [_group(result, *each) for each in zip(result.images, sources, contours, strict=True)]
    return container(
        dcm("126000", "Imaging Measurement Report"),
        [
            code(HAS_CONCEPT_MOD, dcm("121049", "Language of Content Item and Descendants"), language),
            *_observer(result),
            code(HAS_CONCEPT_MOD, dcm("121058", "Procedure reported"), _procedure(sources[0])),
            _library(sources),
            container(dcm("126010", "Imaging Measurements"), groups),
        ],
        template="1500",
    )


def _observer(result: StudyResult) -> Iterator[Dataset]:
    """Yield who says it: a device (TID 1002, 1004)."""
    yield code(HAS_OBS_CONTEXT, dcm("121005", "Observer Type"), dcm("121007", "Device"))
    yield uid(HAS_OBS_CONTEXT, dcm("121012", "Device Observer UID"), result.device_uid)
    for value, meaning, said in (
        ("121013", "Device Observer Name", "Screener"),
        ("121014", "Device Observer Manufacturer", MANUFACTURER),
        ("121015", "Device Observer Model Name", str(result.model)),
        ("121016", "Device Observer Serial Number", result.model.sha256[:16]),
    ):
        yield text(HAS_OBS_CONTEXT, dcm(value, meaning), said)


def _procedure(source: SourceHeader) -> Code:
    """Return what the study was called by a code where it has a whole one, else what it is."""
    for item in source.dataset.get("ProcedureCodeSequence") or ():
        parts = tuple(value_of(item, each) for each in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning"))
        if all(parts):
            return Code(*parts)
    return _CHEST_RADIOGRAPH


def _library(sources: Sequence[SourceHeader]) -> Dataset:
    """Return which images were judged (TID 1600)."""
    entries = [image(None, reference(source), list(_descriptors(source))) for source in sources]
    group = container(dcm("126200", "Image Library Group"), entries)
    return container(dcm("111028", "Image Library"), [group], template="1600")


def _descriptors(source: SourceHeader) -> Iterator[Dataset]:
    modality = _MODALITIES.get(value_of(source.dataset, "Modality").upper())
    if modality:
        yield code(HAS_ACQ_CONTEXT, dcm("121139", "Modality"), modality)


def _group(
    result: StudyResult, source: ImageResult, header: SourceHeader, contour: Contour | None
) -> Dataset:
    """Return what is said of one image (TID 1501; with a contour, TID 1410)."""
    items = [
        text(HAS_OBS_CONTEXT, dcm("112039", "Tracking Identifier"), TRACKING),
        uid(HAS_OBS_CONTEXT, dcm("112040", "Tracking Unique Identifier"), result.tracking_uid(source)),
        code(HAS_CONCEPT_MOD, sct("363698007", "Finding Site"), sct("39607008", "Lung")),
        text(HAS_CONCEPT_MOD, dcm("111001", "Algorithm Name"), f"Screener {result.model.name}"),
        text(HAS_CONCEPT_MOD, dcm("111003", "Algorithm Version"), result.model.version),
        text(HAS_CONCEPT_MOD, dcm("111002", "Algorithm Parameters"), source.parameters),
    ]
    if contour:
        items.append(region(dcm("111030", "Image Region"), _corners(contour.line, header), reference(header)))
    if source.probability:
        items.append(number(PROBABILITY, source.probability, _NO_UNITS, dcm("122157", "Probability")))
    items.append(code(CONTAINS, _SUMMARY, _SUMMARIES[source.flagged]))
    if source.flagged:
        items.append(code(CONTAINS, _PNEUMONIA, _SUSPECTED))
    if not contour:
        items.append(image(dcm("121112", "Source of Measurement"), reference(header)))
    said = (*source.statements, contour.said) if contour else source.statements
    items += [text(CONTAINS, dcm("121106", "Comment"), each) for each in said]
    template = "1410" if contour else "1501"
    return container(dcm("125007", "Measurement Group"), items, template=template)


def _corners(line: Outline, header: SourceHeader) -> list[float]:
    """Return a closed line in pixels: 0, 0 is the corner of the first one (PS3.3 C.18.6.1.1)."""
    rows, columns = int(header.dataset.Rows), int(header.dataset.Columns)
    return [round(each, 2) for x, y in (*line, line[0]) for each in (x * columns, y * rows)]
