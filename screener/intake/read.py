"""One image file to one radiograph, or the reason why not."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import Dataset

from screener.domain import ByteImage, FileKind, Hues, Identifiers, ImageFacts, ImageFile, Radiograph
from screener.errors import UnreadableImageError
from screener.intake.dicom.eligibility import check_colour, check_header, check_picture, says_frontal_chest
from screener.intake.dicom.header import text
from screener.intake.dicom.open import DicomImage, open_dicom
from screener.intake.grayscale.display import Displayed, display
from screener.intake.grayscale.geometry import shown_shape
from screener.intake.raster import read_raster, sampled_raster
from screener.reasons import ReasonCode

_SYNTAX = "TransferSyntaxUID"  # in the file meta group
_DECISIVE = (
    "SOPClassUID",
    "Modality",
    "PresentationIntentType",
    "BodyPartExamined",
    "ViewPosition",
    "PatientOrientation",
    "StudyDescription",
    "SeriesDescription",
    "ProtocolName",
    "PatientAge",
    "ImageType",
    "DerivationDescription",
    _SYNTAX,
    "PhotometricInterpretation",
    "PresentationLUTShape",
    "Rows",
    "Columns",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "RescaleSlope",
    "RescaleIntercept",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "NumberOfFrames",
)

_LONGEST_DEVICE = 80  # characters: two values of type LO have at most 64 each

FILE_DIGEST = "file:"
"""What the digest of a whole file begins with, where one of the pixels may stand too."""
STREAM_DIGEST = "stream:"
"""What the digest of Pixel Data and of the smaller picture read from them begins with."""


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """An image whose header was read and whose pixels were not."""

    file: ImageFile
    identifiers: Identifiers
    dicom: DicomImage | None  # None for JPEG and PNG, which have no header

    def radiograph(self, read_size: int | None = None) -> Radiograph:
        """Return the frontal chest radiograph, decoded to display grey levels.

        read_size: pixels of the short side that are enough, see preprocessing/resolution.py; None for all.

        Raises:
            IneligibleImageError: Readable, but no frontal chest radiograph.
            UnreadableImageError: It should have been readable.
        """
        if self.dicom is None:
            self._check_whole()
            raster = sampled_raster(self.file.path, read_size)
            shown, hues = Displayed(raster.pixels, sampling=raster.sampling), raster.hues
        else:
            self.dicom.check_undamaged()
            check_header(self.dicom.header)
            self._check_whole()
            shown = display(self.dicom.dataset, read_size)
            check_colour(self.dicom.header, shown.coloured)
            hues = Hues.GREY
        check_picture(shown.pixels)
        return Radiograph(self.identifiers, shown.pixels, shown.notes, shown.sampling, hues)

    def _check_whole(self) -> None:
        if not self.file.whole:
            raise UnreadableImageError(ReasonCode.TOO_LARGE, what="the object has more bytes than one")

    def digest(self, pixels: ByteImage) -> str:
        """Return what tells whether the file still holds the picture that was read from it.

        Of DICOM the digest of its pixels, by which copies find each other too; where they were read smaller
        than they are, that of the stream (docs/decisions/0006). No copy is looked for among JPEG and PNG
        files, which name no study: theirs is of the file, a fifth of the bytes.
        """
        dicom = self.dicom
        if dicom is not None and pixels.shape == shown_shape(dicom.dataset):
            return pixel_digest(pixels)
        if dicom is not None:
            return f"{STREAM_DIGEST}{stream_digest(dicom.dataset)}:{pixel_digest(pixels)}"
        return FILE_DIGEST + content_digest(self.file.path)

    @property
    def tagged_chest(self) -> bool:
        """Whether the tags say frontal chest radiograph; a JPEG or PNG has none."""
        return self.dicom is not None and says_frontal_chest(self.dicom.header)

    @property
    def patient_sex(self) -> str:
        """Patient's Sex (0010,0040) as written, empty where absent: for datasets; no worklist holds it."""
        return "" if self.dicom is None else text(self.dicom.dataset, "PatientSex")

    @property
    def facts(self) -> ImageFacts:
        """What tells later whether images have changed, as far as the header knows."""
        if self.dicom is None:
            return ImageFacts(coding=self.file.kind.value)
        named = (text(self.dicom.dataset, name) for name in ("Manufacturer", "ManufacturerModelName"))
        device = " ".join(" ".join(named).split())[:_LONGEST_DEVICE]
        meta = getattr(self.dicom.dataset, "file_meta", Dataset())
        return ImageFacts(device, text(meta, _SYNTAX))

    def attributes(self) -> list[tuple[str, str]]:
        """Return the DICOM attributes that decide what becomes of the image, with their values.

        None of them identifies a patient. Empty for JPEG and PNG.
        """
        if self.dicom is None:
            return []
        dataset = self.dicom.dataset
        found = {keyword: text(dataset, keyword) for keyword in _DECISIVE}
        return list((found | {_SYNTAX: text(dataset.file_meta, _SYNTAX)}).items())


def open_image(file: ImageFile) -> OpenedImage:
    """Return an image with its header read, so that a refusal can still name its study.

    Raises:
        UnreadableImageError: The header is damaged, or the file cannot be opened.
    """
    if file.kind is not FileKind.DICOM:
        return OpenedImage(file, Identifiers(), None)
    dicom = open_dicom(file.path, file.whole)
    return OpenedImage(file, dicom.identifiers, dicom)


def read_radiograph(file: ImageFile, read_size: int | None = None) -> Radiograph:
    """Return one radiograph; read_size and what it raises as of OpenedImage.radiograph."""
    return open_image(file).radiograph(read_size)


def read_picture(file: ImageFile) -> ByteImage:
    """Return the grey levels of any picture, whether or not it is a chest radiograph.

    Raises:
        ImageError: It cannot be decoded.
    """
    if file.kind is FileKind.DICOM:
        dicom = open_dicom(file.path)
        dicom.check_undamaged()
        return display(dicom.dataset).pixels
    return read_raster(file.path)


def stream_digest(dataset: Dataset) -> str:
    """Return the SHA-256 of Pixel Data as they are stored: equal for a copy in the same transfer syntax."""
    return hashlib.sha256(dataset.PixelData).hexdigest()


def pixel_digest(pixels: ByteImage) -> str:
    """Return the SHA-256 of the decoded pixels and their shape: equal for a copy, whatever its syntax."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def holds_picture(file: ImageFile, pixels: ByteImage, digest: str) -> bool:
    """Return whether what was read from a file is the picture that a digest, new or old, was taken of.

    pixels: read whole. Of an image that was screened smaller, the stream must be the same.
    """
    if digest.startswith(STREAM_DIGEST):
        stream = digest.removeprefix(STREAM_DIGEST).partition(":")[0]
        return file.kind is FileKind.DICOM and stream == stream_digest(open_dicom(file.path).dataset)
    of_file = digest.startswith(FILE_DIGEST)
    return digest == (FILE_DIGEST + content_digest(file.path) if of_file else pixel_digest(pixels))


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file, empty where it cannot be read: equal only for the very same file."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
