"""The same image in every way of storing it shows the same picture: display bytes and CLAHE square."""

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from screener.domain import FileKind
from screener.intake.dicom.open import open_dicom
from screener.intake.file_type import SNIFF_BYTES, kind_of
from screener.intake.grayscale.display import display
from tests.intake.encodings import (
    FRAME,
    LOSSY,
    RADIOGRAPH,
    by_gdcm,
    by_libjpeg_turbo,
    by_openjph,
    by_pydicom,
    spanning,
    stored,
    voi_lut,
)
from tests.intake.twins import COMPRESSED, NATIVE, SYNTAXES, assert_twin, change

DEPTHS = {  # bits stored, bits allocated
    "8 bits": (8, 8),
    "8 of 16 bits": (8, 16),
    "10 bits": (10, 16),
    "12 bits": (12, 16),
    "14 bits": (14, 16),
    "15 bits": (15, 16),
    "16 bits": (16, 16),
}


def legal(syntax, bits, allocated, signed):
    """Return whether the syntax can hold the depth and the sign.

    DCT is unsigned (PS3.5 8.2.1). So are the values inside JPEG-LS: where near-lossless coding adds one
    to the highest signed value, the lowest comes out, and no decoder can tell.
    """
    if syntax == JPEGBaseline8Bit:
        return allocated == 8 and not signed
    if syntax == JPEGExtended12Bit:
        return (bits, allocated) in ((8, 8), (10, 16), (12, 16)) and not signed
    if syntax == JPEGLSNearLossless:
        return not signed
    return True


def greys():
    """Return a row for each legal syntax, depth and sign; MONOCHROME1 and MONOCHROME2 take turns."""
    rows = []
    for syntax_name, syntax in SYNTAXES.items():
        for turn, (depth, (bits, allocated)) in enumerate(DEPTHS.items()):
            for signed in (False, True):
                if not legal(syntax, bits, allocated, signed):
                    continue
                inverted = (turn + signed) % 2 == 1
                name = f"{syntax_name}, {depth}{', signed' * signed}{', MONOCHROME1' * inverted}"
                rows.append(pytest.param(syntax, bits, allocated, signed, inverted, id=name))
    return rows


@pytest.mark.parametrize(("syntax", "bits", "allocated", "signed", "inverted"), greys())
def test_an_image_in_every_syntax_depth_and_sign_is_the_same_picture(
    keep, syntax, bits, allocated, signed, inverted
):
    pixels = stored(bits, signed=signed, inverted=inverted, allocated=allocated)
    path = keep(
        pixels,
        syntax=syntax,
        BitsStored=bits,
        PhotometricInterpretation="MONOCHROME1" if inverted else "MONOCHROME2",
        **spanning(bits, signed=signed),
    )
    assert open_dicom(path).dataset.file_meta.TransferSyntaxUID == syntax
    assert_twin(path, within=2 if syntax in LOSSY else 1)


LUT = np.arange(4096)
RESCALED = {"RescaleSlope": 2, "RescaleIntercept": -1000}


@pytest.mark.parametrize("inverted", [False, True], ids=["MONOCHROME2", "MONOCHROME1"])
@pytest.mark.parametrize(
    ("stored_as", "elements"),
    [
        pytest.param({"bits": 8}, {}, id="8 bits, no window"),
        pytest.param({"bits": 8, "signed": True}, {}, id="8 bits, signed, no window"),
        pytest.param({"bits": 10}, {}, id="10 bits, no window"),
        pytest.param({}, {}, id="no window"),
        pytest.param({"signed": True}, {}, id="signed, no window"),
        pytest.param({"bits": 16}, {}, id="16 bits, no window"),
        pytest.param({"bits": 16, "signed": True}, {}, id="16 bits, signed, no window"),
        pytest.param(
            {},
            {"WindowCenter": 2047.5, "WindowWidth": 4095, "VOILUTFunction": "LINEAR_EXACT"},
            id="LINEAR_EXACT",
        ),
        pytest.param({}, {"WindowCenter": [2048, 100], "WindowWidth": [4096, 50]}, id="two windows"),
        pytest.param({}, {"RescaleSlope": 2, "RescaleIntercept": -1000}, id="rescaled, no window"),
        pytest.param({}, {**RESCALED, "WindowCenter": 3095.5, "WindowWidth": 8191}, id="rescaled"),
        pytest.param(
            {},
            {"RescaleSlope": 0.25, "RescaleIntercept": 0, "WindowCenter": 512.375, "WindowWidth": 1024.75},
            id="rescaled by a fraction",
        ),
        pytest.param(
            {"signed": True},
            {"RescaleSlope": 1, "RescaleIntercept": 2048, **spanning()},
            id="signed, rescaled to unsigned",
        ),
        pytest.param(
            {"bits": 16, "signed": True},
            {"RescaleSlope": 1, "RescaleIntercept": 32768, **spanning(16)},
            id="16 bits, signed, rescaled to unsigned",
        ),
        pytest.param({}, voi_lut(np.round(LUT * 255 / 4095), bits=8), id="VOI LUT, 8 bits"),
        pytest.param(
            {}, voi_lut(np.round(LUT * 255 / 4095), bits=8, packed=True), id="VOI LUT, 8 bits packed"
        ),
        pytest.param({}, voi_lut(LUT, bits=12), id="VOI LUT, 12 bits"),
        pytest.param({}, voi_lut(np.round(LUT * 65535 / 4095), bits=16), id="VOI LUT, 16 bits"),
        pytest.param({"bits": 16}, voi_lut(np.arange(65536), bits=16), id="VOI LUT, 65536 entries"),
        pytest.param({"signed": True}, voi_lut(LUT, bits=12, first=-2048), id="VOI LUT, signed"),
        pytest.param(
            {},
            {"RescaleSlope": 1, "RescaleIntercept": -1024, **voi_lut(LUT, bits=12, first=-1024)},
            id="VOI LUT, rescaled",
        ),
        pytest.param(
            {},
            {**voi_lut(LUT, bits=12), "WindowCenter": 100, "WindowWidth": 10},
            id="VOI LUT before a window",
        ),
    ],
)
def test_every_way_to_the_same_greys_is_the_same_picture(keep, stored_as, elements, inverted):
    interpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    pixels = stored(**stored_as, inverted=inverted)
    assert_twin(
        keep(
            pixels,
            BitsStored=stored_as.get("bits", 12),
            PhotometricInterpretation=interpretation,
            **elements,
        )
    )


@pytest.mark.parametrize(
    "window", [{}, {"WindowCenter": 2048, "WindowWidth": 4096}], ids=["plain", "windowed"]
)
def test_a_negative_slope_is_the_same_picture(keep, window):
    assert_twin(keep(stored(inverted=True), RescaleSlope=-1, RescaleIntercept=4095, **window))


@pytest.mark.parametrize("syntax", NATIVE.values(), ids=NATIVE)
def test_a_voi_lut_in_every_byte_order_is_the_same_picture(keep, syntax):
    table = voi_lut(LUT, bits=12, order=">" if syntax == ExplicitVRBigEndian else "<")
    assert_twin(keep(stored(), syntax=syntax, **table))


SHIFTED_SYNTAXES = NATIVE | {"RLE": RLELossless}


@pytest.mark.parametrize("syntax", SHIFTED_SYNTAXES.values(), ids=SHIFTED_SYNTAXES)
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("high_bit", [12, 15])
def test_values_in_the_upper_bits_are_the_same_picture(keep, syntax, signed, high_bit):
    """PS3.5 8.1.1, as before 2014; overlays may fill the bits below."""
    shift = high_bit - 11
    pixels = stored(signed=signed) << shift
    pixels[60:90, 60:90] |= 1
    assert_twin(keep(pixels, syntax=syntax, HighBit=high_bit, **spanning(signed=signed)))


@pytest.mark.parametrize("syntax", SHIFTED_SYNTAXES.values(), ids=SHIFTED_SYNTAXES)
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("windowed", [False, True], ids=["plain", "windowed"])
def test_overlays_in_the_unused_bits_are_the_same_picture(keep, syntax, signed, windowed):
    pixels = stored(signed=signed).view(np.uint16) & 0x0FFF
    pixels[60:90, 60:90] |= 0x8000
    pixels[100:120, 60:90] |= 0x1000
    window = spanning(signed=signed) if windowed else {}
    assert_twin(keep(pixels.view(stored(signed=signed).dtype), syntax=syntax, **window))


@pytest.mark.parametrize("inverted", [False, True], ids=["MONOCHROME2", "MONOCHROME1"])
@pytest.mark.parametrize("windowed", [False, True], ids=["plain", "windowed"])
@pytest.mark.parametrize(
    ("signed", "border", "elements"),
    [
        pytest.param(False, 65535, {"PixelPaddingValue": 65535}, id="above"),
        pytest.param(True, -32768, {"PixelPaddingValue": -32768}, id="below"),
        pytest.param(
            False, 64000, {"PixelPaddingValue": 65535, "PixelPaddingRangeLimit": 63000}, id="within a range"
        ),
    ],
)
@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRBigEndian, JPEGLosslessSV1, JPEGLSLossless],
    ids=["implicit", "big endian", "JPEG lossless .70", "JPEG-LS .80"],
)
def test_a_padded_border_is_the_same_picture(keep, syntax, signed, border, elements, windowed, inverted):
    pixels = stored(inverted=inverted).astype(np.int16 if signed else np.uint16)
    pixels[:FRAME] = pixels[-FRAME:] = pixels[:, :FRAME] = pixels[:, -FRAME:] = border
    interpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    window = spanning() if windowed else {}
    assert_twin(
        keep(
            pixels,
            syntax=syntax,
            BitsStored=16,
            PhotometricInterpretation=interpretation,
            **elements,
            **window,
        )
    )


@pytest.mark.parametrize("predictor", range(1, 8))
@pytest.mark.parametrize(("bits", "signed"), [(8, False), (12, False), (12, True), (16, False), (16, True)])
def test_every_predictor_of_lossless_jpeg_is_the_same_picture(keep, bits, signed, predictor):
    encode = by_libjpeg_turbo(lossless=True, predictor=predictor)
    path = keep(
        stored(bits, signed=signed),
        syntax=JPEGLossless,
        encode=encode,
        BitsStored=bits,
        **spanning(bits, signed=signed),
    )
    assert_twin(path)


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize(
    ("syntax", "encode", "within"),
    [
        pytest.param(JPEGLSLossless, by_pydicom(JPEGLSLossless), 1, id="JPEG-LS .80"),
        pytest.param(JPEGLSNearLossless, by_pydicom(JPEGLSNearLossless, jls_error=3), 2, id="JPEG-LS .81"),
        pytest.param(JPEG2000Lossless, by_pydicom(JPEG2000Lossless), 1, id="JPEG 2000 .90"),
        pytest.param(JPEG2000, by_pydicom(JPEG2000, j2k_psnr=[120]), 2, id="JPEG 2000 .91"),
        pytest.param(JPEGLosslessSV1, by_gdcm(JPEGLosslessSV1), 1, id="JPEG lossless .70"),
    ],
)
def test_a_codestream_deeper_than_bits_stored_is_the_same_picture(keep, syntax, encode, within, signed):
    """Many encoders name Bits Allocated as the precision; a lossy one may then overshoot Bits Stored."""
    path = keep(stored(signed=signed), syntax=syntax, encode=encode, BitsStored=16, **spanning(signed=signed))
    change(path, BitsStored=12, HighBit=11)
    assert_twin(path, within=within)


@pytest.mark.parametrize(
    "syntax", [JPEGLSNearLossless, JPEG2000, HTJ2K], ids=["JPEG-LS .81", "JPEG 2000 .91", "HTJ2K .203"]
)
def test_lossy_signed_values_with_room_to_spare_are_the_same_picture(keep, syntax):
    assert_twin(keep(stored(signed=True), syntax=syntax, BitsStored=16, **spanning(signed=True)), within=2)


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        pytest.param(JPEGLSNearLossless, by_pydicom(JPEGLSNearLossless, jls_error=2), id="JPEG-LS .81"),
        pytest.param(JPEG2000, by_pydicom(JPEG2000, j2k_psnr=[60]), id="JPEG 2000 .91"),
        pytest.param(HTJ2K, by_openjph(reversible=False, level=2e-3), id="HTJ2K .203"),
    ],
)
def test_eight_lossy_bits_stay_within_two_grey_levels(keep, syntax, encode):
    """Before CLAHE, which jumps further than that: see encodings.IMAGE."""
    path = keep(RADIOGRAPH, syntax=syntax, encode=encode, BitsStored=8, **spanning(8))
    assert 0 < np.abs(display(open_dicom(path).dataset).pixels.astype(int) - RADIOGRAPH).max() <= 2


@pytest.mark.parametrize("name", [name for name in COMPRESSED if name != "RLE"])
def test_a_frame_in_several_fragments_is_the_same_picture(keep, name):
    """PS3.5 A.4: only RLE has one fragment for each frame."""
    bits = 8 if name == "JPEG .50" else 12
    path = keep(stored(bits), syntax=COMPRESSED[name], BitsStored=bits, **spanning(bits))
    dataset = pydicom.dcmread(path)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    change(path, PixelData=encapsulate([frame], fragments_per_frame=4, has_bot=False))
    assert_twin(path, within=2)


ODD = {name: SYNTAXES[name] for name in SYNTAXES if SYNTAXES[name] not in LOSSY}


@pytest.mark.parametrize("syntax", ODD.values(), ids=ODD)
@pytest.mark.parametrize("bits", [8, 12])
def test_an_odd_number_of_pixels_is_the_same_picture(keep, syntax, bits):
    pixels = np.ascontiguousarray(stored(bits)[:-1, :-1])
    encode = {  # GDCM encodes no odd number of bytes
        RLELossless: by_pydicom(RLELossless, encoding_plugin="pydicom"),
        JPEGLossless: by_libjpeg_turbo(lossless=True, predictor=1),
        JPEGLosslessSV1: by_libjpeg_turbo(lossless=True, predictor=1),
    }.get(syntax)
    path = keep(pixels, syntax=syntax, encode=encode, BitsStored=bits, **spanning(bits))
    np.testing.assert_array_equal(display(open_dicom(path).dataset).pixels, RADIOGRAPH[:-1, :-1])


@pytest.mark.parametrize("odd", [False, True], ids=["even", "odd"])
def test_bytes_in_big_endian_words_are_the_same_picture(keep, odd):
    """PS3.5 8.2, A.3: 8-bit pixels as OW are swapped in pairs, and so is the byte that pads them."""
    radiograph = np.ascontiguousarray(RADIOGRAPH[:-1, :-1]) if odd else RADIOGRAPH
    path = keep(radiograph, syntax=ExplicitVRBigEndian, BitsStored=8, **spanning(8))
    words = np.frombuffer(radiograph.tobytes() + b"\x00" * odd, dtype="<u2").astype(">u2")
    change(path, "OW", PixelData=words.tobytes())
    np.testing.assert_array_equal(display(open_dicom(path).dataset).pixels, radiograph)


def whole(content):
    return content


def without_preamble(content):
    """Return the file from its meta group on: neither preamble nor prefix."""
    return content[132:]


def without_meta(content):
    """Return preamble and prefix, and the data set right behind."""
    return content[:132] + bare(content)


def bare(content):
    """Return the data set alone."""
    return content[144 + int.from_bytes(content[140:144], "little") :]


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        pytest.param(name, cut, id=f"{name}, {cut.__name__.replace('_', ' ')}")
        for name in NATIVE
        for cut in (whole, without_preamble, without_meta, bare)
        if not (name == "deflated" and cut in (without_meta, bare))  # nothing would say that it is deflated
    ],
)
def test_an_image_with_and_without_preamble_and_meta_is_the_same_picture(keep, name, cut):
    path = keep(stored(), syntax=NATIVE[name], **spanning())
    path.write_bytes(cut(path.read_bytes()))
    assert kind_of(path.read_bytes()[:SNIFF_BYTES]) is FileKind.DICOM
    assert_twin(path)


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_compressed_image_without_preamble_is_the_same_picture(keep, name):
    bits = 8 if name == "JPEG .50" else 12
    path = keep(stored(bits), syntax=COMPRESSED[name], BitsStored=bits, **spanning(bits))
    path.write_bytes(without_preamble(path.read_bytes()))
    assert_twin(path, within=2)
