from dataclasses import replace

import numpy as np
import pytest
from pydicom.dataset import Dataset

from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake.dicom.eligibility import check_header, check_picture
from screener.intake.dicom.header import Header
from screener.intake.dicom.open import open_dicom
from screener.reasons import ReasonCode
from tests.intake.radiographs import GREY
from tests.reasons import refusal

PLAIN = Header(
    sop_class_uid="1.2.840.10008.5.1.4.1.1.7",
    sop_class_name="Secondary Capture Image Storage",
    modality="DX",
    presentation_intent="",
    body_part_examined="CHEST",
    anatomic_region="",
    view_position="PA",
    view_code="",
    coded_view=None,
    patient_orientation="",
    series_words="",
    study_words="",
    image_type="",
    number_of_frames=1,
    species="",
    has_rows=True,
    has_pixels=True,
)
CR, DX = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1"
UNDESCRIBED = {"body_part_examined": "", "view_position": ""}


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({}, id="plain"),
        pytest.param({"modality": "CR", "view_position": "AP"}, id="bedside CR"),
        pytest.param({"view_position": ""}, id="no view"),
        pytest.param(UNDESCRIBED, id="neither part nor view"),
        pytest.param({"body_part_examined": "PORT CHEST"}, id="portable"),
        pytest.param({"body_part_examined": "CHEST_PA"}, id="underscore"),
        pytest.param({"body_part_examined": "TORAX"}, id="Spanish"),
        pytest.param({"body_part_examined": "CHEST", "study_words": "KNEE"}, id="part outweighs description"),
        pytest.param({**UNDESCRIBED, "study_words": "CHEST AND ABDOMEN"}, id="chest among others"),
        pytest.param({**UNDESCRIBED, "study_words": "CHEST PA AND LATERAL"}, id="both views in the study"),
        pytest.param({"modality": "OT"}, id="capture of a chest"),
        pytest.param({**UNDESCRIBED, "modality": "", "study_words": "CXR"}, id="described as chest only"),
        pytest.param({"view_position": "", "patient_orientation": "L\\F"}, id="rows run to the left"),
        *(
            pytest.param({"view_position": "", "patient_orientation": each}, id=f"orientation {each}")
            for each in ("PA", "AP", "P\\A", "A", "PA ERECT", "PORTABLE", "AP/PA", "R/F", "\\")
        ),
        pytest.param({"view_position": "", "view_code": "POSTERO-ANTERIOR"}, id="coded frontal"),
        pytest.param({"patient_orientation": "A\\F"}, id="View Position outweighs orientation"),
        pytest.param({**UNDESCRIBED, "study_words": "PLATE 3 BILATERAL"}, id="LAT inside a word"),
        pytest.param({**UNDESCRIBED, "series_words": "CHEST PA", "study_words": "KNEE"}, id="by its series"),
        pytest.param({"body_part_examined": "X-RAY", "study_words": "CHEST PA"}, id="unknown part"),
        pytest.param({"body_part_examined": "PORTABLE"}, id="unknown part, nothing else said"),
        pytest.param({"body_part_examined": "", "anatomic_region": "TORSO"}, id="unknown region"),
        pytest.param({"body_part_examined": "GENERAL", "anatomic_region": "CHEST"}, id="region"),
        pytest.param({"modality": "DR", "sop_class_uid": DX}, id="DR on a radiograph's SOP Class"),
        pytest.param({"modality": "XR", "sop_class_uid": CR, **UNDESCRIBED}, id="XR, nothing described"),
        pytest.param({"modality": "RX", "sop_class_uid": DX}, id="RX"),
        pytest.param({"modality": "X-RAY", "sop_class_uid": DX}, id="X-RAY"),
        *(
            pytest.param(
                {**UNDESCRIBED, "modality": modality, "sop_class_uid": uid}, id=f"{modality} on {name}"
            )
            for modality in ("RG", "OT", "SC", "")
            for name, uid in (("CR", CR), ("DX", DX))
        ),
        pytest.param({"modality": "CR\\DX"}, id="two modalities"),
        pytest.param({"modality": "DR"}, id="DR, a capture tagged chest"),
    ],
)
def test_a_frontal_chest_radiograph_is_allowed(header):
    check_header(replace(PLAIN, **header))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        pytest.param({"modality": "CT"}, "is CT: only CR and DX", id="CT"),
        pytest.param({"modality": "MG"}, "is MG: only CR and DX", id="mammogram"),
        pytest.param({"modality": "SR", "has_pixels": False}, "is SR: only CR and DX", id="report"),
        pytest.param({"modality": "OT", **UNDESCRIBED}, "is OT: only CR and DX", id="capture of anything"),
        pytest.param({"modality": "", **UNDESCRIBED}, "is missing, and no tag says chest", id="nothing said"),
        pytest.param({"body_part_examined": "HAND"}, "is HAND, not CHEST", id="hand"),
        pytest.param({"body_part_examined": "HAND", "study_words": "CHEST"}, "is HAND", id="part outweighs"),
        pytest.param({**UNDESCRIBED, "study_words": "XR KNEE"}, "says KNEE, not chest", id="described knee"),
        pytest.param(
            {**UNDESCRIBED, "series_words": "KNEE", "study_words": "CHEST PA"},
            "says KNEE",
            id="its series",
        ),
        pytest.param(
            {"body_part_examined": "X-RAY", "study_words": "XR KNEE"},
            "says KNEE",
            id="unknown",
        ),
        pytest.param({"body_part_examined": "NECK"}, "is NECK, not CHEST", id="neck"),
        pytest.param({"body_part_examined": "RODILLA"}, "is RODILLA, not CHEST", id="knee in Spanish"),
        pytest.param(
            {"body_part_examined": "PORTABLE", "anatomic_region": "ABDOMEN"},
            "is ABDOMEN, not",
            id="region",
        ),
        pytest.param({"modality": "MG", "sop_class_uid": DX}, "is MG: only CR and DX", id="mammogram as DX"),
        pytest.param({"modality": "US", "sop_class_uid": CR}, "is US: only CR and DX", id="ultrasound as CR"),
        pytest.param({"modality": "DR", **UNDESCRIBED}, "is DR: only CR and DX", id="DR capture"),
        *(
            pytest.param(
                {**UNDESCRIBED, "modality": each, "sop_class_uid": DX, **tags}, match, id=f"{each}: {match}"
            )
            for each in ("RG", "OT", "SC")
            for tags, match in (
                ({"body_part_examined": "KNEE"}, "is KNEE, not CHEST"),
                ({"series_words": "RIPPEN"}, "RIPPEN"),
                ({"view_position": "LL"}, "is LL"),
            )
        ),
        pytest.param({"view_position": "LL"}, r"\(0018,5101\) is LL: only frontal", id="left lateral"),
        pytest.param({"view_position": "LATERAL"}, "is LATERAL: only frontal", id="lateral"),
        pytest.param(
            {"view_position": "LEFT LATERAL"}, "is LEFT LATERAL: only frontal", id="left lateral, said"
        ),
        pytest.param({"view_position": "LLD"}, "is LLD: only frontal", id="decubitus"),
        pytest.param(
            {"view_position": "", "study_words": "W CHEST LAT"}, "says lateral", id="described lateral"
        ),
        pytest.param(
            {
                "view_position": "",
                "series_words": "LATERAL",
                "study_words": "CHEST PA AND LATERAL",
            },
            "says lateral",
            id="the lateral series of a study of two views",
        ),
        pytest.param(
            {"view_position": "", "view_code": "LEFT LATERAL"}, r"\(0054,0220\) is LEFT LATERAL", id="coded"
        ),
        pytest.param(
            {"view_position": "", "patient_orientation": "A\\F"},
            r"\(0020,0020\) is A\\F",
            id="rows run forward",
        ),
        pytest.param(
            {"view_position": "", "patient_orientation": "P\\F"},
            r"\(0020,0020\) is P\\F",
            id="rows run backward",
        ),
        pytest.param(
            {"view_position": "", "patient_orientation": "H\\A"},
            r"\(0020,0020\) is H\\A",
            id="columns run forward",
        ),
        *(
            pytest.param(
                {"view_position": "", "patient_orientation": each},
                r"\(0020,0020\) is",
                id=f"orientation {each}",
            )
            for each in ("A/F", "p/f", " h / a ", "A F", "AL\\FR")
        ),
        pytest.param({"number_of_frames": 2}, "is 2: one is screened", id="two frames"),
        pytest.param({"image_type": "ORIGINAL\\PRIMARY\\LOCALIZER"}, "says LOCALIZER", id="localizer"),
        pytest.param({"number_of_frames": 12}, "is 12: one is screened", id="several frames"),
    ],
)
def test_anything_else_is_ineligible_and_the_reason_names_the_tag(header, reason):
    with refusal(IneligibleImageError, match=reason):
        check_header(replace(PLAIN, **header))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        pytest.param({"has_pixels": False}, "no pixel data", id="radiograph without picture"),
        pytest.param(
            {"sop_class_uid": "1.2.840.10008.5.1.4.1.1.1", "modality": "C", "has_pixels": False},
            "no pixel data",
            id="cut within its modality",
        ),
        pytest.param(
            {"modality": "", "body_part_examined": "", "has_pixels": False},
            "the DICOM header is truncated",
            id="cut in its header",
        ),
        pytest.param({"modality": "OT", "has_pixels": False}, "no pixel data", id="capture of a chest, cut"),
    ],
)
def test_a_radiograph_without_its_picture_has_failed(header, reason):
    with refusal(UnreadableImageError, match=reason):
        check_header(replace(PLAIN, **header))


def test_the_view_code_and_the_orientation_are_read_from_the_file(make_dicom):
    code = Dataset()
    code.CodeMeaning = "left lateral"
    path = make_dicom(GREY, ViewPosition=None, ViewCodeSequence=[code], PatientOrientation=["A", "F"])
    header = open_dicom(path).header
    assert (header.view_code, header.patient_orientation) == ("LEFT LATERAL", "A\\F")


@pytest.mark.parametrize("shape", [(127, 128), (128, 127), (127, 300), (1, 40_000)])
def test_a_picture_with_a_side_below_128_pixels_is_ineligible(shape):
    with refusal(IneligibleImageError, match=f"{shape[1]} × {shape[0]} pixels.*128"):
        check_picture(checks(*shape))


@pytest.mark.parametrize("shape", [(128, 32_768), (32_768, 128)])
def test_a_picture_with_a_side_above_32767_pixels_is_ineligible(shape):
    with refusal(IneligibleImageError, match=f"{shape[1]} × {shape[0]} pixels") as refused:
        check_picture(checks(*shape))
    assert refused.value.reason.code is ReasonCode.TOO_LONG


@pytest.mark.parametrize("shape", [(128, 128), (128, 32_767), (32_767, 128)])
def test_the_smallest_and_the_longest_pictures_are_allowed(shape):
    check_picture(checks(*shape))


def checks(rows, columns):
    """Return a picture of black and white columns."""
    return np.tile(np.array([0, 255], dtype=np.uint8), (rows, columns // 2 + 1))[:, :columns]


@pytest.mark.parametrize("grey", [0, 90, 255])
def test_a_blank_picture_is_ineligible(grey):
    with refusal(IneligibleImageError, match="blank"):
        check_picture(np.full((200, 200), grey, dtype=np.uint8))
