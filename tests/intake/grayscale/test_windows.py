"""Windows as machines write them: their function in odd spelling, their halves in two places."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from tests.intake.encodings import RADIOGRAPH, spanning, stored, voi_lut
from tests.reasons import noted

GROUPS = ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"]
BESIDE = {"WindowCenter": 300, "WindowWidth": 100}  # a window that shows a part of the image


def item(**elements):
    found = Dataset()
    for keyword, value in elements.items():
        setattr(found, keyword, value)
    return found


def group(macro, **elements):
    return item(**{macro: [item(**elements)]})


@pytest.fixture
def seen(make_dicom):
    """Return what an image with some elements shows, and the notes."""

    def seen(pixels=None, **elements):
        dataset = open_dicom(make_dicom(stored() if pixels is None else pixels)).dataset
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
        found = display(dataset)
        return found.pixels.astype(int), noted(found.notes)

    return seen


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (None, "LINEAR"),
        ("", "LINEAR"),
        ("NONE", "LINEAR"),
        ("IDENTITY", "LINEAR"),
        ("linear", "LINEAR"),
        (["LINEAR", "SIGMOID"], "LINEAR"),
        ("LINEAR EXACT", "LINEAR_EXACT"),
        ("Linear-Exact", "LINEAR_EXACT"),
        ("LINEAREXACT", "LINEAR_EXACT"),
        ("sigmoid ", "SIGMOID"),
        (["SIGMOID", "LINEAR"], "SIGMOID"),
    ],
)
def test_a_voi_lut_function_costs_no_window(seen, written, meant):
    window = {"WindowCenter": 1000, "WindowWidth": 800}
    found, notes = seen(VOILUTFunction=written, **window)
    np.testing.assert_array_equal(found, seen(VOILUTFunction=meant, **window)[0])
    assert notes == ()


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("half", ["WindowCenter", "WindowWidth"])
@pytest.mark.parametrize("empty", [False, True])
def test_half_a_window_is_not_joined_with_that_of_a_group(seen, groups, half, empty):
    """The group has a whole one: that is shown."""
    other = next(each for each in BESIDE if each != half)
    top = {half: BESIDE[half], **({other: None} if empty else {})}
    found, notes = seen(**top, **{groups: [group("FrameVOILUTSequence", **spanning())]})
    assert np.abs(found - RADIOGRAPH).max() <= 1
    assert notes == ()


@pytest.mark.parametrize("half", ["WindowCenter", "WindowWidth"])
def test_two_halves_are_no_window(seen, half):
    whole = spanning()
    other = next(each for each in whole if each != half)
    groups = [group("FrameVOILUTSequence", **{other: whole[other]})]
    found, _ = seen(**{half: BESIDE[half]}, SharedFunctionalGroupsSequence=groups)
    np.testing.assert_array_equal(found, seen()[0])


def test_halves_in_the_two_groups_are_no_window(seen):
    groups = [[group("FrameVOILUTSequence", **{half: BESIDE[half]})] for half in BESIDE]
    found, _ = seen(**dict(zip(GROUPS, groups, strict=True)))
    np.testing.assert_array_equal(found, seen()[0])


@pytest.mark.parametrize("groups", GROUPS)
def test_a_whole_window_takes_nothing_from_a_group(seen, groups):
    squared = 4095 - np.arange(4096)
    macro = {**BESIDE, "VOILUTFunction": "SIGMOID", **voi_lut(squared, bits=12)}
    found, _ = seen(**spanning(), **{groups: [group("FrameVOILUTSequence", **macro)]})
    assert np.abs(found - RADIOGRAPH).max() <= 1


def test_a_window_brings_its_function_from_its_group(seen):
    window = {"WindowCenter": 1000, "WindowWidth": 800}
    macro = group("FrameVOILUTSequence", VOILUTFunction="SIGMOID", **window)
    found, _ = seen(VOILUTFunction="LINEAR_EXACT", SharedFunctionalGroupsSequence=[macro])
    np.testing.assert_array_equal(found, seen(VOILUTFunction="SIGMOID", **window)[0])


@pytest.mark.parametrize(
    "half", [{"RescaleSlope": 7}, {"RescaleIntercept": -999}], ids=["slope", "intercept"]
)
def test_half_a_rescale_is_not_joined_with_that_of_a_group(seen, half):
    macro = group("PixelValueTransformationSequence", RescaleSlope=2, RescaleIntercept=100)
    window = {"WindowCenter": 4196, "WindowWidth": 8192}
    found, _ = seen(**half, **window, SharedFunctionalGroupsSequence=[macro])
    assert np.abs(found - RADIOGRAPH).max() <= 1


@pytest.mark.parametrize("slope", [0, None, ""])
def test_a_slope_that_is_none_costs_no_window(seen, slope):
    found, notes = seen(RescaleSlope=slope, RescaleIntercept=0, **spanning())
    assert np.abs(found - RADIOGRAPH).max() <= 1
    assert notes == ()
