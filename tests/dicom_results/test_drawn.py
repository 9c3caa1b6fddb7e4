"""Where the map points, as a captured picture and as a presentation state: valid and always the same."""

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image

from screener import own_marks
from screener.dicom_results.capture import make_capture
from screener.dicom_results.presentation import can_present, make_presentation
from screener.domain import ShownMap
from screener.outputs.capture_picture import capture_picture
from screener.outputs.outline import outlines
from screener.outputs.page_picture import page_picture
from tests.dicom_results.results import STUDY, complaints, headers_of, read_back, sop, study_result

SAID = ("FLAGGED for early reading.", "RESEARCH, NOT FOR CLINICAL USE.")
TRIANGLE = ((0.25, 0.25), (0.75, 0.25), (0.5, 0.5))
GREY = np.tile(np.linspace(0, 255, 400, dtype=np.uint8), (500, 1))


def cells_with(row: int, column: int) -> np.ndarray:
    cells = np.full((7, 7), -0.1, np.float32)
    cells[row, column] = 0.4
    return cells


@pytest.fixture
def capture(tmp_path):
    """Return what makes the capture of an image, with or without a map."""

    def make(shown: ShownMap | None = None, **tags):
        picture = capture_picture(page_picture(GREY, full=True, shown=shown), SAID)
        return make_capture(study_result(), headers_of(tmp_path, **tags), picture)

    return make


def test_a_capture_breaks_no_rule_of_its_iod_and_is_always_the_same_bytes(capture, tmp_path):
    made = capture(ShownMap(cells_with(2, 2), True))
    assert complaints(made.content, tmp_path) == []
    assert made == capture(ShownMap(cells_with(2, 2), True))
    assert made.sop_uid != capture(ShownMap(cells_with(4, 4), True)).sop_uid


def test_a_capture_is_known_for_no_radiograph_and_holds_no_identifier_in_its_picture(capture):
    read = read_back(capture().content)
    assert (read.Modality, list(read.ImageType)) == ("OT", ["DERIVED", "SECONDARY", "", own_marks.IMAGE_TYPE])
    assert (read.StudyInstanceUID, read.BurnedInAnnotation) == (STUDY, "NO")
    assert read.SourceImageSequence[0].ReferencedSOPInstanceUID == sop("a")
    assert "NOT FOR CLINICAL USE" in read.SeriesDescription


def test_the_bar_stands_above_the_picture_and_hides_nothing_of_it(capture):
    read = read_back(capture().content)
    assert (read.Columns, read.Rows > 500) == (400, True)
    shown = np.asarray(Image.open(BytesIO(pydicom.encaps.get_frame(read.PixelData, 0))).convert("RGB"), int)
    bar, picture = shown[: read.Rows - 500], shown[read.Rows - 500 :]
    assert np.abs(picture - GREY[..., np.newaxis]).max() < 12
    assert bar.max() > 200  # letters
    assert (bar[:, :3].mean(axis=(0, 1)) > (80, 0, 0)).all()


def test_a_capture_is_coloured_where_the_map_points(capture):
    def colour(shown: ShownMap) -> np.ndarray:
        read = read_back(capture(shown).content)
        frame = Image.open(BytesIO(pydicom.encaps.get_frame(read.PixelData, 0))).convert("RGB")
        picture = np.asarray(frame, int)[read.Rows - 500 :]
        return picture.max(axis=2) - picture.min(axis=2)

    found = colour(ShownMap(cells_with(1, 5), True))
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert (row // (500 / 7), column // (400 / 7)) == (1, 5)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"PhotometricInterpretation": "MONOCHROME1", "WindowCenter": 64, "WindowWidth": 128},
        {"RescaleSlope": 2, "RescaleIntercept": -10, "PixelSpacing": [0.2, 0.1]},
        {"PatientName": "Yamada^Tarou=山田^太郎", "SpecificCharacterSet": "ISO_IR 192"},
    ],
    ids=["plain", "inverse, with a window", "rescaled", "Japanese"],
)
@pytest.mark.parametrize("lines", [(), (TRIANGLE,)], ids=["words", "outline"])
def test_a_state_breaks_no_rule_of_its_iod_and_is_always_the_same_bytes(tmp_path, tags, lines):
    headers = headers_of(tmp_path, **tags)
    made = make_presentation(study_result(), headers, lines)
    assert complaints(made.content, tmp_path) == []
    assert made == make_presentation(study_result(), headers, lines)


def test_a_state_keeps_the_greys_of_its_image_as_dcmtk_renders_it(tmp_path):
    if shutil.which("dcmp2pgm") is None:
        pytest.skip("dcmp2pgm absent (Debian: apt install dcmtk)")
    headers = headers_of(tmp_path, WindowCenter=32, WindowWidth=64)
    state = make_presentation(study_result(), headers, (TRIANGLE,))
    (tmp_path / "state.dcm").write_bytes(state.content)
    command = ["dcmp2pgm", "-p", tmp_path / "state.dcm", tmp_path / "a.dcm", tmp_path / "shown.pgm"]
    subprocess.run(command, check=True, capture_output=True)
    row = np.asarray(Image.open(tmp_path / "shown.pgm"))[64]
    assert (row[0], row[127]) == (0, 255)
    assert list(row) == sorted(row)
    assert (row[70:] == 255).all()  # above the window


def test_an_outline_is_closed_and_lies_where_the_image_has_it(tmp_path):
    state = read_back(make_presentation(study_result(), headers_of(tmp_path), (TRIANGLE,)).content)
    [line] = state.GraphicAnnotationSequence[0].GraphicObjectSequence
    assert list(line.GraphicData) == [33, 33, 97, 33, 65, 65, 33, 33]  # of 128 pixels, the first is 1
    assert (line.NumberOfGraphicPoints, line.GraphicType, line.GraphicFilled) == (4, "POLYLINE", "N")


def test_a_state_says_that_it_is_research_and_what_was_found(tmp_path):
    image = replace(study_result().images[0], brief=SAID)
    state = read_back(make_presentation(study_result(image), headers_of(tmp_path), ()).content)
    said = state.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue
    assert all(each in said for each in SAID)
    assert "GraphicObjectSequence" not in state.GraphicAnnotationSequence[0]
    assert state.ContentLabel == "SCREENER_AI_RSCH"


@pytest.mark.parametrize("tags", [{"Rows": None}, {"PhotometricInterpretation": None}], ids=str)
def test_an_image_whose_size_or_greys_are_not_known_gets_no_state(tmp_path, tags):
    headers = headers_of(tmp_path)
    assert can_present(headers[sop("a")])
    for keyword in tags:
        del headers[sop("a")].dataset[keyword]
    assert not can_present(headers[sop("a")])


def test_an_outline_surrounds_what_reaches_half_of_the_maximum():
    [line] = outlines(cells_with(1, 5))
    across, down = zip(*line, strict=True)
    assert (min(across), max(across)) == pytest.approx((5 / 7, 6 / 7), abs=0.02)
    assert (min(down), max(down)) == pytest.approx((1 / 7, 2 / 7), abs=0.02)


def test_a_map_that_is_nowhere_above_zero_has_no_outline():
    assert outlines(np.full((7, 7), -0.1, np.float32)) == ()
