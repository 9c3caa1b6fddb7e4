"""Small DICOM files with strings in their tags that no message may ever hold."""

import io
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

DX = "1.2.840.10008.5.1.4.1.1.1.1"
CR = "1.2.840.10008.5.1.4.1.1.1"
SC = "1.2.840.10008.5.1.4.1.1.7"
# What is in every image below and must be in no message. UIDs are identifiers, too.
SECRETS = ("SECRETNAME", "SECRETPATIENT", "SECRETACC", "1.2.826.77")


def image(number: int = 1, study: int = 1, **elements: Any) -> bytes:
    """Return a frontal chest radiograph as a DICOM file; elements: keywords of DICOM."""
    pixels = np.random.default_rng(number).integers(0, 4096, (64, 64), dtype=np.uint16)
    dataset = Dataset()
    values = {
        "SOPClassUID": DX,
        "SOPInstanceUID": f"1.2.826.77.3.{number}",
        "StudyInstanceUID": f"1.2.826.77.1.{study}",
        "SeriesInstanceUID": f"1.2.826.77.2.{number}",
        "Modality": "DX",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PatientName": "SECRETNAME^Jane",
        "PatientID": "SECRETPATIENT",
        "AccessionNumber": "SECRETACC",
        "PatientAge": "054Y",
        "StudyDate": "20261128",
        "Rows": 64,
        "Columns": 64,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
    }
    for keyword, value in (values | elements).items():
        setattr(dataset, keyword, value)
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
