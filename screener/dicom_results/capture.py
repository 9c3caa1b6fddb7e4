"""The image with its map and a bar that says what it is: Secondary Capture (PS3.3 A.8.1), off by default."""

from collections.abc import Mapping

from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from screener import own_marks
from screener.dicom_results.common import ObjectPlan, ResultObject, begin, moment, reference, written
from screener.dicom_results.content_item import dcm
from screener.dicom_results.result import ObjectKind, StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.dicom_results.uids import digest_of
from screener.outputs.capture_picture import CapturePicture

SC_STORAGE = "1.2.840.10008.5.1.4.1.1.7"


def make_capture(
    result: StudyResult,
    headers: Mapping[str, SourceHeader],
    picture: CapturePicture,
    predecessor: tuple[str, str] = ("", ""),
) -> ResultObject:
    """Return the capture of a study's deciding image; headers, predecessor: as for make_report.

    The picture holds no identifier. Modality OT and Image Type keep it apart from radiographs.
    """
    first = headers[result.images[0].sop_instance_uid]
    drawn = digest_of(picture.jpeg.hex())
    plan = ObjectPlan(ObjectKind.SC, SC_STORAGE, "OT", 9803, result.title, predecessor, drawn)
    made = begin(result, first, plan)
    made.BodyPartExamined = "CHEST"  # of which there is one: no laterality
    made.ConversionType = "WSD"
    made.ImageType = ["DERIVED", "SECONDARY", "", own_marks.IMAGE_TYPE]
    made.ContentDate, made.ContentTime = moment(result, first)
    made.PatientOrientation = None  # the picture may be turned
    made.BurnedInAnnotation = "NO"  # of the patient: the bar names nobody
    made.SourceImageSequence = [_source(first)]
    made.DerivationDescription = " ".join(result.images[0].brief)[:1024]
    made.DerivationCodeSequence = [dcm("113085", "Spatial resampling").dataset()]
    made.LossyImageCompression = "01"
    made.LossyImageCompressionRatio = f"{3 * picture.rows * picture.columns / len(picture.jpeg):.2f}"
    made.LossyImageCompressionMethod = "ISO_10918_1"
    _put_pixels(made, picture)
    return written(made, ObjectKind.SC, JPEGBaseline8Bit)


def _source(header: SourceHeader) -> Dataset:
    source = reference(header)
    source.PurposeOfReferenceCodeSequence = [
        dcm("121322", "Source image for image processing operation").dataset()
    ]
    return source


def _put_pixels(made: Dataset, picture: CapturePicture) -> None:
    made.SamplesPerPixel, made.PlanarConfiguration = 3, 0
    made.PhotometricInterpretation = "YBR_FULL_422"
    made.Rows, made.Columns = picture.rows, picture.columns
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation = 7, 0
    made.PixelData = encapsulate([picture.jpeg])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
