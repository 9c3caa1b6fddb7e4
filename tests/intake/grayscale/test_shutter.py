"""What a display shutter covers is black, and sets no window."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.intake.encodings import RADIOGRAPH, spanning, stored
from tests.intake.radiographs import GREY, shown

ROWS, COLUMNS = RADIOGRAPH.shape
EDGES = {
    "ShutterUpperHorizontalEdge": 21,
    "ShutterLowerHorizontalEdge": 200,
    "ShutterLeftVerticalEdge": 31,
    "ShutterRightVerticalEdge": 190,
}
Y, X = np.mgrid[1 : ROWS + 1, 1 : COLUMNS + 1]
RECTANGLE = (Y >= 21) & (Y <= 200) & (X >= 31) & (X <= 190)
CIRCLE = (Y - 128) ** 2 + (X - 120) ** 2 <= 90**2
BRIGHT = np.maximum(stored(), 800)  # an image without black, so that what is covered shows


def circle(radius=90):
    return {
        "ShutterShape": "CIRCULAR",
        "CenterOfCircularShutter": [128, 120],
        "RadiusOfCircularShutter": radius,
    }


@pytest.mark.parametrize(
    ("shutter", "opened"),
    [
        pytest.param({"ShutterShape": "RECTANGULAR", **EDGES}, RECTANGLE, id="rectangle"),
        pytest.param({"ShutterShape": "rectangular", **EDGES}, RECTANGLE, id="in lower case"),
        pytest.param(circle(), CIRCLE, id="circle"),
        pytest.param(
            {
                "ShutterShape": "POLYGONAL",
                "VerticesOfThePolygonalShutter": [21, 31, 21, 190, 200, 190, 200, 31],
            },
            RECTANGLE,
            id="polygon",
        ),
        pytest.param(
            {**circle(), **EDGES, "ShutterShape": ["RECTANGULAR", "CIRCULAR"]}, RECTANGLE & CIRCLE, id="both"
        ),
        pytest.param({"ShutterShape": "BITMAP"}, RECTANGLE | True, id="one that no header holds"),
        pytest.param({"ShutterShape": "RECTANGULAR"}, RECTANGLE | True, id="without edges"),
        pytest.param({"ShutterShape": "CIRCULAR"}, RECTANGLE | True, id="without a centre"),
        pytest.param(
            {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 2]},
            RECTANGLE | True,
            id="a point",
        ),
        pytest.param(circle(0), RECTANGLE | True, id="shut"),
        pytest.param(circle(5000), RECTANGLE | True, id="wide open"),
        pytest.param(
            {"ShutterShape": "RECTANGULAR", **dict.fromkeys(EDGES, 900)},
            RECTANGLE | True,
            id="beside the image",
        ),
    ],
)
@pytest.mark.parametrize("inverted", [False, True], ids=["MONOCHROME2", "MONOCHROME1"])
def test_what_a_shutter_covers_is_black(keep, shutter, opened, inverted):
    elements = {"PhotometricInterpretation": "MONOCHROME1"} if inverted else {}
    plain = shown(keep(BRIGHT, name="plain.dcm", **spanning(), **elements))
    covered = shown(keep(BRIGHT, **spanning(), **shutter, **elements))
    np.testing.assert_array_equal(covered[opened], plain[opened])
    assert not covered[~opened].any()


def test_what_is_covered_sets_no_black_and_white(keep):
    """Percentiles and the check of a window are those of the open field."""
    glare = BRIGHT.copy()
    glare[~RECTANGLE] = 4095
    inside = BRIGHT[20:200, 30:190]
    path = keep(glare, ShutterShape="RECTANGULAR", **EDGES)
    np.testing.assert_array_equal(shown(path)[20:200, 30:190], shown(keep(inside, name="inside.dcm")))


def test_a_colour_capture_is_covered_too(keep):
    path = keep(np.dstack([GREY] * 3), BitsStored=8, ShutterShape="RECTANGULAR", **EDGES)
    np.testing.assert_array_equal(shown(path)[20:200, 30:190], GREY[20:200, 30:190])
    assert not shown(path)[:20].any()


def test_the_shutter_of_a_functional_group_counts(keep):
    item, macro = Dataset(), Dataset()
    macro.ShutterShape = "RECTANGULAR"
    for keyword, value in EDGES.items():
        setattr(macro, keyword, value)
    item.FrameDisplayShutterSequence = [macro]
    path = keep(BRIGHT, SharedFunctionalGroupsSequence=[item], **spanning())
    assert not shown(path)[~RECTANGLE].any()
    assert shown(path)[RECTANGLE].all()
