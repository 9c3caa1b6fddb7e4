"""Images that the picture gate accepts, as bytes: what hostile files are made of."""

import warnings
from functools import cache
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, generate_uid

from tests.commands.conftest import DX, SAMPLE

ROWS, COLUMNS = 256, 220
PIXEL_BYTES = 2 * ROWS * COLUMNS

_PIXEL_DATA = b"\xe0\x7f\x10\x00OW\x00\x00"


def radiograph(seed: int = 0) -> NDArray[np.uint8]:
    """Return a sample image under an exposure of its own, uint8, shape (ROWS, COLUMNS)."""
    gamma = np.random.default_rng(seed).uniform(0.8, 1.25)
    exposed: NDArray[np.uint8] = np.round(255 * _sample() ** gamma).astype(np.uint8)
    return exposed


def jpeg(seed: int = 0) -> bytes:
    """Return an image as JPEG."""
    return bytes(cv2.imencode(".jpg", radiograph(seed))[1].tobytes())


def png(seed: int = 0) -> bytes:
    """Return an image as PNG."""
    return bytes(cv2.imencode(".png", radiograph(seed))[1].tobytes())


def dataset(seed: int = 0, **elements: object) -> Dataset:
    """Return an image as a DX, 12 bits, explicit little endian; elements override or add attributes."""
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.file_meta.MediaStorageSOPClassUID = DX
    values = {
        "SOPClassUID": DX,
        "SOPInstanceUID": generate_uid(entropy_srcs=["hostile", "instance", str(seed)]),
        "StudyInstanceUID": generate_uid(entropy_srcs=["hostile", "study", str(seed)]),
        "PatientName": "SECRET^NAME",
        "PatientBirthDate": "19540321",
        "PatientID": f"P-{seed}",
        "AccessionNumber": f"A-{seed}",
        "StudyDate": "20261120",
        "Modality": "DX",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PhotometricInterpretation": "MONOCHROME2",
        "SamplesPerPixel": 1,
        "Rows": ROWS,
        "Columns": COLUMNS,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "WindowCenter": 2048,
        "WindowWidth": 4096,
        "PixelData": (radiograph(seed).astype("<u2") * 16).tobytes(),
        **elements,
    }
    with pydicom.config.disable_value_validation(), warnings.catch_warnings(action="ignore"):
        for keyword, value in values.items():
            setattr(found, keyword, value)
    found["PixelData"].VR = "OW"
    return found


def dicom(seed: int = 0, **elements: object) -> bytes:
    """Return an image as a DICOM file; elements override or add attributes."""
    return _saved(dataset(seed, **elements))


def encapsulated(stream: bytes, syntax: UID, seed: int = 0, **elements: object) -> bytes:
    """Return a DICOM file that says of a compressed stream that it is an image."""
    found = dataset(seed, **elements)
    found.PixelData = encapsulate([stream])
    found["PixelData"].VR = "OB"
    found["PixelData"].is_undefined_length = True
    found.file_meta.TransferSyntaxUID = syntax
    return _saved(found)


def with_elements(raw: bytes, seed: int = 0) -> bytes:
    """Return a DICOM file with raw elements, of groups from 0029 to 7FDF, before its pixels."""
    before, pixels = _split(dicom(seed))
    return before + raw + pixels


def cut_after(raw: bytes, seed: int = 0) -> bytes:
    """Return a DICOM file that ends with raw elements, where its pixels should follow."""
    return _split(dicom(seed))[0] + raw


def to_deflate(seed: int = 0) -> tuple[bytes, bytes]:
    """Return an image as what is never deflated, saying that the rest is, and the rest (PS3.5 A.5)."""
    found = dataset(seed)
    found.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflated, plain = _saved(found), dicom(seed)
    return deflated[: _end_of_meta(deflated)], plain[_end_of_meta(plain) :]


@cache
def _sample() -> NDArray[np.float64]:
    """Return the sample image in 0..1; the picture gate lets it pass."""
    grey: Any = cv2.imread(str(SAMPLE), cv2.IMREAD_GRAYSCALE)
    return np.asarray(cv2.resize(grey, (COLUMNS, ROWS)) / 255, dtype=np.float64)


def _saved(found: Dataset) -> bytes:
    stream = BytesIO()
    with pydicom.config.disable_value_validation(), warnings.catch_warnings(action="ignore"):
        found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
        found.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _end_of_meta(content: bytes) -> int:
    return 144 + int.from_bytes(content[140:144], "little")


def _split(content: bytes) -> tuple[bytes, bytes]:
    at = content.rindex(_PIXEL_DATA, 0, len(content) - PIXEL_BYTES)
    return content[:at], content[at:]
