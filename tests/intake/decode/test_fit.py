"""Header and pixels disagree: what the stream holds is shown, or the reason says what does not fit."""

from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from screener.errors import UnreadableImageError
from screener.intake import open_image
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from tests.intake.encodings import RADIOGRAPH, by_gdcm, by_pillow, by_pydicom, spanning, stored
from tests.intake.radiographs import image_file, shown
from tests.intake.twins import change
from tests.reasons import refusal, words

STREAMS = {
    "JPEG": JPEGBaseline8Bit,
    "JPEG extended": JPEGExtended12Bit,
    "JPEG lossless": JPEGLosslessSV1,
    "JPEG-LS": JPEGLSLossless,
    "JPEG 2000": JPEG2000Lossless,
    "HTJ2K": HTJ2KLossless,
    "RLE": RLELossless,
}
SIZED = {name: syntax for name, syntax in STREAMS.items() if name != "RLE"}  # RLE does not say its size


@pytest.fixture
def radiograph(keep):
    """Write an image of 8 bits in a compressed syntax and return its path and what it shows."""

    def radiograph(syntax, **elements):
        path = keep(stored(8), syntax=syntax, BitsStored=8, **spanning(8), **elements)
        return path, shown(path)

    return radiograph


@pytest.mark.parametrize("syntax", STREAMS.values(), ids=STREAMS)
def test_a_stream_of_8_bits_in_16_allocated_is_shown(radiograph, syntax):
    path, sound = radiograph(syntax)
    change(path, BitsAllocated=16)
    np.testing.assert_array_equal(shown(path), sound)


@pytest.mark.parametrize(
    "syntax", [JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless], ids=["JPEG", "LS", "2000"]
)
def test_a_deep_stream_in_8_bits_allocated_is_shown(keep, syntax):
    path = keep(stored(), syntax=syntax, **spanning())
    sound = shown(path)
    change(path, BitsAllocated=8, BitsStored=8, HighBit=7)
    np.testing.assert_allclose(shown(path).astype(int), sound, atol=1)


@pytest.mark.parametrize("syntax", SIZED.values(), ids=SIZED)
@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        pytest.param(240, 256, id="exchanged"),
        pytest.param(128, 480, id="as many pixels"),
        pytest.param(200, 240, id="fewer rows"),
        pytest.param(300, 240, id="more rows"),
        pytest.param(512, 512, id="larger"),
    ],
)
def test_an_image_has_the_size_of_its_stream(radiograph, syntax, rows, columns):
    path, sound = radiograph(syntax)
    change(path, Rows=rows, Columns=columns)
    np.testing.assert_array_equal(shown(path), sound)


COLOUR = {
    "JPEG, YCbCr": (JPEGBaseline8Bit, by_pillow, "YBR_FULL_422"),
    "JPEG, RGB": (JPEGBaseline8Bit, by_pillow, "RGB"),
    "JPEG-LS": (JPEGLSLossless, by_pydicom(JPEGLSLossless), "RGB"),
    "JPEG 2000, RGB": (JPEG2000Lossless, by_pydicom(JPEG2000Lossless), "RGB"),
    "JPEG 2000, RCT": (JPEG2000Lossless, by_pydicom(JPEG2000Lossless), "YBR_RCT"),
    "JPEG lossless": (JPEGLosslessSV1, by_gdcm(JPEGLosslessSV1), "RGB"),
}


@pytest.mark.parametrize("name", COLOUR)
@pytest.mark.parametrize("said", ["MONOCHROME2", "MONOCHROME1"])
def test_the_luma_of_a_colour_stream_is_shown_where_the_header_says_grey(keep, name, said):
    syntax, encode, interpretation = COLOUR[name]
    pixels = np.dstack([RADIOGRAPH] * 3) if said == "MONOCHROME2" else np.dstack([255 - RADIOGRAPH] * 3)
    path = keep(pixels, syntax=syntax, encode=encode, BitsStored=8, PhotometricInterpretation=interpretation)
    change(path, SamplesPerPixel=1, PhotometricInterpretation=said, **spanning(8))
    assert np.abs(shown(path).astype(int) - RADIOGRAPH).max() <= 2


@pytest.mark.parametrize("syntax", SIZED.values(), ids=SIZED)
def test_a_grey_stream_is_shown_where_the_header_says_colour(radiograph, syntax):
    path, _ = radiograph(syntax)
    change(path, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    assert np.abs(shown(path).astype(int) - RADIOGRAPH).max() <= 2


def rename(path, syntax):
    """Give a file another transfer syntax and leave its data as they are, byte for byte."""
    content = path.read_bytes()
    place = content.index(b"\x02\x00\x10\x00UI")
    old = int.from_bytes(content[place + 6 : place + 8], "little")
    uid = str(syntax).encode() + b"\0" * (len(syntax) % 2)
    group = int.from_bytes(content[140:144], "little") + len(uid) - old
    path.write_bytes(
        content[:140]
        + group.to_bytes(4, "little")
        + content[144 : place + 6]
        + len(uid).to_bytes(2, "little")
        + uid
        + content[place + 8 + old :]
    )


ALL = {**STREAMS, "native": ExplicitVRLittleEndian}


@pytest.mark.parametrize("real", ALL)
@pytest.mark.parametrize("said", ALL)
def test_a_false_transfer_syntax_shows_the_image_or_is_named(radiograph, real, said):
    if real == said:
        pytest.skip("nothing is false")
    path, sound = radiograph(ALL[real])
    rename(path, ALL[said])
    image = open_image(image_file(path))
    assert image.identifiers.study_instance_uid == "1.2.826.0.1.3680043.8.498.2"
    try:
        found = display(image.dicom.dataset).pixels
    except UnreadableImageError as error:
        assert "the transfer syntax does not fit the data" in words(error)  # noqa: PT017
    else:
        np.testing.assert_array_equal(found, sound)


PLAIN = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}


@pytest.mark.parametrize("real", PLAIN)
@pytest.mark.parametrize("said", {**PLAIN, "JPEG": JPEGBaseline8Bit})
def test_a_header_in_another_encoding_names_its_study_and_says_so(radiograph, real, said):
    path, sound = radiograph(PLAIN[real])
    named = {**PLAIN, "JPEG": JPEGBaseline8Bit}[said]
    rename(path, named)
    image = open_image(image_file(path))
    assert image.identifiers.study_instance_uid == "1.2.826.0.1.3680043.8.498.2"
    if said == real or {said, real} == {"implicit", "explicit"}:  # whether VRs are explicit can be seen
        np.testing.assert_array_equal(image.radiograph().pixels, sound)
        return
    with refusal(UnreadableImageError, match=r"the transfer syntax .*does not fit the data"):
        image.radiograph()


def test_a_deflated_image_that_was_cut_names_its_study(radiograph):
    path, _ = radiograph(DeflatedExplicitVRLittleEndian)
    path.write_bytes(path.read_bytes()[:-9_000])
    image = open_image(image_file(path))
    assert image.identifiers.study_instance_uid == "1.2.826.0.1.3680043.8.498.2"
    with refusal(UnreadableImageError, match="the deflated data set is truncated"):
        image.radiograph()


def test_a_jp2_file_for_a_codestream_is_shown(radiograph):
    path, sound = radiograph(JPEG2000Lossless)
    dataset = pydicom.dcmread(path)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    boxes = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 " + b"\0\0\0\0jp2c"
    dataset.PixelData = encapsulate([boxes + frame])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    np.testing.assert_array_equal(shown(path), sound)


def test_a_private_transfer_syntax_is_no_false_one(radiograph):
    path, _ = radiograph(ExplicitVRLittleEndian)
    rename(path, "1.2.3.4.5")
    with refusal(UnreadableImageError, match="cannot be decoded"):
        shown(path)
    assert open_dicom(path).identifiers.patient_id == "P-17"


WITH_SIGN = {"JPEG 2000": JPEG2000Lossless, "JPEG 2000 lossy": JPEG2000, "HTJ2K": HTJ2KLossless}


@pytest.mark.parametrize("read_size", [None, 120], ids=["whole", "smaller"])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("syntax", WITH_SIGN.values(), ids=WITH_SIGN)
def test_an_image_has_the_sign_of_its_codestream(keep, syntax, bits, signed, read_size):
    path = keep(stored(bits, signed=signed), syntax=syntax, BitsStored=bits, **spanning(bits, signed=signed))
    sound = display(open_dicom(path).dataset, read_size).pixels
    change(path, PixelRepresentation=int(not signed))
    np.testing.assert_array_equal(display(open_dicom(path).dataset, read_size).pixels, sound)


@pytest.mark.parametrize("bits", [8, 12])
def test_a_jpeg_of_the_dct_has_no_sign(keep, bits):
    syntax = JPEGBaseline8Bit if bits == 8 else JPEGExtended12Bit
    path = keep(stored(bits), syntax=syntax, BitsStored=bits, **spanning(bits))
    sound = shown(path)
    change(path, PixelRepresentation=1)
    np.testing.assert_array_equal(shown(path), sound)


@pytest.mark.parametrize("read_size", [None, 120], ids=["whole", "smaller"])
def test_two_s_complement_in_a_codestream_without_a_sign_is_shown(keep, read_size):
    """As an encoder leaves it that was told of no sign; DCMTK and pydicom show it, too."""
    raw = stored(signed=True).view(np.uint16) & 0x0FFF
    path = keep(raw, syntax=JPEG2000Lossless, **spanning(signed=True))
    change(path, PixelRepresentation=1)
    native = keep(stored(signed=True), name="native.dcm", **spanning(signed=True))
    sound = display(open_dicom(native).dataset, read_size).pixels
    np.testing.assert_array_equal(display(open_dicom(path).dataset, read_size).pixels, sound)


def test_a_12_bit_jpeg_is_read_under_the_baseline_syntax(keep):
    path = keep(stored(), syntax=JPEGExtended12Bit, **spanning())
    sound = shown(path)
    rename(path, JPEGBaseline8Bit)
    image = open_image(image_file(path))
    np.testing.assert_array_equal(display(image.dicom.dataset).pixels, sound)
    assert image.dicom.dataset.file_meta.TransferSyntaxUID == JPEGBaseline8Bit  # as it is in the file


FOREIGN = {"PNG": "PNG", "GIF": "GIF", "BMP": "BMP", "TIFF": "TIFF", "WebP": "WEBP"}


def foreign(name):
    if name not in FOREIGN:
        return b"<html>Session expired</html>" * 200
    stream = BytesIO()
    Image.fromarray(RADIOGRAPH).save(stream, FOREIGN[name])
    return stream.getvalue()


@pytest.mark.parametrize("name", [*FOREIGN, "words"])
@pytest.mark.parametrize("said", STREAMS)
def test_pixels_that_are_another_kind_of_picture_are_called_so(radiograph, said, name):
    path, _ = radiograph(STREAMS[said])
    dataset = pydicom.dcmread(path)
    dataset.PixelData = encapsulate([foreign(name)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    called = {"words": "truncated" if said == "RLE" else "the pixels are not (lossless )?(JPEG|High)"}
    with refusal(UnreadableImageError, match=called.get(name, f"the pixels are {name}")):
        shown(path)


def without_meta(path):
    content = path.read_bytes()
    path.write_bytes(content[144 + int.from_bytes(content[140:144], "little") :])


@pytest.mark.parametrize("written", [None, "", "unknown"])
@pytest.mark.parametrize("real", ALL)
def test_pixels_without_a_transfer_syntax_are_read_as_what_they_are(radiograph, real, written):
    path, sound = radiograph(ALL[real])
    if written is None:
        without_meta(path)
    else:
        rename(path, written)
    np.testing.assert_array_equal(shown(path), sound)


@pytest.mark.parametrize("real", ["JPEG", "JPEG lossless", "JPEG-LS", "JPEG 2000", "HTJ2K"])
def test_so_is_a_stream_without_items(radiograph, real):
    path, sound = radiograph(ALL[real])
    dataset = pydicom.dcmread(path)
    dataset.PixelData = next(generate_frames(dataset.PixelData, number_of_frames=1))
    dataset["PixelData"].is_undefined_length = False
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path)
    without_meta(path)
    np.testing.assert_array_equal(shown(path), sound)
