"""A file's study is told from its header alone, and as the whole file tells it."""

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from screener.domain import FileKind, ImageFile
from screener.intake import read_study_uid
from tests.conftest import CHEST

PIXELS = np.arange(64 * 48, dtype=np.uint16).reshape(64, 48)


def study_of(path):
    return read_study_uid(ImageFile(path, path.name, FileKind.DICOM))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="plain"),
        pytest.param({"preamble": False}, id="without preamble"),
        pytest.param({"syntax": DeflatedExplicitVRLittleEndian}, id="deflated"),
        pytest.param({"syntax": ExplicitVRBigEndian}, id="big endian"),
    ],
)
def test_a_study_is_told_from_the_header(make_dicom, options):
    assert study_of(make_dicom(PIXELS, **options)) == CHEST["StudyInstanceUID"]


def test_a_study_is_told_without_the_pixels(make_dicom):
    path = make_dicom(PIXELS)
    path.write_bytes(path.read_bytes()[: -PIXELS.nbytes // 2])
    assert study_of(path) == CHEST["StudyInstanceUID"]


def test_a_uid_that_stands_behind_the_pixels_is_found(make_dicom):
    path = make_dicom(PIXELS, StudyInstanceUID=None)
    uid = b"1.2.3\0"
    path.write_bytes(path.read_bytes() + b"\x20\x00\x0d\x00UI" + len(uid).to_bytes(2, "little") + uid)
    assert study_of(path) == "1.2.3"


def test_a_damaged_file_has_no_study_and_one_that_cannot_be_opened_may_have_any(make_dicom, tmp_path):
    path = make_dicom(PIXELS, StudyInstanceUID=None)
    assert study_of(path) == ""
    path.write_bytes(path.read_bytes()[:200])
    assert study_of(path) == ""
    assert study_of(tmp_path / "gone.dcm") is None
