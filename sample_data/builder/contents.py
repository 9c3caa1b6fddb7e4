"""Makes the bytes of each file in the catalogue, and reads them back to see that they hold what was meant."""

from dataclasses import dataclass

import numpy as np

from builder.catalogue import CtFile, RadiographFile, SampleFile, TextFile
from builder.chest import Chest
from builder.cleaning import cleaned, without_mass
from builder.consolidation import painted
from builder.develop import RadiographPixels, develop
from builder.dicom_files import ct_slice_bytes, radiograph_bytes
from builder.dicom_format import DicomFormat
from builder.pictures import Picture
from builder.projection import Image, attenuation, project
from builder.raster_files import raster_bytes
from builder.reading_back import check_ct_slice, check_radiograph, check_raster

Box = tuple[float, float, float, float]

# A painted patch fades out; its box holds what adds at least this share of what its middle adds.
_BOX_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Source:
    """The CT as it was scanned, and as a radiograph sees it: without the mass and with it."""

    as_scanned: Chest
    clear: Chest
    with_mass: Chest


@dataclass(frozen=True, slots=True)
class Radiograph:
    """One developed radiograph.

    boxes: for each painted patch x0, y0, x1, y1 as fractions of the picture, from its top left corner.
    """

    pixels: RadiographPixels
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What goes into one file, and what the manifest says of it."""

    data: bytes
    format: str
    view: str = ""
    boxes: tuple[Box, ...] = ()


def source_of(chest: Chest) -> Source:
    """Return the chest in the three states."""
    with_mass = cleaned(chest)
    return Source(as_scanned=chest, clear=without_mass(with_mass), with_mass=with_mass)


def contents_of(file: SampleFile, source: Source) -> Contents:
    """Return the file's bytes.

    Raises:
        ValueError: Read back, the bytes do not hold what was written.

    """
    match file:
        case RadiographFile():
            return _radiograph_contents(file, _radiograph(file.picture, source))
        case CtFile():
            return _ct_contents(file, source.as_scanned)
        case TextFile():
            return Contents(data=file.text.encode(), format="text")


def _radiograph(picture: Picture, source: Source) -> Radiograph:
    chest = source.with_mass if picture.keep_mass else source.clear
    sick = painted(chest, picture.patches, picture.seed)
    line_integrals = project(attenuation(sick.hounsfield), chest, picture.acquisition)
    boxes = tuple(_box(project(added, chest, picture.acquisition)) for added in sick.added)
    return Radiograph(develop(line_integrals, picture.look, picture.seed), boxes)


def _box(shadow: Image) -> Box:
    """Return where the shadow is strong, as fractions x0, y0, x1, y1."""
    rows, columns = np.nonzero(shadow > _BOX_SHARE * shadow.max())
    height, width = shadow.shape
    x0, x1 = columns.min() / width, (columns.max() + 1) / width
    y0, y1 = rows.min() / height, (rows.max() + 1) / height
    return (float(x0), float(y0), float(x1), float(y1))


def _radiograph_contents(file: RadiographFile, radiograph: Radiograph) -> Contents:
    view = file.picture.acquisition.view
    if isinstance(file.format, DicomFormat):
        data = radiograph_bytes(radiograph.pixels, file.picture.acquisition, file.format)
        check_radiograph(data, radiograph.pixels, file.format)
        described = file.format.description
    else:
        data = raster_bytes(radiograph.pixels, file.format)
        check_raster(data, radiograph.pixels, file.format)
        described = {"jpeg": "JPEG, 8 bit", "png16": "PNG, 16 bit"}[file.format]
    kept = data[: round(file.kept * len(data))]
    return Contents(data=kept, format=described, view=view, boxes=radiograph.boxes)


def _ct_contents(file: CtFile, chest: Chest) -> Contents:
    data = ct_slice_bytes(chest, file.slice_index, file.owner)
    check_ct_slice(data, chest, file.slice_index)
    return Contents(data=data, format="DICOM CT, JPEG-LS lossless")
