"""Headers spelt oddly, or silent where the standard wants a word: read as they are meant."""

import warnings

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from screener.errors import UnreadableImageError
from screener.intake import open_image, read_radiograph
from screener.intake.dicom.open import open_dicom
from tests.intake.encodings import RADIOGRAPH, spanning, stored, voi_lut
from tests.intake.radiographs import GREY, image_file, shown
from tests.reasons import refusal


@pytest.mark.parametrize(
    "written",
    ["monochrome2", "Monochrome2", "MONOCHROME2 ", "MONOCHROME 2", " monochrome 2 ", "MONOCHROME2\0"],
)
def test_a_photometric_interpretation_is_read_however_it_is_spelt(keep, written):
    np.testing.assert_array_equal(
        shown(keep(stored(), PhotometricInterpretation=written, **spanning())), RADIOGRAPH
    )


@pytest.mark.parametrize("written", ["monochrome1", "MONOCHROME 1"])
def test_a_negative_is_one_however_it_is_spelt(keep, written):
    path = keep(stored(inverted=True), PhotometricInterpretation=written, **spanning())
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)


@pytest.mark.parametrize("written", ["rgb", "Rgb"])
def test_a_colour_capture_is_one_however_it_is_spelt(keep, written):
    path = keep(np.dstack([RADIOGRAPH] * 3), BitsStored=8, PhotometricInterpretation=written)
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)


@pytest.mark.parametrize(
    ("pixels", "missing"),
    [
        pytest.param(stored(), ["PixelRepresentation"], id="Pixel Representation"),
        pytest.param(stored(), ["SamplesPerPixel"], id="Samples per Pixel"),
        pytest.param(stored(), ["HighBit"], id="High Bit"),
        pytest.param(stored(8), ["BitsStored", "HighBit"], id="Bits Stored of 8 bits"),
        pytest.param(
            stored(8), ["PixelRepresentation", "SamplesPerPixel", "HighBit", "BitsStored"], id="all"
        ),
        pytest.param(
            np.dstack([RADIOGRAPH] * 3), ["SamplesPerPixel", "PlanarConfiguration"], id="of a colour capture"
        ),
    ],
)
@pytest.mark.parametrize("empty", [False, True], ids=["absent", "empty"])
def test_what_may_be_left_out_is_filled_in(keep, pixels, missing, empty):
    bits = 12 if pixels.dtype == np.uint16 else 8
    path = keep(pixels, BitsStored=bits, **spanning(bits))
    dataset = pydicom.dcmread(path)
    for keyword in missing:
        dataset[keyword].value = None
        if not empty:
            del dataset[keyword]
    dataset.save_as(path)
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)


@pytest.mark.parametrize(
    ("keyword", "name"),
    [
        ("Rows", r"Rows \(0028,0010\)"),
        ("Columns", r"Columns \(0028,0011\)"),
        ("BitsAllocated", r"Bits Allocated \(0028,0100\)"),
        ("PhotometricInterpretation", r"Photometric Interpretation \(0028,0004\)"),
    ],
)
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_the_reason_names_what_must_not_be_left_out(keep, keyword, name, value):
    path = keep(stored(), **{keyword: value})
    assert open_image(image_file(path)).identifiers.patient_id == "P-17"
    with refusal(UnreadableImageError, match=f"lacks {name}"):
        read_radiograph(image_file(path))


def grouped(**macros):
    """Return an item of functional groups: each macro with its attributes."""
    item = Dataset()
    for keyword, elements in macros.items():
        macro = Dataset()
        for each, value in elements.items():
            setattr(macro, each, value)
        setattr(item, keyword, [macro])
    return item


@pytest.mark.parametrize("groups", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"])
@pytest.mark.parametrize(
    "macros",
    [
        pytest.param({"FrameVOILUTSequence": {"WindowCenter": 1000, "WindowWidth": 500}}, id="window"),
        pytest.param(
            {
                "PixelValueTransformationSequence": {"RescaleSlope": 2, "RescaleIntercept": -100},
                "FrameVOILUTSequence": {"WindowCenter": 1900, "WindowWidth": 999},
            },
            id="rescaled",
        ),
        pytest.param(
            {
                "FrameVOILUTSequence": {
                    "WindowCenter": 1000,
                    "WindowWidth": 500,
                    "VOILUTFunction": "LINEAR_EXACT",
                }
            },
            id="linear exact",
        ),
        pytest.param({"FrameVOILUTSequence": voi_lut(np.arange(4096) // 2, bits=12)}, id="VOI LUT"),
    ],
)
def test_window_and_rescale_of_a_functional_group_count(keep, groups, macros):
    outside = {keyword: value for macro in macros.values() for keyword, value in macro.items()}
    plain = shown(keep(stored(), name="plain.dcm", **outside))
    np.testing.assert_array_equal(shown(keep(stored(), **{groups: [grouped(**macros)]})), plain)


def test_what_the_image_itself_says_outweighs_its_functional_groups(keep):
    item = grouped(FrameVOILUTSequence={"WindowCenter": 10, "WindowWidth": 5})
    path = keep(stored(), SharedFunctionalGroupsSequence=[item], **spanning())
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)


def test_empty_functional_groups_are_none(keep):
    path = keep(
        stored(),
        SharedFunctionalGroupsSequence=[Dataset()],
        PerFrameFunctionalGroupsSequence=[],
        **spanning(),
    )
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("62", "062Y"),
        ("62 Y", "062Y"),
        ("0062", "062Y"),
        ("062Y", "062Y"),
        ("62Y", "062Y"),
        ("62y", "062Y"),
        ("62YEARS", "062Y"),
        ("62 years", "062Y"),
        ("62 YRS.", "062Y"),
        ("62YR", "062Y"),
        ("62.0", "062Y"),
        ("062 Y", "062Y"),
        ("0062Y", "062Y"),
        ("7 MONTHS", "007M"),
        ("7M", "007M"),
        ("18 mo", "018M"),
        ("3 Weeks", "003W"),
        ("12 days", "012D"),
        ("0Y", "000Y"),
        ("999Y", ""),
        ("old", "081Y"),  # no age: that of the dates
        ("", "081Y"),
        ("62 X", "081Y"),
    ],
)
def test_an_age_is_read_however_it_is_spelt(make_dicom, written, told):
    with warnings.catch_warnings(action="ignore"):
        path = make_dicom(GREY, PatientAge=written)
    assert open_dicom(path).identifiers.patient_age == told


def test_explain_shows_the_transfer_syntax(make_dicom):
    attributes = dict(open_image(image_file(make_dicom(GREY))).attributes())
    assert attributes["TransferSyntaxUID"] == "1.2.840.10008.1.2.1"


def test_a_header_that_was_filled_in_stays_as_it_is_in_the_file(keep):
    path = keep(stored(), PixelRepresentation=None, **spanning())
    dataset = open_dicom(path).dataset
    shown(path)
    assert "PixelRepresentation" not in dataset
    assert "PixelRepresentation" not in pydicom.dcmread(path)
