"""Whatever a header says and however large an image is: a picture, or an error of ours."""

import contextlib

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener.errors import ImageError
from screener.intake import open_image
from tests.intake.radiographs import image_file, shown

ANY_TEXT = st.text(st.characters(codec="ascii", exclude_characters="\\"), max_size=16)
WORDS = st.sampled_from(["", "CHEST", "THORAX", "HAND", "PA", "AP", "LL", "LATERAL", "CHEST PA AND LATERAL"])
SAYINGS = ANY_TEXT | WORDS
NUMBERS = st.integers(-5, 70_000)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "Modality": st.sampled_from(["CR", "DX", "OT", "SC", "MG", "CT", ""]),
            "BodyPartExamined": SAYINGS,
            "ViewPosition": SAYINGS,
            "SeriesDescription": SAYINGS,
            "StudyDescription": SAYINGS,
            "PatientAge": st.sampled_from(["046Y", "62", "003M", "", "old", "999Y"]),
            "PresentationIntentType": st.sampled_from(["", "FOR PROCESSING", "FOR PRESENTATION"]),
            "PhotometricInterpretation": st.sampled_from(["MONOCHROME1", "RGB", "PALETTE COLOR", ""]),
            "BitsStored": st.integers(1, 20),
            "HighBit": st.integers(0, 20),
            "PixelRepresentation": st.integers(0, 3),
            "Rows": NUMBERS.filter(lambda n: 0 <= n <= 65_535),
            "WindowCenter": st.floats(-1e6, 1e6, width=32) | st.none(),
            "WindowWidth": st.floats(-10, 1e6, width=32) | st.none(),
            "VOILUTFunction": st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID", "CURVED"]),
            "RescaleSlope": st.floats(-1e3, 1e3, width=32) | st.none(),
            "RescaleIntercept": st.floats(-1e5, 1e5, width=32) | st.none(),
            "PixelPaddingValue": st.integers(0, 32_767),
        },
    )
)
def test_any_header_gives_a_radiograph_or_an_error_of_ours(make_dicom, elements):
    radiograph = np.tile(np.linspace(0, 4000, 160).astype(np.uint16), (130, 1))
    file = image_file(make_dicom(radiograph, **elements))
    with contextlib.suppress(ImageError):
        image = open_image(file)
        assert image.tagged_chest in (True, False)
        radiograph = image.radiograph()
        assert radiograph.pixels.dtype == np.uint8
        assert radiograph.pixels.ndim == 2


@FEW
@given(
    rows=st.integers(1, 300),
    columns=st.integers(1, 300),
    bits=st.integers(8, 16),
    signed=st.booleans(),
    inverted=st.booleans(),
)
def test_any_size_and_depth_keeps_its_shape_and_order(make_dicom, rows, columns, bits, signed, inverted):
    lowest = -(1 << (bits - 1)) if signed else 0
    stored = lowest + np.round(np.linspace(0, (1 << bits) - 1, rows * columns)).reshape(rows, columns)
    window = {"WindowCenter": lowest + (1 << (bits - 1)), "WindowWidth": 1 << bits}
    interpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    pixels = stored.astype(np.int16 if signed else np.uint16)
    path = make_dicom(pixels, BitsStored=bits, PhotometricInterpretation=interpretation, **window)
    grey = shown(path)
    assert grey.shape == (rows, columns)
    order = np.diff(grey.reshape(-1).astype(int))
    assert (order <= 0).all() if inverted else (order >= 0).all()
