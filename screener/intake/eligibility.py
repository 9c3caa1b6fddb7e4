"""What is a frontal chest radiograph, by its tags and by the bare look of its pixels."""

import re

from screener.domain import ByteImage
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake.dicom import Header

MIN_SIDE, MAX_SIDE = 128, 32_767  # pixels; OpenCV resizes no longer side

_RADIOGRAPHY = {"CR": "computed radiography", "DX": "digital radiography"}
_RADIOGRAPH_STORAGE = {"1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1"}  # CR, DX for presentation
_SECONDARY = {"", "OT", "SC", "RG"}  # captures and scanned films: only where the tags say chest

_CHEST_PARTS = {
    "CHEST",
    "THORAX",
    "LUNG",
    "LUNGS",
    "CHEST PA",
    "CHEST AP",
    "CXR",
    "PORT CHEST",
    "TORAX",
    "RIBS",
}
_CHEST_WORDS = re.compile(r"(?<![A-Z])(CHEST|THORAX|TORAX|THORACIC|CXR|LUNGS?)(?![A-Z])")
_OTHER_WORDS = re.compile(
    r"\b(HANDS?|WRIST|FINGER|ELBOW|FOREARM|HUMERUS|SHOULDER|CLAVICLE|KNEE|LEG|ANKLE|FOOT|FEET|TOE|FEMUR|TIBIA"
    r"|HIPS?|PELVIS|ABDOMEN|KUB|SKULL|SINUS|TEETH|DENTAL|JAW|[CTL]-?SPINE|SPINE|EXTREMITY|BREAST|MAMMO)\b"
)
_LATERAL_VIEWS = {
    "LATERAL",
    "LAT",
    "LL",
    "RL",
    "LLD",
    "RLD",
    "LLO",
    "RLO",
    "LAO",
    "RAO",
    "LPO",
    "RPO",
    "OBLIQUE",
}
_LATERAL_WORDS = re.compile(r"(?<![A-Z])(LATERAL|LAT|OBLIQUE)(?![A-Z])")
_FRONTAL_WORDS = re.compile(r"(?<![A-Z])(PA|AP|FRONTAL|P\.A|A\.P)(?![A-Z])")


def check_header(header: Header) -> None:
    """Return if the tags allow a frontal chest radiograph.

    Raises:
        IneligibleImageError: They name something else.
        UnreadableImageError: They name a radiograph, yet it holds no picture.
    """
    if header.sop_class_uid in _RADIOGRAPH_STORAGE:
        _check_pixels(header)  # first: where a file is cut short, its last value is too
    _check_modality(header)
    _check_body_part(header)
    _check_view(header)
    if header.number_of_frames > 1:
        raise IneligibleImageError(
            f"Number of Frames (0028,0008) is {header.number_of_frames}: one is screened"
        )
    _check_pixels(header)


def check_picture(pixels: ByteImage) -> None:
    """Return if the picture is large enough and shows anything at all.

    Raises:
        IneligibleImageError: It is too small, or blank.
    """
    rows, columns = pixels.shape
    if min(rows, columns) < MIN_SIDE:
        raise IneligibleImageError(f"{columns} × {rows} pixels: under {MIN_SIDE}, too small to screen")
    if max(rows, columns) > MAX_SIDE:
        raise IneligibleImageError(f"{columns} × {rows} pixels: no radiograph is that long")
    if pixels.min() == pixels.max():
        raise IneligibleImageError("the picture is blank: every pixel has the same grey")


def _check_pixels(header: Header) -> None:
    if not header.has_pixels:
        raise UnreadableImageError(
            "the DICOM file holds no pixel data: truncated? Copy it again from its source"
        )


def _check_modality(header: Header) -> None:
    if header.modality in _RADIOGRAPHY:
        return
    if header.modality in _SECONDARY and header.has_pixels and _says_chest(header):
        return
    if header.modality:
        raise IneligibleImageError(
            f"Modality (0008,0060) is {header.modality[:16]}: only CR and DX are screened"
        )
    if not header.has_pixels:
        raise UnreadableImageError("the DICOM file is truncated: neither Modality nor pixel data")
    raise IneligibleImageError("Modality (0008,0060) is missing, and no tag says chest")


def _check_body_part(header: Header) -> None:
    part = header.body_part_examined
    if part and not _says_chest(header):
        raise IneligibleImageError(f"Body Part Examined (0018,0015) is {part[:32]}, not CHEST")
    other = _OTHER_WORDS.search(header.descriptions)
    if not part and other and not _says_chest(header):
        raise IneligibleImageError(f"the study or series description says {other.group()}, not chest")


def _check_view(header: Header) -> None:
    view = header.view_position
    if view in _LATERAL_VIEWS or _says_lateral(view):
        raise IneligibleImageError(
            f"View Position (0018,5101) is {view[:16]}: only frontal views are screened"
        )
    if not view:
        _check_described_view(header)
    if "LOCALIZER" in header.image_type:
        raise IneligibleImageError("Image Type (0008,0008) says LOCALIZER")


def _check_described_view(header: Header) -> None:
    """Judge an image without View Position: digital radiography says it in a sequence instead."""
    if _says_lateral(header.view_code):
        raise IneligibleImageError(
            f"View Code Sequence (0054,0220) says {header.view_code[:32]}: only frontal views are screened"
        )
    if header.patient_orientation[:1] in ("A", "P"):  # rows run front to back, PS3.3 C.7.6.1.1.1
        raise IneligibleImageError(
            f"Patient Orientation (0020,0020) is {header.patient_orientation[:16]}: a lateral view"
        )
    # "CHEST PA AND LATERAL" is the study; its series says which of the two this is.
    if _says_lateral(header.series_description) or (
        not _FRONTAL_WORDS.search(header.series_description) and _says_lateral(header.descriptions)
    ):
        raise IneligibleImageError("the series description says lateral: only frontal views are screened")


def _says_lateral(words: str) -> bool:
    return bool(_LATERAL_WORDS.search(words)) and not _FRONTAL_WORDS.search(words)


def _says_chest(header: Header) -> bool:
    part = header.body_part_examined
    if part:
        return part in _CHEST_PARTS or bool(_CHEST_WORDS.search(part))
    return bool(_CHEST_WORDS.search(header.descriptions))
