"""What another program made of an image is no image; an image that was digitised or stored anew is one."""

from dataclasses import replace

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEGBaseline8Bit

from screener.errors import IneligibleImageError
from screener.intake import open_image, read_radiograph
from screener.intake.dicom.eligibility import check_header, says_frontal_chest
from screener.intake.dicom.open import open_dicom
from screener.reasons import Reason, ReasonCode
from tests.intake.dicom.test_eligibility import PLAIN
from tests.intake.encodings import compress, palette
from tests.intake.radiographs import GREY, image_file
from tests.reasons import refusal

REASON = Reason.of(ReasonCode.DERIVED_CAPTURE)
CR_STORAGE, DX_STORAGE, CAPTURE = (f"1.2.840.10008.5.1.4.1.1.{leaf}" for leaf in ("1", "1.1", "7"))
DERIVED = "DERIVED\\SECONDARY"
MADE = {"modality": "OT", "made_from_images": True}


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"image_type": DERIVED, "made_from_images": True}, id="made from an image"),
        pytest.param(
            {"image_type": DERIVED, "derivation_description": "PNEUMONIA SCORE MAP"}, id="described"
        ),
        pytest.param({"image_type": DERIVED, "derivation_codes": ("113076",)}, id="coded: segmentation"),
        pytest.param(
            {"sop_class_uid": DX_STORAGE, "modality": "OT", "image_type": DERIVED, "made_from_images": True},
            id="Modality OT of any class",
        ),
        pytest.param(
            {"sop_class_uid": f"{CAPTURE}.2", "image_type": DERIVED, "made_from_images": True},
            id="multi-frame capture",
        ),
        pytest.param(
            {"image_type": "", "made_from_images": True}, id="Image Type missing, made from an image"
        ),
        pytest.param(
            {"image_type": "DERIVED\\PRIMARY", "made_from_images": True}, id="called primary, tagged as a DX"
        ),
        pytest.param(
            {"image_type": DERIVED, "derivation_description": "HEAT MAP OVERLAY, JPEG COMPRESSED"},
            id="a compressed heat map",
        ),
        pytest.param(
            {"image_type": DERIVED, "derivation_description": "BONE SUPPRESSION"}, id="bones taken out"
        ),
        pytest.param(
            {"image_type": DERIVED, "derivation_codes": ("113040", "113076")}, id="compressed, and more"
        ),
        *(
            pytest.param({"image_type": DERIVED, "derivation_description": words.upper(), **MADE}, id=words)
            for words in (
                "Lunit INSIGHT CXR; resized to 1024",
                "qXR scan output",
                "Oxipit ChestLink, JPEG",
                "1024 x 1024",
                "compression fracture",
            )
        ),
    ],
)
def test_what_another_program_made_is_ineligible(header):
    with pytest.raises(IneligibleImageError) as refused:
        check_header(replace(PLAIN, **header))
    assert refused.value.reason == REASON


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({}, id="digitised image: nothing said"),
        pytest.param({"modality": "CR"}, id="capture that says CR"),
        pytest.param({"modality": "OT", "image_type": DERIVED}, id="digitised image called derived"),
        pytest.param(
            {"modality": "OT", "image_type": DERIVED, "derivation_description": "DIGITIZED IMAGE"},
            id="digitised image, described",
        ),
        pytest.param(
            {"image_type": DERIVED, "derivation_description": "JPEG LOSSY 35:1", "made_from_images": True},
            id="digitised image, compressed by a gateway",
        ),
        pytest.param(
            {"image_type": DERIVED, "derivation_codes": ("113040",), "made_from_images": True},
            id="compression, as a code",
        ),
        pytest.param({"image_type": DERIVED, "derivation_description": "ANONYMIZED"}, id="de-identified"),
        *(
            pytest.param({"image_type": DERIVED, "derivation_description": words.upper(), **MADE}, id=words)
            for words in (
                "Lossy JPEG compression 10:1",
                "Lossy compression with JPEG baseline, IJG quality factor 90, compression ratio 10.3",
                "Lossless JPEG compression, selection value 6, point transform 0, compression ratio 2.1",
                "Near-lossless JPEG-LS compression, factor 2",
                "JPEG2000 wavelet, 12bit, Q90",
                "Digitized image",
                "Image scanned at 300 dpi",
                "resampled to 1024 x 1024",
                "resized to 2048x2048",
                "anonymised",
                "De-identified image",
                "compression JPEG avec perte",
            )
        ),
        pytest.param({"image_type": "ORIGINAL\\PRIMARY", "made_from_images": True}, id="original"),
        pytest.param(
            {
                "sop_class_uid": DX_STORAGE,
                "image_type": "DERIVED\\PRIMARY",
                "derivation_description": "JPEG 2000 IRREVERSIBLE (LOSSY) 10:1",
                "derivation_codes": ("113040",),
                "made_from_images": True,
            },
            id="DX that a gateway compressed",
        ),
        pytest.param(
            {
                "sop_class_uid": CR_STORAGE,
                "modality": "CR",
                "image_type": "DERIVED\\PRIMARY",
                "derivation_description": "EDGE ENHANCEMENT",
                "made_from_images": True,
            },
            id="CR processed from its raw image",
        ),
        pytest.param(
            {"sop_class_uid": CR_STORAGE, "modality": "CR", "image_type": DERIVED, "made_from_images": True},
            id="CR called secondary",
        ),
    ],
)
def test_an_image_that_was_digitised_or_stored_anew_is_eligible(header):
    check_header(replace(PLAIN, **header))


def item(**values):
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("purpose", "made_from_images"),
    [(None, True), ("121322", True), ("121320", False)],
    ids=["no purpose", "source for processing", "uncompressed predecessor"],
)
def test_an_image_before_it_was_compressed_is_no_other_image(make_dicom, purpose, made_from_images):
    source = item(ReferencedSOPInstanceUID="1.2.3", ReferencedSOPClassUID=DX_STORAGE)
    if purpose:
        source.PurposeOfReferenceCodeSequence = [item(CodeValue=purpose)]
    path = make_dicom(
        GREY,
        SourceImageSequence=[source],
        DerivationDescription="lossy",
        DerivationCodeSequence=[item(CodeValue="113040")],
    )
    header = open_dicom(path).header
    assert header.made_from_images is made_from_images
    assert (header.derivation_description, header.derivation_codes) == ("LOSSY", ("113040",))


def capture(make_dicom, colour, **elements):
    """Write a chest as a Secondary Capture in colour, Modality OT unless told otherwise."""
    values = {"SOPClassUID": CAPTURE, "Modality": "OT", "BitsStored": 8, **elements}
    return image_file(make_dicom(colour, **values))


def with_box(side):
    """Return a grey capture with a red box of that many pixels a side drawn into it."""
    picture = np.dstack([GREY] * 3).copy()
    picture[20 : 20 + side, 20 : 20 + side] = (255, 30, 30)
    return picture


def tinted():
    """Return an image scanned in colour: bluish all over."""
    return np.dstack([GREY * 0.8, GREY * 0.9, GREY * 0.98]).astype(np.uint8)


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({}, id="says nothing"),
        pytest.param({"Modality": "DX", "ViewPosition": "AP"}, id="tagged as a DX"),
        pytest.param({"ImageType": ["ORIGINAL", "PRIMARY"]}, id="called original"),
    ],
)
def test_a_capture_with_real_colour_is_ineligible(make_dicom, elements):
    with pytest.raises(IneligibleImageError) as refused:
        read_radiograph(capture(make_dicom, with_box(6), **elements))
    assert refused.value.reason == REASON


@pytest.mark.parametrize(
    "colour",
    [
        pytest.param(np.dstack([GREY] * 3), id="three equal greys"),
        pytest.param(tinted(), id="a tinted image"),
    ],
)
def test_a_colour_capture_of_a_grey_image_is_screened(make_dicom, colour):
    assert read_radiograph(capture(make_dicom, colour)).pixels.shape == GREY.shape


def test_compression_gives_a_grey_image_no_colour(make_dicom):
    file = capture(make_dicom, np.dstack([GREY] * 3), PhotometricInterpretation="RGB")
    compress(file.path, JPEGBaseline8Bit)
    assert read_radiograph(file).pixels.shape == GREY.shape


def test_a_palette_of_greys_is_screened_and_one_of_colours_is_not(make_dicom):
    greys = palette(range(256), bits=16)
    assert read_radiograph(capture(make_dicom, GREY, **greys)).pixels.shape == GREY.shape
    rainbow = greys | {"RedPaletteColorLookupTableData": greys["RedPaletteColorLookupTableData"][::-1]}
    with refusal(IneligibleImageError, match="derived capture"):
        read_radiograph(capture(make_dicom, GREY, **rainbow))


@pytest.mark.parametrize(
    ("elements", "tagged"),
    [
        pytest.param({}, True, id="DX"),
        pytest.param({"SOPClassUID": CAPTURE, "Modality": "CR"}, True, id="capture that says CR"),
        *(
            pytest.param({"SOPClassUID": CAPTURE, "Modality": each, **view}, tagged, id=f"{each} {view}")
            for each in ("OT", "SC", "DR", "")
            for view, tagged in (
                ({}, True),
                ({"ViewPosition": "AP"}, True),
                ({"ViewPosition": ""}, False),
                ({"ViewPosition": "LL"}, False),
                ({"ViewPosition": "", "SeriesDescription": "CHEST PA"}, True),
                ({"ViewPosition": "", "StudyDescription": "CHEST PA AND LATERAL"}, False),
            )
        ),
        pytest.param({"SOPClassUID": CAPTURE, "Modality": ["CR", "DX"]}, True, id="two modalities"),
        pytest.param({"SOPClassUID": CAPTURE, "Modality": "CT"}, False, id="CT"),
        pytest.param({"BodyPartExamined": ""}, False, id="no body part"),
        pytest.param({"ViewPosition": ""}, True, id="no view"),
    ],
)
def test_a_radiograph_is_tagged_as_a_frontal_chest_only_where_it_says_both(make_dicom, elements, tagged):
    file = image_file(make_dicom(GREY, **elements))
    assert open_image(file).tagged_chest is tagged
    assert says_frontal_chest(open_dicom(file.path).header) is tagged
