"""What Screener wrote is never screened, however much an archive or an anonymiser changed of it."""

from dataclasses import replace

import pytest

from screener import own_marks
from screener.errors import IneligibleImageError
from screener.intake import read_radiograph
from screener.intake.dicom.eligibility import check_header
from screener.intake.dicom.header import header_of
from screener.intake.dicom.open import open_dicom
from tests.intake.dicom.test_eligibility import PLAIN
from tests.intake.radiographs import GREY, image_file
from tests.reasons import refusal

OWN = "a result of Screener itself"


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param({"InstanceCreatorUID": own_marks.CREATOR_UID}, id="creator, which archives keep"),
        pytest.param(
            {"ImageType": ["DERIVED", "SECONDARY", "", own_marks.IMAGE_TYPE]},
            id="image type, which anonymisers keep",
        ),
    ],
)
def test_a_picture_with_any_mark_of_ours_is_refused_whatever_else_its_tags_say(make_dicom, mark):
    path = make_dicom(GREY, **mark)
    with refusal(IneligibleImageError, OWN):
        read_radiograph(image_file(path))


def test_a_result_as_it_was_written_is_known_by_the_file_meta_group(make_dicom):
    dataset = open_dicom(make_dicom(GREY)).dataset
    dataset.file_meta.ImplementationVersionName = own_marks.RESULT_VERSION_NAME
    assert header_of(dataset).own_result
    dataset.file_meta.ImplementationVersionName = "SCREENER_IN"  # an image that came through 'receive'
    assert not header_of(dataset).own_result


def test_an_own_report_is_called_that_and_not_only_no_radiograph():
    report = replace(PLAIN, sop_class_uid="1.2.840.10008.5.1.4.1.1.88.34", modality="SR", own_result=True)
    with refusal(IneligibleImageError, OWN):
        check_header(report)


@pytest.mark.parametrize("image_type", [["ORIGINAL", "PRIMARY"], ["DERIVED", "PRIMARY", "SCREENER"]])
def test_an_image_without_our_marks_is_no_result_of_ours(make_dicom, image_type):
    assert not open_dicom(make_dicom(GREY, ImageType=image_type)).header.own_result
