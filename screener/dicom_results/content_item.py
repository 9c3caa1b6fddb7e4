"""The items that a structured report's content is made of (PS3.3 C.17.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import Dataset

CODING_SCHEME = "99CXRSCREENER"
CODING_SCHEME_UID = "2.25.314112171120672533995964883527262820979"

CONTAINS, HAS_CONCEPT_MOD, SELECTED_FROM = "CONTAINS", "HAS CONCEPT MOD", "SELECTED FROM"
HAS_OBS_CONTEXT, HAS_ACQ_CONTEXT = "HAS OBS CONTEXT", "HAS ACQ CONTEXT"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept (PS3.3 table 8.8-1)."""

    value: str
    scheme: str
    meaning: str

    def dataset(self) -> Dataset:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = self.value, self.scheme, self.meaning
        return item


def dcm(value: str, meaning: str) -> Code:
    """Return a concept of DICOM's own (PS3.16 D)."""
    return Code(value, "DCM", meaning)


def sct(value: str, meaning: str) -> Code:
    """Return a concept of SNOMED CT."""
    return Code(value, "SCT", meaning)


def container(name: Code, children: Sequence[Dataset], template: str = "") -> Dataset:
    """Return a heading with what stands below it; template: of PS3.16, by its number."""
    item = _item(CONTAINS, "CONTAINER", name)
    item.ContinuityOfContent = "SEPARATE"
    if template:
        used = Dataset()
        used.MappingResource, used.TemplateIdentifier = "DCMR", template
        item.ContentTemplateSequence = [used]
    item.ContentSequence = list(children)
    return item


def code(relation: str, name: Code, value: Code, children: Sequence[Dataset] = ()) -> Dataset:
    """Return a content item that holds a code."""
    item = _item(relation, "CODE", name)
    item.ConceptCodeSequence = [value.dataset()]
    if children:
        item.ContentSequence = list(children)
    return item


def text(relation: str, name: Code, value: str) -> Dataset:
    """Return a content item that holds text."""
    item = _item(relation, "TEXT", name)
    item.TextValue = value
    return item


def uid(relation: str, name: Code, value: str) -> Dataset:
    """Return a content item that holds a UID."""
    item = _item(relation, "UIDREF", name)
    item.UID = value
    return item


def number(name: Code, value: str, unit: Code, equivalent: Code | None = None) -> Dataset:
    """Return a measured value as it is printed; equivalent: another code for what is measured."""
    item = _item(CONTAINS, "NUM", name)
    if equivalent:
        item.ConceptNameCodeSequence[0].EquivalentCodeSequence = [equivalent.dataset()]
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = [unit.dataset()]
    item.MeasuredValueSequence = [measured]
    return item


def image(name: Code | None, sop: Dataset, children: Sequence[Dataset] = ()) -> Dataset:
    """Return a reference to an image; sop: its SOP class and instance."""
    item = _item(CONTAINS, "IMAGE", name)
    item.ReferencedSOPSequence = [sop]
    if children:
        item.ContentSequence = list(children)
    return item


def region(name: Code, points: Sequence[float], sop: Dataset) -> Dataset:
    """Return a closed line on an image; points: x and y of its corners in pixels, the first again as last."""
    item = _item(CONTAINS, "SCOORD", name)
    item.GraphicType, item.GraphicData = "POLYLINE", list(points)
    source = _item(SELECTED_FROM, "IMAGE", None)
    source.ReferencedSOPSequence = [sop]
    item.ContentSequence = [source]
    return item


def _item(relation: str, kind: str, name: Code | None) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, kind
    if name:
        item.ConceptNameCodeSequence = [name.dataset()]
    return item
