"""What is a frontal chest radiograph, by its tags and by the bare look of its pixels."""

import cv2
import numpy as np

from screener.domain import ByteImage
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake.dicom.derived import is_capture, is_derived_capture
from screener.intake.dicom.header import Header
from screener.intake.dicom.orientation import directions
from screener.intake.dicom.terms import Subject, View, body_part, described_view, other_word, subject, view
from screener.reasons import Reason, ReasonCode

MIN_SIDE, MAX_SIDE = 128, 32_767  # pixels; OpenCV resizes no longer side
_TAIL = 0.01  # of the pixels, at either end
_GLANCE = 16  # one row in so many is looked at first
_BLANK = 3  # grey levels between the 1st and the 99th percentile: less shows nothing

_RADIOGRAPHY = frozenset(("CR", "DX"))
# PS3.3 C.7.3.1.1.1, retired terms among them; any other word says how a picture came, not what it is.
_OTHER_MODALITIES = frozenset(
    b"AR ASMT AU BDUS BI BMD CD CF CP CS CT DD DF DG DM DOC DS EC ECG EEG EMG EOG EPS ES FA FID FS GM "
    b"HC HD IO IOL IVOCT IVUS KER KO LEN LP LS M3D MA MG MR MS NM OAM OCT OP OPM OPR OPT OPTBSV OPTENF "
    b"OPV OSS PLAN POS PR PT PX REG RESP RF RTDOSE RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN "
    b"RTSTRUCT SEG SM SMR SR SRF ST STAIN TEXTUREMAP TG US VA VF XA XAPROTOCOL XC".decode().split()
)
_RADIOGRAPH_STORAGE = frozenset(("1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1"))  # CR, DX
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_FOR_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.1.1"
_SECONDARY = frozenset(("", "OT", "SC", "RG"))  # captures, scanned images: where tags say chest or radiograph
_SCANNED = "RG"  # an image, scanned

_NO_PICTURES = (  # beginnings of SOP Class UIDs, PS3.4 B.5
    "1.2.840.10008.5.1.4.1.1.88.",  # structured reports
    "1.2.840.10008.5.1.4.1.1.11.",  # presentation states
    "1.2.840.10008.5.1.4.1.1.104.",  # encapsulated documents
    "1.2.840.10008.5.1.4.1.1.9.",  # waveforms
    "1.2.840.10008.5.1.4.1.1.66",  # raw data, registrations, segmentations
    "1.2.840.10008.5.1.4.1.1.481.",  # radiotherapy objects
    "1.2.840.10008.5.1.4.38.",  # hanging protocols
    "1.2.840.10008.5.1.4.39.",  # colour palettes
    "1.2.840.10008.5.1.4.43.",  # implant templates
)
_HUMAN = frozenset(("", "HUMAN", "HOMO SAPIENS"))


def check_header(header: Header) -> None:
    """Raise if the tags do not allow a frontal chest radiograph.

    Raises:
        IneligibleImageError: They name something else.
        UnreadableImageError: They name a radiograph, yet it holds no picture.
    """
    if header.own_result:
        raise IneligibleImageError(ReasonCode.OWN_RESULT)
    _check_object(header)
    if header.species not in _HUMAN:
        raise IneligibleImageError(ReasonCode.SPECIES, value=header.species[:32])
    if header.sop_class_uid in _RADIOGRAPH_STORAGE:
        _check_pixels(header)  # first: where a file is cut short, its last value is too
    _check_modality(header)
    if is_derived_capture(header):
        raise IneligibleImageError(ReasonCode.DERIVED_CAPTURE)
    _check_body_part(header)
    _check_view(header)
    if header.number_of_frames > 1:
        raise IneligibleImageError(ReasonCode.NUMBER_OF_FRAMES, value=header.number_of_frames)
    _check_pixels(header)
    _check_intent(header)


def check_colour(header: Header, coloured: bool) -> None:
    """Return unless a capture shows real colour: radiographs are grey, marks and heat maps are not.

    Raises:
        IneligibleImageError: It does.
    """
    if coloured and is_capture(header):
        raise IneligibleImageError(ReasonCode.DERIVED_CAPTURE)


def says_frontal_chest(header: Header) -> bool:
    """Return whether the tags name the chest and a frontal view, or say radiograph and name no view.

    A capture that says no more than OT may be anything of a chest study: a dose report, a screen.
    """
    if _subject(header) is not Subject.CHEST or _view(header)[0] is View.LATERAL:
        return False
    return _says_radiograph(header) or (_names_frontal_view(header) and _modality_passes(header))


def check_picture(pixels: ByteImage) -> None:
    """Raise if the picture is too small, too long or blank.

    Raises:
        IneligibleImageError: It is too small, or blank.
    """
    rows, columns = pixels.shape
    if min(rows, columns) < MIN_SIDE:
        raise IneligibleImageError(ReasonCode.TOO_SMALL, columns=columns, rows=rows, least=MIN_SIDE)
    if max(rows, columns) > MAX_SIDE:
        raise IneligibleImageError(ReasonCode.TOO_LONG, columns=columns, rows=rows)
    if not _shows_at_a_glance(pixels) and _spread(pixels) < _BLANK:
        raise IneligibleImageError(ReasonCode.BLANK_PICTURE)


def _spread(pixels: ByteImage) -> int:
    """Return the grey levels between the 1st and the 99th percentile."""
    counts = np.cumsum(np.bincount(pixels.reshape(-1), minlength=256))
    low, high = np.searchsorted(counts, counts[-1] * np.array([_TAIL, 1 - _TAIL]))
    return int(high - low)


def _shows_at_a_glance(pixels: ByteImage) -> bool:
    """Return whether some rows alone prove that a picture is not blank, which takes a tenth of the time.

    Where they hold as many dark and as many bright pixels as the percentiles of the whole picture ask for,
    whatever the other rows hold can only push the percentiles further apart.
    """
    seen = pixels[::_GLANCE]
    counts = cv2.calcHist([seen], [0], None, [256], [0, 256]).reshape(-1)
    least = _TAIL * pixels.size + 1
    low = np.searchsorted(np.cumsum(counts), least)
    high = 255 - np.searchsorted(np.cumsum(counts[::-1]), least)
    return bool(high - low >= _BLANK)


def _check_object(header: Header) -> None:
    if header.sop_class_uid.startswith(_NO_PICTURES):
        raise IneligibleImageError(ReasonCode.SOP_CLASS, value=header.sop_class_name[:64])


def _check_pixels(header: Header) -> None:
    if not header.has_pixels:
        raise UnreadableImageError(ReasonCode.NO_PIXEL_DATA)


def _modalities(header: Header) -> list[str]:
    return header.modality.split("\\")  # one value; a few machines write two


def _says_radiograph(header: Header) -> bool:
    named = any(each in _RADIOGRAPHY or each == _SCANNED for each in _modalities(header))
    return named or header.sop_class_uid in _RADIOGRAPH_STORAGE


def _modality_passes(header: Header) -> bool:
    """Return whether the modality allows a radiograph, by itself or by what other tags say."""
    said = _modalities(header)
    if any(each in _RADIOGRAPHY for each in said):
        return True
    chest = _subject(header) is Subject.CHEST
    if header.modality in _SECONDARY:
        return chest or header.sop_class_uid in _RADIOGRAPH_STORAGE
    if any(each in _OTHER_MODALITIES for each in said):
        return False
    # DR, XR and other words that are no Defined Term: the SOP Class says what it is.
    return header.sop_class_uid in _RADIOGRAPH_STORAGE or (chest and _may_be_radiograph(header))


def _check_modality(header: Header) -> None:
    if _modality_passes(header):
        return
    if header.modality:
        raise IneligibleImageError(ReasonCode.MODALITY, value=header.modality[:16])
    if header.sop_class_name != header.sop_class_uid and not _may_be_radiograph(header):
        raise IneligibleImageError(ReasonCode.SOP_CLASS, value=header.sop_class_name[:64])
    if not (header.has_pixels and header.has_rows):
        raise UnreadableImageError(ReasonCode.HEADER_TRUNCATED)
    raise IneligibleImageError(ReasonCode.MODALITY_MISSING)


def _may_be_radiograph(header: Header) -> bool:
    return header.sop_class_uid in _RADIOGRAPH_STORAGE or header.sop_class_uid.startswith(_SECONDARY_CAPTURE)


def _check_body_part(header: Header) -> None:
    said = _subject(header)
    if said is Subject.CHEST:
        return
    for name, tag, value in _parts(header):
        if body_part(value) is Subject.OTHER:
            raise IneligibleImageError(ReasonCode.BODY_PART, attribute=f"{name} {tag}", value=value[:32])
    if said is Subject.OTHER:
        word = other_word(header.series_words) or other_word(header.study_words)
        raise IneligibleImageError(ReasonCode.DESCRIBED_BODY_PART, word=word[:32])


def _check_view(header: Header) -> None:
    found, reason = _view(header)
    if found is View.LATERAL:
        raise IneligibleImageError(reason)
    if "LOCALIZER" in header.image_type:
        raise IneligibleImageError(ReasonCode.LOCALIZER)


def _check_intent(header: Header) -> None:
    if header.sop_class_uid == _FOR_PROCESSING or header.presentation_intent == "FOR PROCESSING":
        raise IneligibleImageError(ReasonCode.FOR_PROCESSING)


def _parts(header: Header) -> tuple[tuple[str, str, str], ...]:
    return (
        ("Body Part Examined", "(0018,0015)", header.body_part_examined),
        ("Anatomic Region", "(0008,2218)", header.anatomic_region),
    )


def _subject(header: Header) -> Subject | None:
    """Return the body part that the tags name; what is said of this very image outweighs its study.

    A word that nobody knows is not another body part: the descriptions speak, then the picture.
    """
    for _, _, value in _parts(header):
        if found := body_part(value):
            return found
    return subject(header.series_words) or subject(header.study_words)


def _names_frontal_view(header: Header) -> bool:
    """Return whether a tag of the image or its series names a frontal view; a study has other images too."""
    coded = header.coded_view or view(header.view_code)
    named = view(header.view_position) or coded or described_view(header.series_words)
    return named in (View.PA, View.AP, View.FRONTAL)


def _view(header: Header) -> tuple[View | None, Reason]:
    """Return the view that the tags name, and the reason that this gives; a tag outweighs a description."""
    if found := view(header.view_position):
        return found, _by_view("View Position (0018,5101)", header.view_position[:16])
    if found := header.coded_view or view(header.view_code):
        return found, _by_view("View Code Sequence (0054,0220)", header.view_code[:32] or found)
    if {"A", "P"}.intersection(directions(header.patient_orientation) or ()):
        # rows or columns run front to back, PS3.3 C.7.6.1.1.1
        return View.LATERAL, _by_view("Patient Orientation (0020,0020)", header.patient_orientation[:16])
    # "CHEST PA AND LATERAL" is the study; its series says which of the two this is.
    found = described_view(header.series_words) or described_view(header.study_words)
    return found, Reason.of(ReasonCode.DESCRIBED_VIEW)


def _by_view(attribute: str, value: str) -> Reason:
    return Reason.of(ReasonCode.VIEW, attribute=attribute, value=value)
