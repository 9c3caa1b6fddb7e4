"""The same colour capture in every way of storing it shows the same picture."""

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    ExplicitVRBigEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from tests.intake.encodings import (
    RADIOGRAPH,
    palette,
)
from tests.intake.twins import NATIVE, assert_twin, change


def tinted():
    """Return the image as RGB whose channels differ and whose luma (ITU-R BT.601) is the image."""
    tint = ((RADIOGRAPH >= 31) & (RADIOGRAPH <= 195))[..., None] * np.array([60, -31, 2])  # luma: -0.03
    return (RADIOGRAPH[..., None] + tint).astype(np.uint8)


RADIOGRAPH_RAMP = np.arange(256)
GREY_RGB = np.dstack([RADIOGRAPH] * 3)
GREY_YBR = np.dstack([RADIOGRAPH, np.full_like(RADIOGRAPH, 128), np.full_like(RADIOGRAPH, 128)])
LOSSLESS_COLOUR = {
    "RLE": RLELossless,
    "JPEG lossless .57": JPEGLossless,
    "JPEG lossless .70": JPEGLosslessSV1,
    "JPEG-LS .80": JPEGLSLossless,
    "JPEG 2000 .90": JPEG2000Lossless,
    "HTJ2K .201": HTJ2KLossless,
    "HTJ2K .202": HTJ2KLosslessRPCL,
}


@pytest.mark.parametrize("syntax", (NATIVE | LOSSLESS_COLOUR).values(), ids=NATIVE | LOSSLESS_COLOUR)
def test_a_colour_capture_in_every_lossless_syntax_is_the_same_picture(keep, syntax):
    interpretation = {HTJ2KLossless: "YBR_RCT", HTJ2KLosslessRPCL: "YBR_RCT"}.get(syntax, "RGB")
    assert_twin(keep(tinted(), syntax=syntax, BitsStored=8, PhotometricInterpretation=interpretation))


@pytest.mark.parametrize(
    ("syntax", "interpretation"),
    [
        pytest.param(JPEGBaseline8Bit, "RGB", id="JPEG .50, RGB"),
        pytest.param(JPEGBaseline8Bit, "YBR_FULL", id="JPEG .50, YBR_FULL"),
        pytest.param(JPEGBaseline8Bit, "YBR_FULL_422", id="JPEG .50, YBR_FULL_422"),
        pytest.param(JPEGExtended12Bit, "YBR_FULL_422", id="JPEG .51, YBR_FULL_422"),
        pytest.param(JPEG2000Lossless, "YBR_RCT", id="JPEG 2000 .90, YBR_RCT"),
        pytest.param(JPEG2000, "RGB", id="JPEG 2000 .91, RGB"),
        pytest.param(JPEG2000, "YBR_ICT", id="JPEG 2000 .91, YBR_ICT"),
        pytest.param(HTJ2K, "YBR_ICT", id="HTJ2K .203, YBR_ICT"),
    ],
)
def test_a_grey_capture_in_every_colour_transform_is_the_same_picture(keep, syntax, interpretation):
    path = keep(GREY_RGB, syntax=syntax, BitsStored=8, PhotometricInterpretation=interpretation)
    assert_twin(path, within=2)


@pytest.mark.parametrize("syntax", NATIVE.values(), ids=NATIVE)
@pytest.mark.parametrize(
    ("pixels", "elements"),
    [
        pytest.param(GREY_YBR, {"PhotometricInterpretation": "YBR_FULL"}, id="YBR_FULL"),
        pytest.param(
            GREY_YBR.transpose(2, 0, 1).reshape(256, 240, 3),
            {"PhotometricInterpretation": "YBR_FULL", "PlanarConfiguration": 1},
            id="YBR_FULL in planes",
        ),
        pytest.param(
            tinted().transpose(2, 0, 1).reshape(256, 240, 3), {"PlanarConfiguration": 1}, id="RGB in planes"
        ),
        pytest.param(tinted().astype(np.uint16) * 257, {"BitsStored": 16}, id="RGB, 16 bits"),
        pytest.param(
            np.round(tinted() * (4095 / 255)).astype(np.uint16), {"BitsStored": 12}, id="RGB, 12 of 16 bits"
        ),
    ],
)
def test_native_colour_is_the_same_picture(keep, syntax, pixels, elements):
    assert_twin(keep(pixels, syntax=syntax, **{"BitsStored": 8, **elements}))


def test_native_half_sampled_colour_is_the_same_picture(keep):
    """PS3.3 C.7.6.3.1.2: Y Y Cb Cr for each two pixels."""
    path = keep(GREY_RGB, BitsStored=8, PhotometricInterpretation="YBR_FULL_422")
    pairs = np.full((RADIOGRAPH.size // 2, 4), 128, dtype=np.uint8)
    pairs[:, :2] = RADIOGRAPH.reshape(-1, 2)
    change(path, PixelData=pairs.tobytes())
    assert_twin(path)


@pytest.mark.parametrize("syntax", (NATIVE | LOSSLESS_COLOUR).values(), ids=NATIVE | LOSSLESS_COLOUR)
@pytest.mark.parametrize(
    ("depth", "entry_bits"),
    [(8, 8), (8, 16), (16, 16)],
    ids=["8 bits, 8-bit entries", "8 bits, 16-bit entries", "16 bits, 16-bit entries"],
)
def test_a_palette_capture_is_the_same_picture(keep, syntax, depth, entry_bits):
    shuffled = np.random.default_rng(3).permutation(256)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    colours = palette(np.argsort(shuffled), bits=entry_bits, order=order)
    indices = shuffled[RADIOGRAPH].astype(f"u{depth // 8}")
    assert_twin(keep(indices, syntax=syntax, BitsStored=depth, **colours))


@pytest.mark.parametrize("syntax", NATIVE.values(), ids=NATIVE)
@pytest.mark.parametrize(
    ("depth", "entries", "declared", "words"),
    [
        pytest.param(8, RADIOGRAPH_RAMP.astype(int) << 8, 16, True, id="16 bits, the lower ones empty"),
        pytest.param(8, RADIOGRAPH_RAMP, 8, True, id="8 bits in words"),
        pytest.param(8, RADIOGRAPH_RAMP, 16, True, id="8 bits filled of 16"),
        pytest.param(16, np.repeat(RADIOGRAPH_RAMP, 4), 8, False, id="8 bits, over 256 entries"),
        pytest.param(
            16, np.repeat(RADIOGRAPH_RAMP, 4).astype(int) << 8, 16, True, id="16 bits, over 256 entries"
        ),
    ],
)
def test_a_palette_of_any_depth_is_the_same_picture_in_every_byte_order(
    keep, syntax, depth, entries, declared, words
):
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    colours = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour in ("Red", "Green", "Blue"):
        data = np.asarray(entries).astype(f"{order}u2" if words else "u1").tobytes()
        colours[f"{colour}PaletteColorLookupTableDescriptor"] = [len(entries), 0, declared]
        colours[f"{colour}PaletteColorLookupTableData"] = data
    indices = RADIOGRAPH.astype(np.uint16) * 4 + 2 if depth == 16 else RADIOGRAPH
    assert_twin(keep(indices, syntax=syntax, BitsStored=depth, **colours))


def test_pydicoms_palette_image_is_the_same_in_big_endian(tmp_path):
    dataset = pydicom.dcmread(get_testdata_file("examples_palette.dcm"))
    shows = shown_of(dataset, tmp_path / "little.dcm")
    for element in [each for each in dataset if each.VR == "OW" and "Palette" in each.keyword]:
        element.value = np.frombuffer(element.value, "<u2").astype(">u2").tobytes()
    dataset["PixelData"].VR = "OB"  # in OW, pairs of bytes would have to change places, too
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    np.testing.assert_array_equal(shown_of(dataset, tmp_path / "big.dcm"), shows)
    assert np.ptp(shows) > 100


def shown_of(dataset, path):
    little_endian = dataset.file_meta.TransferSyntaxUID != ExplicitVRBigEndian
    pydicom.dcmwrite(path, dataset, implicit_vr=False, little_endian=little_endian, force_encoding=True)
    return display(open_dicom(path).dataset).pixels
