"""Images stored flipped, mirrored, turned or squeezed are shown upright, the right way round and square."""

import warnings

import cv2
import numpy as np
import pytest
from pydicom.dataset import Dataset

from screener.domain import PreprocessingSpec
from screener.errors import IneligibleImageError
from screener.intake import open_image, pixel_digest, read_radiograph
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from screener.intake.grayscale.geometry import Geometry, geometry_of
from screener.preprocessing.clahe import preprocess
from tests.intake.encodings import RADIOGRAPH, spanning, stored
from tests.intake.radiographs import image_file, shown
from tests.reasons import noted, refusal

STORED = stored()


@pytest.mark.parametrize(
    ("orientation", "as_stored"),
    [
        pytest.param(["L", "F"], lambda radiograph: radiograph, id="as it is shown"),
        pytest.param(["R", "F"], lambda radiograph: radiograph[:, ::-1], id="mirrored"),
        pytest.param(["L", "H"], lambda radiograph: radiograph[::-1], id="flipped"),
        pytest.param(["R", "H"], lambda radiograph: radiograph[::-1, ::-1], id="upside down"),
        pytest.param(["F", "L"], lambda radiograph: radiograph.T, id="transposed"),
        pytest.param(["F", "R"], lambda radiograph: np.rot90(radiograph, 1, (0, 1)), id="a quarter turn"),
        pytest.param(
            ["H", "L"], lambda radiograph: np.rot90(radiograph, -1, (0, 1)), id="a quarter turn back"
        ),
        pytest.param(["H", "R"], lambda radiograph: radiograph.T[::-1, ::-1], id="transposed the other way"),
        pytest.param(["RF", "FL"], lambda radiograph: radiograph[:, ::-1], id="mirrored, a little oblique"),
        pytest.param(["l", "h"], lambda radiograph: radiograph[::-1], id="flipped, in lower case"),
        pytest.param(["L", "R"], lambda radiograph: radiograph, id="both along the same axis"),
        pytest.param(["L"], lambda radiograph: radiograph, id="one value"),
        pytest.param(["", ""], lambda radiograph: radiograph, id="two empty values"),
        pytest.param(["X", "F"], lambda radiograph: radiograph, id="no direction"),
    ],
)
def test_an_image_is_shown_with_its_rows_to_the_patients_left_and_its_columns_to_the_feet(
    keep, orientation, as_stored
):
    pixels = np.ascontiguousarray(as_stored(STORED))
    path = keep(pixels, PatientOrientation=orientation, **spanning())
    radiograph = display(open_dicom(path).dataset)
    plain = shown(keep(STORED, name="plain.dcm", **spanning()))
    np.testing.assert_array_equal(radiograph.pixels, plain)
    told = noted(radiograph.notes) == ("turned as Patient Orientation says",)
    assert told is not np.array_equal(pixels, STORED)


@pytest.mark.parametrize("written", ["R/F", "r\\f", " R \\ F ", "r , f", "R F", "RIGHT\\FOOT"])
def test_an_orientation_is_read_however_it_is_written(written):
    header = Dataset()
    with warnings.catch_warnings(action="ignore"):
        header.PatientOrientation = written
    assert geometry_of(header) == Geometry(mirrored=True)


def test_turned_copies_are_one_image(keep):
    flipped = keep(STORED[::-1].copy(), name="flipped.dcm", PatientOrientation=["L", "H"], **spanning())
    turned = keep(STORED.T.copy(), name="turned.dcm", PatientOrientation=["F", "L"], **spanning())
    digests = set()
    for path in (flipped, turned, keep(STORED, **spanning())):
        image = open_image(image_file(path))
        digests.add(image.digest(image.radiograph().pixels))
    assert digests == {pixel_digest(RADIOGRAPH)}


@pytest.mark.parametrize("orientation", [["A", "F"], ["P", "F"], ["F", "A"], ["H", "P"], ["PF", "FA"]])
def test_an_image_whose_rows_or_columns_run_front_to_back_is_lateral(keep, orientation):
    path = keep(STORED, ViewPosition="", PatientOrientation=orientation, **spanning())
    with refusal(IneligibleImageError, match="only frontal views"):
        read_radiograph(image_file(path))


LARGE = cv2.resize(RADIOGRAPH, (1440, 1536), interpolation=cv2.INTER_CUBIC).astype(np.uint16) * 16
SQUEEZED = {
    "narrow": (cv2.resize(LARGE, (960, 1536), interpolation=cv2.INTER_AREA), (2, 3)),
    "low": (cv2.resize(LARGE, (1440, 768), interpolation=cv2.INTER_AREA), (2, 1)),
}


@pytest.mark.parametrize("squeezed", SQUEEZED)
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(lambda high, wide: {"PixelAspectRatio": [high, wide]}, id="Pixel Aspect Ratio"),
        pytest.param(lambda high, wide: {"PixelSpacing": [high / 10, wide / 10]}, id="Pixel Spacing"),
        pytest.param(
            lambda high, wide: {"ImagerPixelSpacing": [high / 10, wide / 10]}, id="Imager Pixel Spacing"
        ),
        pytest.param(
            lambda high, wide: {"NominalScannedPixelSpacing": [high / 10, wide / 10]}, id="scanned image"
        ),
        pytest.param(
            lambda high, wide: {"PixelSpacing": "", "PixelAspectRatio": [high, wide]}, id="an empty spacing"
        ),
    ],
)
def test_pixels_that_are_no_squares_are_shown_square(keep, squeezed, said):
    pixels, (high, wide) = SQUEEZED[squeezed]
    path = keep(pixels, **said(high, wide), **spanning())
    square = shown(keep(LARGE, name="square.dcm", **spanning()))
    radiograph = shown(path)
    assert radiograph.shape == square.shape
    assert np.abs(radiograph.astype(int) - square).mean() < 1
    seen, expected = (preprocess(each, PreprocessingSpec()).astype(int) for each in (radiograph, square))
    stretched = preprocess(shown(keep(pixels, name="as stored.dcm", **spanning())), PreprocessingSpec())
    assert np.abs(seen - expected).mean() < 1.5  # grey levels
    assert np.abs(seen - expected).mean() <= np.abs(stretched.astype(int) - expected).mean() + 0.2


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"PixelSpacing": [0.143, 0.1435]}, id="measured badly"),
        pytest.param(
            {"PixelSpacing": [0.2, 0.2], "PixelAspectRatio": [2, 3]}, id="a spacing outweighs a ratio"
        ),
        pytest.param({"PixelAspectRatio": [1, 1]}, id="square"),
        pytest.param({"PixelAspectRatio": [0, 3]}, id="no height"),
        pytest.param({"PixelAspectRatio": [-2, 3]}, id="negative"),
        pytest.param({"PixelAspectRatio": [1, 100]}, id="no detector"),
        pytest.param({"PixelAspectRatio": [2]}, id="one value"),
        pytest.param({"PixelSpacing": "nan\\1"}, id="no number"),
    ],
)
def test_pixels_that_are_square_or_nobody_knows_stay_as_they_are(keep, elements):
    np.testing.assert_array_equal(shown(keep(STORED, **elements, **spanning())), RADIOGRAPH)


def test_a_squeezed_image_that_lies_on_its_side_is_drawn_out_before_it_is_turned(keep):
    pixels, ratio = SQUEEZED["narrow"]
    path = keep(
        pixels.T.copy(), PatientOrientation=["F", "L"], PixelAspectRatio=list(ratio[::-1]), **spanning()
    )
    assert shown(path).shape == LARGE.shape


def test_the_orientation_and_spacing_of_a_functional_group_count(keep):
    item, orientation, measures = Dataset(), Dataset(), Dataset()
    orientation.PatientOrientation = ["L", "H"]
    measures.PixelSpacing = [0.2, 0.1]
    item.PatientOrientationInFrameSequence = [orientation]
    item.PixelMeasuresSequence = [measures]
    path = keep(STORED[::-1].copy(), PerFrameFunctionalGroupsSequence=[item], **spanning())
    assert shown(path).shape == (2 * RADIOGRAPH.shape[0], RADIOGRAPH.shape[1])
    assert shown(path)[1::2].mean(axis=1).argmax() == pytest.approx(RADIOGRAPH.mean(axis=1).argmax(), abs=1)
