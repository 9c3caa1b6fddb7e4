"""The files of the sample data: the radiograph in each, its format, and what a screening makes of it."""

from dataclasses import dataclass
from typing import Literal

from builder.dicom_format import DicomFormat, Owner
from builder.pictures import (
    BILATERAL,
    CLEAR_1,
    CLEAR_2,
    CLEAR_3,
    CLEAR_4,
    CLEAR_5,
    LATERAL,
    LEFT_LOWER,
    MASS,
    RIGHT_LOWER,
    RIGHT_UPPER,
    Picture,
)
from builder.raster_files import RasterFormat

Expected = Literal["screened", "ineligible", "failed", "ignored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiographFile:
    """One radiograph as a file below studies/.

    kept: the fraction of the file's bytes that is written; less than 1 spoils it.
    """

    path: str
    shows: str
    expected: Expected
    picture: Picture
    format: DicomFormat | RasterFormat
    kept: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CtFile:
    """One axial slice of the CT as it is, as a DICOM file below studies/."""

    path: str
    shows: str
    expected: Expected
    owner: Owner
    slice_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """One text file below studies/."""

    path: str
    shows: str
    expected: Expected
    text: str


SampleFile = RadiographFile | CtFile | TextFile

_NOTES = """Films exported without their DICOM headers.
film-04.jpg broke off while it was copied.
"""

SAMPLE_FILES: tuple[SampleFile, ...] = (
    RadiographFile(
        path="exports/film-01.jpg", shows="clear lungs", expected="screened", picture=CLEAR_1, format="jpeg"
    ),
    RadiographFile(
        path="exports/film-02.jpg",
        shows="consolidation of the right lower lobe",
        expected="screened",
        picture=RIGHT_LOWER,
        format="jpeg",
    ),
    RadiographFile(
        path="exports/film-03.png",
        shows="consolidation of the left lower lobe",
        expected="screened",
        picture=LEFT_LOWER,
        format="png16",
    ),
    RadiographFile(
        path="exports/film-04.jpg",
        shows="clear lungs; the file breaks off",
        expected="failed",
        picture=CLEAR_5,
        format="jpeg",
        kept=0.45,
    ),
    TextFile(path="exports/notes.txt", shows="text", expected="ignored", text=_NOTES),
    RadiographFile(
        path="2026-11-19/SAMPLE-001/pa.dcm",
        shows="clear lungs",
        expected="screened",
        picture=CLEAR_2,
        format=DicomFormat(
            owner=Owner(1, "20261119", 1), modality="DX", syntax="explicit", stored_range=(310, 3510)
        ),
    ),
    RadiographFile(
        path="2026-11-19/SAMPLE-002/pa.dcm",
        shows="consolidation of the right upper lobe",
        expected="screened",
        picture=RIGHT_UPPER,
        format=DicomFormat(
            owner=Owner(2, "20261119", 1),
            modality="CR",
            syntax="jpeg2000",
            inverted=True,
            stored_range=(120, 3900),
        ),
    ),
    RadiographFile(
        path="2026-11-19/SAMPLE-003/IM0001",
        shows="no pneumonia; the mass in the left lung that the CT shows",
        expected="screened",
        picture=MASS,
        format=DicomFormat(owner=Owner(3, "20261119", 1), modality="CR", syntax="rle"),
    ),
    RadiographFile(
        path="2026-11-20/SAMPLE-004/ap.dcm",
        shows="patchy consolidation of both lungs",
        expected="screened",
        picture=BILATERAL,
        format=DicomFormat(owner=Owner(4, "20261120", 1), modality="CR", syntax="jpeg"),
    ),
    RadiographFile(
        path="2026-11-20/SAMPLE-005/pa.dcm",
        shows="clear lungs",
        expected="screened",
        picture=CLEAR_3,
        format=DicomFormat(
            owner=Owner(5, "20261120", 1),
            modality="DX",
            syntax="implicit",
            inverted=True,
            stored_range=(0, 4095),
        ),
    ),
    RadiographFile(
        path="2026-11-20/SAMPLE-005/lateral.dcm",
        shows="clear lungs, from the side; same study as pa.dcm",
        expected="ineligible",
        picture=LATERAL,
        format=DicomFormat(
            owner=Owner(5, "20261120", 2), modality="DX", syntax="jpeg_ls", stored_range=(0, 4095)
        ),
    ),
    CtFile(
        path="2026-11-20/SAMPLE-006/axial.dcm",
        shows="one axial slice of the CT",
        expected="ineligible",
        owner=Owner(6, "20261120", 1),
        slice_index=72,
    ),
    RadiographFile(
        path="2026-11-20/SAMPLE-007/pa.dcm",
        shows="clear lungs; the file breaks off amid the pixels",
        expected="failed",
        picture=CLEAR_4,
        format=DicomFormat(
            owner=Owner(7, "20261120", 1), modality="DX", syntax="explicit", stored_range=(310, 3510)
        ),
        kept=0.4,
    ),
)
