"""How a radiograph is kept in DICOM: as which object, in which transfer syntax, as which stored values."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from builder.develop import FULL_SCALE, RadiographPixels

Modality = Literal["CR", "DX", "CT"]
Syntax = Literal["explicit", "implicit", "jpeg", "jpeg_ls", "jpeg2000", "rle"]

_SYNTAX_NAMES: dict[Syntax, str] = {
    "explicit": "explicit VR little endian",
    "implicit": "implicit VR little endian",
    "jpeg": "JPEG baseline, 8 bit",
    "jpeg_ls": "JPEG-LS lossless",
    "jpeg2000": "JPEG 2000 lossless",
    "rle": "RLE lossless",
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose image it is and which: instance tells the files of one study apart."""

    patient: int
    study_date: str
    instance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomFormat:
    """How and under whose name a radiograph is kept in DICOM.

    inverted: MONOCHROME1, air bright in the stored values.
    stored_range: the 12-bit values of black and white, and a window that says so; None is 0..4095, no window.
    """

    owner: Owner
    modality: Literal["CR", "DX"]
    syntax: Syntax
    inverted: bool = False
    stored_range: tuple[int, int] | None = None

    @property
    def photometric_interpretation(self) -> str:
        """DICOM Photometric Interpretation."""
        return "MONOCHROME1" if self.inverted else "MONOCHROME2"

    @property
    def description(self) -> str:
        """The format in words, for the manifest."""
        return f"DICOM {self.modality}, {self.photometric_interpretation}, {_SYNTAX_NAMES[self.syntax]}"


def stored_values(radiograph: RadiographPixels, form: DicomFormat) -> NDArray[np.uint16]:
    """Return the values that a lossless file of this format keeps, uint16."""
    low, high = form.stored_range or (0, FULL_SCALE)
    unit = radiograph.astype(np.float64) / FULL_SCALE
    return np.round(low + (high - low) * (1 - unit if form.inverted else unit)).astype(np.uint16)
