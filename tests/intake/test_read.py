import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless

from screener.domain import FileKind, Identifiers
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake import open_image, pixel_digest, read_radiograph
from tests.intake.radiographs import GREY, WEDGE, image_file
from tests.reasons import refusal


def test_a_png_is_a_radiograph_without_identifiers(make_png):
    radiograph = read_radiograph(image_file(make_png(GREY), FileKind.PNG))
    assert radiograph.identifiers == Identifiers()
    np.testing.assert_array_equal(radiograph.pixels, GREY)


def test_a_dicom_image_carries_its_identifiers(make_dicom):
    radiograph = read_radiograph(image_file(make_dicom(GREY, WindowCenter=128, WindowWidth=256)))
    assert radiograph.identifiers.accession_number == "A-4"
    np.testing.assert_array_equal(radiograph.pixels, GREY)


def test_a_refused_image_can_still_be_named(make_dicom):
    opened = open_image(image_file(make_dicom(GREY, Modality="CT")))
    assert opened.identifiers.study_instance_uid
    with refusal(IneligibleImageError, match="is CT"):
        opened.radiograph()


def test_an_ineligible_image_is_refused_before_its_pixels_are_decoded(make_dicom):
    path = make_dicom(GREY, ViewPosition="LL", Rows=60_000)
    with refusal(IneligibleImageError, match="is LL"):
        read_radiograph(image_file(path))


@pytest.mark.parametrize("side", [127, 32_768])
def test_an_image_of_no_possible_size_is_ineligible(make_png, side):
    radiograph = np.zeros((130, side), dtype=np.uint8)
    radiograph[0] = 200
    with refusal(IneligibleImageError, match=f"{side} × 130 pixels"):
        read_radiograph(image_file(make_png(radiograph), FileKind.PNG))


def test_attributes_tell_what_decided_and_not_who_it_is(make_dicom):
    told = dict(open_image(image_file(make_dicom(GREY, WindowCenter="128", WindowWidth="256"))).attributes())
    assert (told["Modality"], told["WindowCenter"]) == ("DX", "128")
    text = str(told)
    for identifying in ("Secretname", "P-17", "A-4", "19440131", "20251121"):
        assert identifying not in text


def test_a_png_has_no_attributes(make_png):
    assert open_image(image_file(make_png(GREY), FileKind.PNG)).attributes() == []


def test_a_copy_has_the_digest_of_its_original_whatever_its_syntax(make_dicom):
    one, other = (
        read_radiograph(image_file(path)).pixels
        for path in (make_dicom(WEDGE), make_dicom(WEDGE, name="b.dcm", syntax=JPEG2000Lossless))
    )
    assert pixel_digest(one) == pixel_digest(other)


def test_a_digest_tells_pictures_and_shapes_apart():
    radiograph = np.arange(64, dtype=np.uint8).reshape(8, 8)
    assert (
        len({pixel_digest(each) for each in (radiograph, radiograph.reshape(4, 16), 255 - radiograph)}) == 3
    )


def test_a_file_that_has_gone_fails(tmp_path):
    with refusal(UnreadableImageError, match="cannot be opened"):
        open_image(image_file(tmp_path / "gone.dcm"))
