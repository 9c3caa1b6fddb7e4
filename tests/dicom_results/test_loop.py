"""What publish makes comes back with its study, and is never screened: real objects, and copies of them."""

import io

import numpy as np
import pydicom
import pytest

from screener.dicom_results.capture import make_capture
from screener.dicom_results.pdf import make_pdf
from screener.dicom_results.presentation import make_presentation
from screener.dicom_results.rejection import Stored, make_withdrawal
from screener.dicom_results.report import make_report
from screener.domain import ImageFile, ShownMap
from screener.errors import IneligibleImageError
from screener.intake import look_at, read_radiograph
from screener.outputs.capture_picture import capture_picture
from screener.outputs.page_picture import page_picture
from tests.dicom_results.results import STUDY, headers_of, sop, study_result

_GREY = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
_CELLS = np.eye(7, dtype=np.float32)


@pytest.fixture(scope="module")
def objects(tmp_path_factory) -> dict[str, bytes]:
    """One object of every kind that publish makes."""
    result, headers = study_result(), headers_of(tmp_path_factory.mktemp("loop"))
    picture = capture_picture(page_picture(_GREY, full=True, shown=ShownMap(_CELLS, True)), ("FLAGGED",))
    report = make_report(result, headers)
    stored = [Stored(report.sop_class_uid, report.sop_uid, report.series_uid)]
    made = {
        "sr": report,
        "pdf": make_pdf(result, headers),
        "sc": make_capture(result, headers, picture),
        "gsps": make_presentation(result, headers, (((0.1, 0.1), (0.2, 0.1), (0.2, 0.2)),)),
        "withdrawal": make_withdrawal(STUDY, stored, headers[sop("a")], result.analysed, "Withdrawn."),
    }
    return {kind: each.content for kind, each in made.items()}


def why_not_screened(folder, content: bytes) -> str:
    path = folder / "came_back.dcm"
    path.write_bytes(content)
    found = look_at(path, path.name)
    assert isinstance(found, ImageFile)
    with pytest.raises(IneligibleImageError) as caught:
        read_radiograph(found)
    return caught.value.reason.code.value


@pytest.mark.parametrize("kind", ["sr", "pdf", "sc", "gsps", "withdrawal"])
def test_an_object_that_comes_back_is_known_as_our_own(objects, tmp_path, kind):
    assert why_not_screened(tmp_path, objects[kind]) == "own_result"


@pytest.mark.parametrize("kind", ["sr", "pdf", "sc", "gsps", "withdrawal"])
def test_so_is_one_whose_file_meta_group_the_archive_wrote_anew(objects, tmp_path, kind):
    dataset = pydicom.dcmread(io.BytesIO(objects[kind]))
    dataset.file_meta.ImplementationVersionName = "ARCHIVE_1"
    dataset.file_meta.ImplementationClassUID = "1.2.3"
    assert why_not_screened(tmp_path, _written(dataset)) == "own_result"


@pytest.mark.parametrize(
    ("keeps_type", "code"), [(True, "own_result"), (False, "derived_capture")], ids=["kept", "cut"]
)
def test_so_is_a_capture_that_was_anonymised(objects, tmp_path, keeps_type, code):
    dataset = pydicom.dcmread(io.BytesIO(objects["sc"]))
    dataset.file_meta.ImplementationVersionName = "ANONYMISER"
    for keyword in ("InstanceCreatorUID", "SeriesDescription", "Manufacturer", "ManufacturerModelName"):
        del dataset[keyword]
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        setattr(dataset, keyword, "1.2.3")
    if not keeps_type:
        dataset.ImageType = dataset.ImageType[:2]
    assert why_not_screened(tmp_path, _written(dataset)) == code


def _written(dataset: pydicom.Dataset) -> bytes:
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()
