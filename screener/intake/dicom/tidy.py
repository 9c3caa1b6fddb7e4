"""A header as the decoders want it: odd spellings put right, what may be left out filled in.

The data set that was opened is never changed; a copy of its outermost level is.
"""

from collections.abc import Iterator

from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian

from screener.errors import UnreadableImageError
from screener.intake.decode.encapsulated import tidy_up
from screener.intake.dicom.described import is_colour, keep_numbers, named, photometric_interpretation
from screener.intake.dicom.header import text
from screener.intake.grayscale.lut_item import is_table
from screener.reasons import ReasonCode

_NEEDED = ("Rows", "Columns", "BitsAllocated", "PhotometricInterpretation")
_PER_FRAME = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")  # PS3.3 C.7.6.16
_RESCALE = ("RescaleSlope", "RescaleIntercept")
_WINDOW = ("WindowCenter", "WindowWidth")
_TOGETHER = {  # functional groups that are of use as a whole, and their attributes
    "PixelValueTransformationSequence": _RESCALE,
    "FrameVOILUTSequence": (*_WINDOW, "VOILUTFunction", "VOILUTSequence"),
}
_FROM_GROUPS = {  # others that decide how an image is shown
    "PixelMeasuresSequence": ("PixelSpacing",),
    "PatientOrientationInFrameSequence": ("PatientOrientation",),
    "FrameDisplayShutterSequence": (
        "ShutterShape",
        "ShutterLeftVerticalEdge",
        "ShutterRightVerticalEdge",
        "ShutterUpperHorizontalEdge",
        "ShutterLowerHorizontalEdge",
        "CenterOfCircularShutter",
        "RadiusOfCircularShutter",
        "VerticesOfThePolygonalShutter",
    ),
}


def tidied(dataset: Dataset) -> Dataset:
    """Return a copy whose header says what the decoders ask for, as PS3.3 C.7.6.3 means it.

    Raises:
        UnreadableImageError: An attribute is missing without which nobody knows what the pixels are.
    """
    tidy = Dataset(dataset)
    tidy.file_meta = dataset.file_meta
    for keyword in _NEEDED:
        if not text(tidy, keyword):
            raise UnreadableImageError(ReasonCode.ATTRIBUTE_MISSING, attribute=named(keyword))
    keep_numbers(tidy)
    tidy.PhotometricInterpretation = photometric_interpretation(tidy)
    colour = is_colour(tidy.PhotometricInterpretation)
    if text(tidy, "SamplesPerPixel") not in ("1", "3"):
        tidy.SamplesPerPixel = 3 if colour else 1
    if text(tidy, "BitsStored") in ("", "0"):
        tidy.BitsStored = _high_bits(tidy) or int(tidy.BitsAllocated)
    _fill_in(tidy, "HighBit", max(int(tidy.BitsStored) - 1, 0))
    _fill_in(tidy, "PixelRepresentation", 0)  # unsigned, as every radiograph is that does not say otherwise
    if colour:
        _fill_in(tidy, "PlanarConfiguration", 0)
    for macro, attributes in _TOGETHER.items():
        _take_together(tidy, macro, attributes)
    for keyword, value in _grouped(tidy):
        if not tidy.get(keyword):
            setattr(tidy, keyword, value)
    for keyword in ("ModalityLUTSequence", "VOILUTSequence"):
        _keep_tables(tidy, keyword)
    tidy_up(tidy)
    return tidy


def _fill_in(dataset: Dataset, keyword: str, value: int) -> None:
    if not text(dataset, keyword):
        setattr(dataset, keyword, value)


def _high_bits(dataset: Dataset) -> int:
    """Return how many bits there are up to HighBit, 0 where it says nothing of them."""
    high = int(text(dataset, "HighBit") or 0)
    return high + 1 if 0 < high < int(dataset.BitsAllocated) else 0


def _take_together(dataset: Dataset, macro: str, attributes: tuple[str, ...]) -> None:
    """Take the attributes of a macro for those at the top, all or none: halves of two windows are none."""
    if _is_whole(dataset, attributes):
        return
    for item in filter(lambda item: _is_whole(item, attributes), _macros(dataset, macro)):
        for keyword in attributes:
            if keyword in dataset:
                del dataset[keyword]
            if item.get(keyword) is not None:
                setattr(dataset, keyword, item.get(keyword))
        return


def _is_whole(item: Dataset, attributes: tuple[str, ...]) -> bool:
    """Return whether a rescale, a window or a VOI LUT is all there."""
    pair = _RESCALE if attributes == _RESCALE else _WINDOW
    table = "VOILUTSequence" in attributes and bool(item.get("VOILUTSequence"))
    return table or all(text(item, keyword) for keyword in pair)


def _grouped(dataset: Dataset) -> Iterator[tuple[str, object]]:
    """Yield what the other functional groups of a one-frame object say; those of the frame come last."""
    for keyword, attributes in _FROM_GROUPS.items():
        for macro in _macros(dataset, keyword):
            yield from ((each, macro.get(each)) for each in attributes if macro.get(each) is not None)


def _macros(dataset: Dataset, keyword: str) -> Iterator[Dataset]:
    for groups in _PER_FRAME:
        for item in _first(dataset, groups):
            yield from _first(item, keyword)


def _first(dataset: Dataset, keyword: str) -> list[Dataset]:
    return list(dataset.get(keyword) or [])[:1]


def _keep_tables(dataset: Dataset, keyword: str) -> None:
    """Drop the items of a sequence that are no look-up table: empty, without a descriptor, or unreadable."""
    items = dataset.get(keyword)
    if items is None:
        return
    values = 1 << min(max(int(dataset.BitsStored), 1), 16)
    little_endian = dataset.file_meta.TransferSyntaxUID != ExplicitVRBigEndian
    usable = [item for item in items if is_table(item, values, little_endian)]
    if len(usable) == len(items):
        return
    if usable:
        setattr(dataset, keyword, usable)
    else:
        del dataset[keyword]
