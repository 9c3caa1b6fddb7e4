import contextlib
import time

import numpy as np
import pytest
from PIL import ImageFile
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from screener.errors import ImageError, IneligibleImageError, UnreadableImageError
from screener.intake import read_radiograph
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from tests.intake.radiographs import GREY, WEDGE, image_file, shown
from tests.reasons import refusal

SIGNED = (WEDGE.astype(np.int16) // 2 - 1000).astype(np.int16)
WINDOW = {"WindowCenter": 2000, "WindowWidth": 1000}


def look_up_table(entries, first=0, bits=16):
    item = Dataset()
    item.LUTDescriptor = [len(entries), first, bits]
    item["LUTDescriptor"].VR = "US"
    item.LUTData = np.asarray(entries, dtype="<u2").tobytes()
    item["LUTData"].VR = "OW"
    item.ModalityLUTType = "US"
    return item


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({}, id="plain"),
        pytest.param({"RescaleSlope": 1, "RescaleIntercept": -1024}, id="rescaled"),
        pytest.param({"WindowCenter": 2000.5, "WindowWidth": 2001}, id="windowed"),
        pytest.param(
            {"WindowCenter": 2000, "WindowWidth": 3000, "VOILUTFunction": "LINEAR_EXACT"}, id="linear exact"
        ),
        pytest.param({"WindowCenter": 2000, "WindowWidth": 900, "VOILUTFunction": "SIGMOID"}, id="sigmoid"),
    ],
)
def test_monochrome1_shows_the_same_picture_as_monochrome2(make_dicom, elements):
    positive = make_dicom(WEDGE, **elements)
    negative = make_dicom(
        4000 - WEDGE, name="negative.dcm", PhotometricInterpretation="MONOCHROME1", **elements
    )
    np.testing.assert_allclose(shown(negative).astype(int), shown(positive), atol=1)
    assert shown(positive)[0, 0] < shown(positive)[0, -1]


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"PhotometricInterpretation": "MONOCHROME1"}, id="MONOCHROME1"),
        pytest.param({"PresentationLUTShape": "INVERSE"}, id="INVERSE"),
        pytest.param(
            {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, id="both"
        ),
    ],
)
def test_an_image_is_inverted_once(make_dicom, elements):
    np.testing.assert_array_equal(
        shown(make_dicom(WEDGE, name="b.dcm", **elements)), 255 - shown(make_dicom(WEDGE))
    )


def test_eight_bits_with_a_window_are_shown_as_they_are(make_dicom):
    whole = {"WindowCenter": 128, "WindowWidth": 256}
    np.testing.assert_array_equal(shown(make_dicom(GREY, **whole)), GREY)
    dark = GREY // 4
    np.testing.assert_array_equal(shown(make_dicom(dark, name="dark.dcm", **whole)), dark)


def test_without_a_window_percentiles_and_not_extremes_are_black_and_white(make_dicom):
    radiograph = WEDGE // 4 + 1000
    radiograph[0, 0], radiograph[0, 1] = 0, 4095  # a dead pixel and a hot one
    grey = shown(make_dicom(radiograph))
    assert grey[5, 0] < 5
    assert grey[5, -1] > 250
    assert int(grey[5, 80]) == pytest.approx(128, abs=3)


def test_padding_does_not_set_black(make_dicom):
    radiograph = WEDGE // 4 + 3000
    radiograph[:, :60] = 0
    radiograph[:, 60:] = (np.arange(100) * 10 + 3000).astype(np.uint16)
    grey = shown(make_dicom(radiograph, PixelPaddingValue=0))
    assert grey[5, 61] < 10
    assert int(grey[5, 110]) == pytest.approx(128, abs=4)


@pytest.mark.parametrize(
    ("stored", "grey"), [(0, 0), (1499, 0), (1750, 63), (2000, 127), (2250, 191), (2500, 255), (4000, 255)]
)
def test_a_linear_window_is_that_of_the_standard(make_dicom, stored, grey):
    """PS3.3 C.11.2.1.2.1: ((x - (c - 0.5)) / (w - 1) + 0.5)."""
    radiograph = WEDGE.copy()
    radiograph[0, 80] = stored
    assert abs(int(shown(make_dicom(radiograph, **WINDOW))[0, 80]) - grey) <= 1


@pytest.mark.parametrize(
    ("function", "at_quarter"),
    [
        pytest.param("LINEAR_EXACT", 0.25, id="LINEAR_EXACT"),
        pytest.param("SIGMOID", 1 / (1 + np.exp(1)), id="SIGMOID"),
    ],
)
def test_other_window_functions_are_those_of_the_standard(make_dicom, function, at_quarter):
    radiograph = WEDGE.copy()
    radiograph[0, 80:82] = 1750, 2000
    grey = shown(make_dicom(radiograph, VOILUTFunction=function, **WINDOW))[0]
    assert int(grey[80]) == pytest.approx(255 * at_quarter, abs=1)
    assert int(grey[81]) == pytest.approx(127.5, abs=1)


def test_a_narrow_sigmoid_is_black_and_white(make_dicom):
    grey = shown(make_dicom(WEDGE, WindowCenter=2000, WindowWidth=1, VOILUTFunction="SIGMOID"))
    assert (grey[0, 0], grey[0, -1]) == (0, 255)


def test_the_first_of_several_windows_is_shown(make_dicom):
    several = make_dicom(WEDGE, WindowCenter=[2000, 100], WindowWidth=[1000, 50])
    np.testing.assert_array_equal(shown(several), shown(make_dicom(WEDGE, name="one.dcm", **WINDOW)))


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"WindowCenter": 90000, "WindowWidth": 10}, id="above all values"),
        pytest.param({"WindowCenter": 4080, "WindowWidth": 10}, id="above what this image holds"),
        pytest.param({"WindowCenter": -500, "WindowWidth": 10}, id="below all values"),
        pytest.param({"WindowCenter": 2000, "WindowWidth": 0}, id="no width"),
        pytest.param({"WindowCenter": 2000, "WindowWidth": "nan"}, id="no number"),
        pytest.param({"WindowCenter": "", "WindowWidth": ""}, id="empty"),
        pytest.param({"WindowCenter": 2000}, id="no width at all"),
    ],
)
def test_a_window_that_shows_nothing_is_passed_over(make_dicom, elements):
    np.testing.assert_array_equal(
        shown(make_dicom(WEDGE, name="b.dcm", **elements)), shown(make_dicom(WEDGE))
    )


def test_a_window_that_is_text_is_passed_over(make_dicom):
    path = make_dicom(WEDGE, WindowCenter="1111", WindowWidth="1000")
    assert b"DS\x04\x001111" in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"DS\x04\x001111", b"DS\x04\x00auto"))
    np.testing.assert_array_equal(shown(path), shown(make_dicom(WEDGE, name="b.dcm")))


def test_rescaling_moves_the_window_with_it(make_dicom):
    rescaled = make_dicom(
        WEDGE,
        RescaleSlope=2,
        RescaleIntercept=-1000,
        WindowCenter=3000,
        WindowWidth=2000,
        VOILUTFunction="LINEAR_EXACT",
    )
    plain = make_dicom(WEDGE, name="b.dcm", VOILUTFunction="LINEAR_EXACT", **WINDOW)
    np.testing.assert_allclose(shown(rescaled).astype(int), shown(plain), atol=1)


@pytest.mark.parametrize(
    "window", [{}, {"WindowCenter": -2000, "WindowWidth": 4000}], ids=["plain", "windowed"]
)
def test_a_negative_slope_turns_dark_into_bright(make_dicom, window):
    grey = shown(make_dicom(WEDGE, RescaleSlope=-1, RescaleIntercept=0, **window))
    assert (np.diff(grey[0].astype(int)) <= 0).all()
    assert grey[0, 0] > 250
    assert grey[0, -1] < 5


@pytest.mark.parametrize("window", [{}, {"WindowCenter": 0, "WindowWidth": 2000}], ids=["plain", "windowed"])
def test_signed_values_keep_their_order(make_dicom, window):
    grey = shown(make_dicom(SIGNED, **window))
    assert (np.diff(grey[0].astype(int)) >= 0).all()
    assert int(grey[0, 80]) == pytest.approx(128, abs=3)


def test_a_voi_lut_is_looked_up(make_dicom):
    squared = (np.arange(4096) / 4095) ** 2
    table = look_up_table(np.round(squared * 65535).astype(int))
    path = make_dicom(WEDGE, VOILUTSequence=[table], **WINDOW)
    np.testing.assert_allclose(shown(path)[0], 255 * (WEDGE[0] / 4095) ** 2, atol=1)


@pytest.mark.parametrize("packed", [False, True], ids=["a word each", "a byte each"])
def test_a_voi_lut_shorter_than_the_values_holds_its_ends(make_dicom, packed):
    table = look_up_table(np.linspace(0, 255, 1001).astype(int), first=1000, bits=8)
    if packed:
        table.LUTData = table.LUTData[::2] + b"\x00"
    grey = shown(make_dicom(WEDGE, VOILUTSequence=[table]))[0]
    assert set(grey[WEDGE[0] < 1000]) == {0}
    assert set(grey[WEDGE[0] > 2000]) == {255}
    assert grey[WEDGE[0] < 1500].max() < 128 < grey[WEDGE[0] > 1510].min()


def test_a_modality_lut_comes_before_the_window(make_dicom):
    table = look_up_table(4095 - np.arange(4096))
    path = make_dicom(WEDGE, ModalityLUTSequence=[table], WindowCenter=2095, WindowWidth=1000)
    np.testing.assert_allclose(
        shown(path).astype(int),
        255 - shown(make_dicom(WEDGE, name="b.dcm", **WINDOW)).astype(int),
        atol=1,
    )


def test_overlay_bits_above_the_stored_ones_are_not_shown(make_dicom):
    drawn = WEDGE.copy()
    drawn[40:60, 40:60] |= 0x8000
    np.testing.assert_array_equal(
        shown(make_dicom(drawn, name="drawn.dcm", **WINDOW)), shown(make_dicom(WEDGE, **WINDOW))
    )


def test_a_colour_capture_becomes_grey(make_dicom):
    capture = np.zeros((130, 140, 3), dtype=np.uint8)
    capture[...] = (200, 100, 50)
    assert set(np.unique(shown(make_dicom(capture)))) == {124}  # 0.299 * 200 + 0.587 * 100 + 0.114 * 50


def test_a_palette_capture_becomes_grey(make_dicom):
    palette = {}
    for colour, share in (("Red", 200), ("Green", 100), ("Blue", 50)):
        palette[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        entries = np.arange(256) * share * 257 // 255
        palette[f"{colour}PaletteColorLookupTableData"] = entries.astype("<u2").tobytes()
    grey = shown(make_dicom(GREY, PhotometricInterpretation="PALETTE COLOR", **palette))
    assert grey[0, 0] == 0
    assert int(grey[0, 255]) == pytest.approx(124, abs=1)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
    ids=lambda syntax: syntax.name,
)
def test_every_lossless_syntax_gives_the_very_same_bytes(make_dicom, syntax):
    random = np.random.default_rng(3)
    radiograph = (WEDGE + random.integers(0, 90, WEDGE.shape)).astype(np.uint16)
    encoded = make_dicom(radiograph, name="encoded.dcm", syntax=syntax, **WINDOW)
    assert open_dicom(encoded).dataset.file_meta.TransferSyntaxUID == syntax
    np.testing.assert_array_equal(shown(encoded), shown(make_dicom(radiograph, **WINDOW)))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"], ids=["implicit", "explicit"])
def test_a_bare_data_set_gives_the_very_same_bytes(make_dicom, syntax):
    bare = make_dicom(WEDGE, name="bare.dcm", preamble=False, syntax=syntax, **WINDOW)
    np.testing.assert_array_equal(shown(bare), shown(make_dicom(WEDGE, **WINDOW)))


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.99])
@pytest.mark.parametrize(
    "syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless], ids=lambda syntax: syntax.name
)
def test_a_truncated_stream_fails_and_is_never_filled_up(make_dicom, monkeypatch, syntax, keep):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as importing WeasyPrint does
    noise = np.random.default_rng(5).integers(0, 4096, (130, 140), dtype=np.uint16)
    dataset = open_dicom(make_dicom(noise, syntax=syntax)).dataset
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    dataset.PixelData = encapsulate([frame[: int(len(frame) * keep)]])
    with refusal(UnreadableImageError, match="truncated or damaged"):
        display(dataset)


def test_truncated_native_pixels_fail(make_dicom):
    path = make_dicom(WEDGE)
    path.write_bytes(path.read_bytes()[:-20_000])
    with refusal(UnreadableImageError, match="the file ends within them"):
        shown(path)


def test_a_syntax_that_nothing_reads_is_not_called_damage(make_dicom):
    dataset = open_dicom(make_dicom(WEDGE)).dataset
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"  # MPEG-2
    with refusal(UnreadableImageError, match="no decoder here reads MPEG2"):
        display(dataset)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"Rows": 65535, "Columns": 65535}, "to be a radiograph: 65535 × 65535", id="huge"),
        pytest.param({"Rows": 0}, r"Rows \(0028,0010\) is 0", id="no rows"),
        pytest.param({"Rows": 5000}, "does not fit its pixels: Rows", id="more rows than data"),
        pytest.param({"Rows": 65}, "does not fit its pixels: Rows", id="half the rows of its data"),
        pytest.param({"BitsStored": 64}, r"Bits Stored \(0028,0101\) is 64", id="more bits than have room"),
        pytest.param({"Rows": None}, r"lacks Rows \(0028,0010\)", id="no Rows"),
        pytest.param({"BitsAllocated": None}, r"lacks Bits Allocated \(0028,0100\)", id="no Bits Allocated"),
    ],
)
def test_a_header_that_does_not_fit_its_pixels_fails_at_once(make_dicom, change, reason):
    started = time.perf_counter()
    with refusal(UnreadableImageError, match=reason):
        shown(make_dicom(WEDGE, **change))
    assert time.perf_counter() - started < 5


def test_more_than_sixteen_bits_are_ineligible(make_dicom):
    with refusal(IneligibleImageError, match=r"\(0028,0100\) is 32"):
        shown(make_dicom(WEDGE.astype(np.uint32), BitsStored=32))


@pytest.mark.parametrize("seed", range(20))
def test_damage_ends_as_a_picture_or_as_an_error_of_ours(make_dicom, seed):
    random = np.random.default_rng(seed)
    path = make_dicom(WEDGE, **WINDOW)
    content = bytearray(path.read_bytes())
    for place in random.integers(132, 900, 8):
        content[place] = random.integers(0, 256)
    path.write_bytes(content)
    with contextlib.suppress(ImageError):
        assert read_radiograph(image_file(path)).pixels.ndim == 2
