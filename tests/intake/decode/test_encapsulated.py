"""Compressed pixels whose end is missing or odd: a whole image is shown, a cut one names its study."""

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from screener.errors import UnreadableImageError
from screener.intake import open_image, read_picture
from screener.intake.decode.codestream import jpeg_end
from screener.intake.decode.encapsulated import encapsulated, items_of
from screener.intake.dicom.open import open_dicom
from screener.intake.raster import read_raster
from tests.intake.encodings import RADIOGRAPH, spanning, stored
from tests.intake.radiographs import image_file, shown
from tests.reasons import refusal

DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
SYNTAXES = {
    "JPEG": JPEGBaseline8Bit,
    "JPEG lossless": JPEGLosslessSV1,
    "JPEG-LS": JPEGLSLossless,
    "JPEG 2000": JPEG2000Lossless,
    "RLE": RLELossless,
}


@pytest.fixture
def radiograph(keep):
    """Write an image of 8 bits in a compressed syntax and return its path and what it shows."""

    def radiograph(name):
        path = keep(stored(8), syntax=SYNTAXES[name], BitsStored=8, **spanning(8))
        return path, shown(path)

    return radiograph


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(b"", id="no delimiter"),
        pytest.param(b"\0" * 8, id="zeros for the delimiter"),
        pytest.param(DELIMITER[:4], id="half a delimiter"),
        pytest.param(DELIMITER + b"\xff" * 16, id="padding behind"),
        pytest.param(DELIMITER + b"\0" * 512, id="zeros behind"),
        pytest.param(b"\xff" * 16, id="padding for the delimiter"),
        pytest.param(DELIMITER + b"the end of another file", id="rubbish behind"),
    ],
)
def test_a_whole_frame_is_shown_however_its_element_ends(radiograph, name, end):
    path, sound = radiograph(name)
    content = path.read_bytes()
    assert content.endswith(DELIMITER)
    path.write_bytes(content[: -len(DELIMITER)] + end)
    np.testing.assert_array_equal(shown(path), sound)
    assert open_dicom(path).damage is None


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_cut_image_fails_in_words_and_names_its_study(radiograph, name, share):
    path, _ = radiograph(name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    image = open_image(image_file(path))
    assert image.identifiers.study_instance_uid == "1.2.826.0.1.3680043.8.498.2"
    assert (image.identifiers.patient_id, image.identifiers.study_date) == ("P-17", "2025-11-21")
    with refusal(UnreadableImageError, match="the file ends within them"):
        image.radiograph()
    with refusal(UnreadableImageError, match="the file ends within them"):
        read_picture(image_file(path))


@pytest.mark.parametrize("name", SYNTAXES)
def test_a_frame_whose_items_are_odd_is_shown(radiograph, name):
    path, sound = radiograph(name)
    dataset = pydicom.dcmread(path)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    item = b"\xfe\xff\x00\xe0"
    third = len(frame) // 3 | 1  # an odd length, of which PS3.5 A.4 knows none
    pieces = frame[:third], frame[third:]
    odd = b"".join(item + len(each).to_bytes(4, "little") + each for each in (b"", *pieces))
    one = item + len(frame).to_bytes(4, "little") + frame
    for value in (odd + DELIMITER, item + bytes(4) + one + DELIMITER, one + DELIMITER):
        content = path.read_bytes()
        start = content.index(b"\xe0\x7f\x10\x00OB") + 12
        path.write_bytes(content[:start] + value)
        np.testing.assert_array_equal(shown(path), sound)


def test_a_padding_byte_that_no_length_counts_is_passed_over():
    one, two = b"\xfe\xff\x00\xe0\x03\0\0\0abc", b"\xfe\xff\x00\xe0\x02\0\0\0de"
    found = items_of(b"\xfe\xff\x00\xe0\0\0\0\0" + one + b"\0" + two + DELIMITER)
    assert found.frame() == b"abcde"
    assert not found.tidy


def test_items_say_where_they_were_cut():
    whole = encapsulated(b"\xff\xd8 image \xff\xd9")
    assert not items_of(whole).cut
    assert items_of(whole[:-4]).cut
    assert not items_of(encapsulated(b"\xff\xd8 image \xff\xd9\0\0\0\0")[:-3]).cut  # its own end is there


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(
            lambda head: head + b"\x09\x00\x10\x10UN\0\0\xff\xff\xff\xff", id="a value without its end"
        ),
        pytest.param(lambda head: head + b"\x10\x00\x40\x00OB\0\0\x40", id="a length cut short"),
        pytest.param(
            lambda head: (
                head + b"\x20\x00\x10\x10SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" * 3000
            ),
            id="sequences nested too deep",
        ),
        pytest.param(
            lambda head: head + b"\x20\x00\x10\x10SQ\0\0\x20\0\0\0" + b"\x01" * 32,
            id="a sequence of no items",
        ),
    ],
)
def test_a_damaged_header_names_the_study_that_stands_before_the_damage(make_dicom, damage):
    path = make_dicom(RADIOGRAPH)
    content = path.read_bytes()
    behind = content.index(b"\x20\x00\x0d\x00UI")
    length = int.from_bytes(content[behind + 6 : behind + 8], "little")
    path.write_bytes(damage(content[: behind + 8 + length]))
    image = open_image(image_file(path))
    assert image.identifiers.study_instance_uid == "1.2.826.0.1.3680043.8.498.2"
    with refusal(UnreadableImageError, match=r"the (DICOM )?(header|file holds no pixel data)"):
        image.radiograph()


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("NumberOfFrames", "one "),
        ("SeriesNumber", "1.5 "),
        ("InstanceNumber", "x"),
        ("PixelSpacing", "a\\b "),
        ("ViewPosition", "\xff\xfe"),
    ],
)
def test_a_value_that_is_none_of_its_kind_costs_no_identifiers(make_dicom, keyword, value):
    path = make_dicom(RADIOGRAPH)
    dataset = pydicom.dcmread(path)
    element = pydicom.DataElement(keyword, "LO", value)
    dataset[keyword] = element
    dataset.save_as(path)
    content = path.read_bytes()
    tag = element.tag.group.to_bytes(2, "little") + element.tag.element.to_bytes(2, "little")
    vr = pydicom.datadict.dictionary_VR(keyword).encode()
    path.write_bytes(content.replace(tag + b"LO", tag + vr))
    assert open_image(image_file(path)).identifiers.study_instance_uid == "1.2.826.0.1.3680043.8.498.2"


TRAILERS = {
    "a start of scan": b"\xff\xda\xff\xd9",
    "a whole other JPEG": None,
    "a cut other JPEG": None,
    "a phone's image": b"ftypmp42" + bytes(range(256)) * 40,
    "zeros": bytes(5000),
}


@pytest.mark.parametrize("name", TRAILERS)
def test_a_jpeg_ends_at_its_own_end(make_jpeg, name):
    path = make_jpeg(RADIOGRAPH)
    sound = read_raster(path)
    content = path.read_bytes()
    other = make_jpeg(255 - RADIOGRAPH, name="other.jpg").read_bytes()
    trailer = {"a whole other JPEG": other, "a cut other JPEG": other[: len(other) // 2]}.get(
        name, TRAILERS[name]
    )
    path.write_bytes(content + trailer)
    np.testing.assert_array_equal(read_raster(path), sound)
    assert jpeg_end(content + trailer) == len(content)


def test_bytes_behind_a_jpeg_within_dicom_are_passed_over(radiograph):
    path, sound = radiograph("JPEG")
    dataset = pydicom.dcmread(path)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    dataset.PixelData = encapsulated(frame + b"\xff\xda\0\0" * 20)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    np.testing.assert_array_equal(shown(path), sound)


def test_a_png_ends_at_its_own_end(make_png):
    path = make_png(RADIOGRAPH)
    path.write_bytes(path.read_bytes() + b"\xff\xda" + bytes(3000))
    np.testing.assert_array_equal(read_raster(path), RADIOGRAPH)


def test_a_cut_jpeg_with_a_thumbnail_fails(make_jpeg):
    """The thumbnail has an end of its own; the image behind it has none."""
    thumbnail = make_jpeg(RADIOGRAPH[::4, ::4], name="thumbnail.jpg").read_bytes()
    path = make_jpeg(RADIOGRAPH)
    content = path.read_bytes()
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = content[:2] + segment + content[2:]
    path.write_bytes(whole)
    np.testing.assert_allclose(read_picture(image_file(path, "jpeg")).astype(int), RADIOGRAPH, atol=12)
    path.write_bytes(whole[: len(whole) * 2 // 3] + bytes(len(whole) // 3))
    with pytest.raises(UnreadableImageError):
        read_picture(image_file(path, "jpeg"))
    with Image.open(path) as header:  # as a viewer would: it is sound
        assert header.size == RADIOGRAPH.shape[::-1]
