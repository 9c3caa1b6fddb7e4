"""Writes radiographs and CT slices as DICOM files whose bytes are the same in each build."""

from io import BytesIO
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from builder.chest import Chest
from builder.develop import RadiographPixels
from builder.dicom_format import DicomFormat, Modality, Owner, Syntax, stored_values
from builder.projection import Acquisition
from builder.raster_files import eight_bit, jpeg_bytes

_SYNTAX_UIDS: dict[Syntax, UID] = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "jpeg": JPEGBaseline8Bit,
    "jpeg_ls": JPEGLSLossless,
    "jpeg2000": JPEG2000Lossless,
    "rle": RLELossless,
}
_SOP_CLASSES: dict[Modality, UID] = {
    "CR": ComputedRadiographyImageStorage,
    "DX": DigitalXRayImageStorageForPresentation,
    "CT": CTImageStorage,
}
_NAMESPACE = UUID("5d6f3e0c-6a3f-4a58-9c0e-0f6b7a1f2d11")
_NUMBERS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven")
_COMMENT = "Synthetic: projected from a CT. Not a patient's film, not for clinical use."
# PS3.3 C.7.6.1.1.1: where columns and rows run to.
_PATIENT_ORIENTATION = {"PA": ["L", "F"], "AP": ["L", "F"], "LL": ["P", "F"]}
# PS3.16 CID 4010.
_VIEW_CODES = {
    "PA": ("272479007", "postero-anterior"),
    "AP": ("399348003", "antero-posterior"),
    "LL": ("399173006", "left lateral"),
}


def radiograph_bytes(radiograph: RadiographPixels, acquisition: Acquisition, form: DicomFormat) -> bytes:
    """Return a whole DICOM file with the radiograph."""
    dataset = _common(form.modality, form.owner)
    dataset.SeriesDescription = f"Chest {acquisition.view}"
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.ViewPosition = acquisition.view
    dataset.PatientOrientation = _PATIENT_ORIENTATION[acquisition.view]
    dataset.ImagerPixelSpacing = [acquisition.pixel_mm, acquisition.pixel_mm]
    dataset.DistanceSourceToDetector = acquisition.source_mm
    _set_presentation(dataset, form)
    if form.modality == "DX":
        _set_dx(dataset, acquisition)
    if form.syntax == "jpeg":
        _set_jpeg(dataset, eight_bit(radiograph))
        return _file(dataset, form.syntax)
    _set_pixels(dataset, stored_values(radiograph, form), bits_stored=12)
    return _file(dataset, form.syntax)


def ct_slice_values(chest: Chest, slice_index: int) -> NDArray[np.int16]:
    """Return one axial slice, Hounsfield units, as a reader sees it: front up, left on the right."""
    return chest.hounsfield[:, ::-1, slice_index].T.clip(-1024, 3071).astype(np.int16)


def ct_slice_bytes(chest: Chest, slice_index: int, owner: Owner) -> bytes:
    """Return a whole DICOM file with one axial slice of the CT."""
    dataset = _common("CT", owner)
    dataset.SeriesDescription = "Chest axial"
    dataset.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    left, front, up = chest.spacing
    dataset.PixelSpacing = [front, left]
    dataset.SliceThickness = up
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0.0, 0.0, round(up * slice_index, 3)]
    dataset.FrameOfReferenceUID = _uid(f"frame of reference {owner.patient}")
    dataset.PositionReferenceIndicator = ""
    dataset.KVP = None
    dataset.PatientPosition = "HFS"
    dataset.AcquisitionNumber = 1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = -1024, 1, "HU"
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    dataset.PhotometricInterpretation = "MONOCHROME2"
    _set_pixels(dataset, (ct_slice_values(chest, slice_index) + 1024).astype(np.uint16), bits_stored=12)
    return _file(dataset, "jpeg_ls")


def _uid(name: str) -> str:
    """Return the same UID for the same name; PS3.5 B.2 allows UUIDs below 2.25."""
    return f"2.25.{uuid5(_NAMESPACE, name).int}"


def _common(modality: Modality, owner: Owner) -> Dataset:
    """Return what every image carries: patient, study, series, equipment and instance."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = _SOP_CLASSES[modality]
    dataset.SOPInstanceUID = _uid(f"instance {owner.patient} {owner.instance}")
    dataset.StudyInstanceUID = _uid(f"study {owner.patient}")
    dataset.SeriesInstanceUID = _uid(f"series {owner.patient} {owner.instance}")
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = dataset.AcquisitionDate = owner.study_date
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = dataset.AcquisitionTime = (
        f"0{owner.patient}1500"
    )
    dataset.AccessionNumber = f"SYN{owner.patient:04d}"
    dataset.Modality = modality
    dataset.Manufacturer = "Synthetic"
    dataset.StudyDescription = "Synthetic chest"
    dataset.ReferringPhysicianName = ""
    dataset.PatientName = f"Sample^{_NUMBERS[owner.patient - 1]}"
    dataset.PatientID = f"SAMPLE-{owner.patient:03d}"
    dataset.PatientBirthDate = dataset.PatientSex = dataset.StudyID = dataset.Laterality = ""
    dataset.BodyPartExamined = "CHEST"
    dataset.SeriesNumber = dataset.InstanceNumber = owner.instance
    dataset.BurnedInAnnotation = "NO"
    dataset.ImageComments = _COMMENT
    return dataset


def _set_presentation(dataset: Dataset, form: DicomFormat) -> None:
    dataset.PhotometricInterpretation = form.photometric_interpretation
    dataset.LossyImageCompression = "00"
    if form.stored_range:
        low, high = form.stored_range
        # PS3.3 C.11.2.1.2: LINEAR reaches black and white at centre - 0.5 ∓ (width - 1) / 2.
        dataset.WindowCenter, dataset.WindowWidth = (low + high + 1) / 2, high - low + 1


def _set_dx(dataset: Dataset, acquisition: Acquisition) -> None:
    """Add what PS3.3 A.26 (Digital X-Ray) asks for beyond Computed Radiography."""
    inverted = dataset.PhotometricInterpretation == "MONOCHROME1"
    del dataset.Laterality  # Image Laterality takes its place
    dataset.ImageLaterality = "U"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.PresentationLUTShape = "INVERSE" if inverted else "IDENTITY"
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = 1 if inverted else -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = 0, 1, "US"
    dataset.DetectorType = ""
    dataset.AcquisitionContextSequence = Sequence()
    dataset.AnatomicRegionSequence = Sequence([_code("51185008", "Chest")])
    view = _code(*_VIEW_CODES[acquisition.view])
    view.ViewModifierCodeSequence = Sequence()
    dataset.ViewCodeSequence = Sequence([view])


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "SCT", meaning
    return code


def _set_pixels(dataset: Dataset, values: NDArray[np.uint16], *, bits_stored: int) -> None:
    _set_layout(dataset, values.shape, bits_allocated=16, bits_stored=bits_stored)
    dataset.PixelData = values.astype("<u2").tobytes()
    dataset["PixelData"].VR = "OW"


def _set_jpeg(dataset: Dataset, values: NDArray[np.uint8]) -> None:
    _set_layout(dataset, values.shape, bits_allocated=8, bits_stored=8)
    stream = jpeg_bytes(values)
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionRatio = round(values.size / len(stream), 2)
    dataset.LossyImageCompressionMethod = "ISO_10918_1"
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].VR = "OB"


def _set_layout(dataset: Dataset, shape: tuple[int, ...], *, bits_allocated: int, bits_stored: int) -> None:
    dataset.Rows, dataset.Columns = shape
    dataset.SamplesPerPixel = 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits_allocated, bits_stored, bits_stored - 1
    dataset.PixelRepresentation = 0


def _file(dataset: Dataset, syntax: Syntax) -> bytes:
    """Return the dataset as a file, its pixels compressed first where the syntax asks for it."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = _SYNTAX_UIDS[syntax]
    dataset.file_meta.ImplementationClassUID = UID(_uid("sample data builder"))
    dataset.file_meta.ImplementationVersionName = "SAMPLE_DATA_1"
    if syntax in ("jpeg_ls", "jpeg2000", "rle"):
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(_SYNTAX_UIDS[syntax], generate_instance_uid=False)
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
