"""An image read at the lowest resolution that is large enough: the same image smaller, in every codec."""

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from screener.domain import PreprocessingSpec
from screener.errors import UnreadableImageError
from screener.intake import STREAM_DIGEST, classify, open_image, pixel_digest
from screener.intake.decode.reduced import reduced_values
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from screener.intake.raster import read_raster, sampled_raster
from screener.preprocessing.clahe import resized
from tests.intake.encodings import RADIOGRAPH, shorten, spanning, voi_lut

ROWS, COLUMNS = 1001, 1026  # an odd side, and one that is a multiple of 4 and 2 more
READ_SIZE = 448
SQUARE = PreprocessingSpec(size=224)
BY_MEANS, BY_WAVELET = 3, 4  # grey levels of 256 that a cell of the square differs by, most of all at an edge
WHOLE_SYNTAXES = {
    "uncompressed": ExplicitVRLittleEndian,
    "RLE": RLELossless,
    "JPEG lossless": JPEGLosslessSV1,
    "JPEG-LS": JPEGLSLossless,
    "JPEG, 12 bits": JPEGExtended12Bit,
}
BY_LEVEL_SYNTAXES = {
    "JPEG 2000 lossless": JPEG2000Lossless,
    "JPEG 2000": JPEG2000,
    "HTJ2K lossless": HTJ2KLossless,
    "HTJ2K": HTJ2K,
}
BY_CODEC = BY_LEVEL_SYNTAXES | {"JPEG, 8 bits": JPEGBaseline8Bit}
EVERY_SYNTAX = WHOLE_SYNTAXES | BY_CODEC


def _large(bits=12, signed=False):
    large = cv2.resize(
        cv2.GaussianBlur(RADIOGRAPH, (0, 0), 2), (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC
    )
    values = np.round(large.astype(float) * ((2**bits - 1) / 255)).astype(int)
    return (values - signed * 2 ** (bits - 1)).astype("i2" if signed else "u2" if bits > 8 else "u1")


@pytest.fixture
def make_radiograph(keep):
    def make(syntax, bits=12, *, signed=False, pixels=None, **elements):
        bits = 8 if syntax == JPEGBaseline8Bit else bits
        pixels = _large(bits, signed) if pixels is None else pixels
        return keep(pixels, syntax=syntax, BitsStored=bits, **{**spanning(bits, signed=signed), **elements})

    return make


def _squares(path):
    """Return what the network would see of an image read whole, and read smaller, before CLAHE."""
    whole, read = (display(open_dicom(path).dataset, size) for size in (None, READ_SIZE))
    assert read.pixels.size < whole.pixels.size
    return resized(whole.pixels, SQUARE).astype(int), resized(read.pixels, SQUARE, read.sampling).astype(int)


def _difference(path):
    whole, read = _squares(path)
    return np.abs(whole - read)


@pytest.mark.parametrize("name", WHOLE_SYNTAXES)
def test_where_no_codec_helps_an_image_is_read_whole(make_radiograph, name):
    dataset = open_dicom(make_radiograph(WHOLE_SYNTAXES[name])).dataset
    _assert_whole(display(dataset, READ_SIZE), display(dataset))


def test_a_jpeg_in_dicom_gives_the_same_square_at_a_dct_scale(make_radiograph):
    difference = _difference(make_radiograph(JPEGBaseline8Bit))
    assert difference.max() <= BY_MEANS
    assert difference.mean() < 0.3


@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("name", BY_LEVEL_SYNTAXES)
def test_a_lower_resolution_of_jpeg_2000_gives_the_same_square(make_radiograph, name, bits, signed):
    if bits == 8 and signed:
        pytest.skip("signed images have 16 bits here")
    difference = _difference(make_radiograph(BY_LEVEL_SYNTAXES[name], bits, signed=signed))
    assert difference.max() <= BY_WAVELET
    assert difference.mean() < 0.3


def test_every_codec_is_asked_for_the_lower_resolution(make_radiograph):
    for name, syntax in BY_CODEC.items():
        assert reduced_values(open_dicom(make_radiograph(syntax)).dataset, 1) is not None, name


@pytest.mark.parametrize("name", BY_CODEC)
@pytest.mark.parametrize("sides", [(1793, 1797), (1794, 2050), (1795, 1799), (1796, 1800)])
def test_a_quarter_of_each_side_is_rounded_up(keep, name, sides):
    bits = 8 if BY_CODEC[name] == JPEGBaseline8Bit else 12
    large = cv2.resize(_large(bits), sides[::-1], interpolation=cv2.INTER_LINEAR)
    path = keep(large, syntax=BY_CODEC[name], BitsStored=bits, **spanning(bits))
    values = reduced_values(open_dicom(path).dataset, 2).values
    assert values.shape == tuple(-(-side // 4) for side in sides)


@pytest.mark.parametrize("name", EVERY_SYNTAX)
def test_without_a_read_size_an_image_comes_whole(make_radiograph, name):
    path = make_radiograph(EVERY_SYNTAX[name])
    assert display(open_dicom(path).dataset).pixels.shape == (ROWS, COLUMNS)


@pytest.mark.parametrize("name", EVERY_SYNTAX)
def test_a_small_image_is_read_as_it_is(make_radiograph, name):
    syntax = EVERY_SYNTAX[name]
    bits = 8 if syntax == JPEGBaseline8Bit else 12
    path = make_radiograph(syntax, pixels=np.ascontiguousarray(_large(bits)[:894, :894]))
    dataset = open_dicom(path).dataset
    np.testing.assert_array_equal(display(dataset, READ_SIZE).pixels, display(dataset).pixels)


@pytest.mark.parametrize("where", ["in its capsule", "zeros for the rest", "in its capsule, with an end"])
@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("name", BY_CODEC)
def test_what_is_missing_is_missed_though_it_is_not_read(make_radiograph, name, where, share):
    path = make_radiograph(BY_CODEC[name])
    end = b"\xff\xd9" if where.endswith("end") else b""
    shorten(path, share, zeros=where == "zeros for the rest", end=end)
    assert reduced_values(open_dicom(path).dataset, 1) is None
    with pytest.raises(UnreadableImageError):
        display(open_dicom(path).dataset, READ_SIZE)


PEAK = voi_lut(np.abs(np.arange(4096) - 2048) * 2, bits=12)  # bright at both ends


@pytest.mark.parametrize(
    ("pixels", "elements"),
    [
        pytest.param(_large(), PEAK, id="a VOI LUT that falls and rises"),
        pytest.param(
            np.pad(_large()[20:-20, 20:-20], 20, constant_values=4095),
            {"PixelPaddingValue": 4095},
            id="a border that is black, of the highest value",
        ),
        pytest.param(
            _large(),
            {
                "ShutterShape": "RECTANGULAR",
                "ShutterLeftVerticalEdge": 100,
                "ShutterRightVerticalEdge": 900,
                "ShutterUpperHorizontalEdge": 50,
                "ShutterLowerHorizontalEdge": 950,
            },
            id="a shutter, whose edges count pixels of the whole image",
        ),
    ],
)
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEG2000Lossless], ids=["native", "JPEG 2000"])
def test_where_values_cannot_be_averaged_an_image_is_read_whole(make_radiograph, syntax, pixels, elements):
    """A mean of two values would be shown as a grey that neither of them has."""
    dataset = open_dicom(make_radiograph(syntax, pixels=pixels, **elements)).dataset
    _assert_whole(display(dataset, READ_SIZE), display(dataset))


def _assert_whole(read, whole):
    np.testing.assert_array_equal(read.pixels, whole.pixels)
    assert read.sampling is None


@pytest.mark.parametrize("interpretation", ["MONOCHROME1", "MONOCHROME2"])
def test_without_a_window_the_range_hardly_moves(make_radiograph, interpretation):
    no_window = {"WindowCenter": None, "WindowWidth": None}
    path = make_radiograph(JPEG2000Lossless, PhotometricInterpretation=interpretation, **no_window)
    difference = _difference(path)
    assert difference.mean() < 0.5


def test_a_colour_capture_is_read_whole(keep):
    path = keep(np.dstack([_large(8)] * 3), BitsStored=8, PhotometricInterpretation="RGB")
    dataset = open_dicom(path).dataset
    _assert_whole(display(dataset, READ_SIZE), display(dataset))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("depth", ["grey", "colour"])
def test_a_jpeg_file_comes_halved_and_upright(tmp_path, depth, orientation):
    grey, exif = _large(8), Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    picture = Image.fromarray(np.dstack([grey] * 3) if depth == "colour" else grey)
    picture.save(tmp_path / "image.jpg", quality=95, exif=exif)
    whole, read = read_raster(tmp_path / "image.jpg"), sampled_raster(tmp_path / "image.jpg", READ_SIZE)
    assert read.pixels.shape == ((501, 513) if orientation < 5 else (513, 501))
    square = resized(read.pixels, SQUARE, read.sampling)
    assert np.abs(resized(whole, SQUARE).astype(int) - square).max() <= BY_MEANS


@pytest.mark.parametrize("bits", [8, 16])
def test_a_png_is_read_whole(tmp_path, bits):
    assert cv2.imwrite(str(tmp_path / "image.png"), _large(bits))
    read = sampled_raster(tmp_path / "image.png", READ_SIZE)
    assert read.pixels.shape == (ROWS, COLUMNS)
    assert read.sampling is None


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_damage_in_a_jpeg_is_noticed_at_a_dct_scale(tmp_path, progressive):
    path = tmp_path / "image.jpg"
    assert cv2.imwrite(str(path), _large(8), [cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)])
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 400] = bytes(400)
    path.write_bytes(bytes(content))
    with pytest.raises(UnreadableImageError):
        sampled_raster(path, READ_SIZE)


def test_an_image_lying_on_its_side_comes_at_the_same_resolution(make_radiograph):
    upright = make_radiograph(JPEG2000Lossless)
    assert display(open_dicom(upright).dataset, READ_SIZE).pixels.shape == (501, 513)
    lying = make_radiograph(JPEG2000Lossless, pixels=np.ascontiguousarray(_large().T))
    assert display(open_dicom(lying).dataset, READ_SIZE).pixels.shape == (513, 501)


@pytest.mark.parametrize("orientation", ["R\\F", "L\\H", "F\\L", "H\\R", "F\\R", "H\\L"])
def test_an_image_turned_by_its_tag_gives_the_square_of_the_whole_one(make_radiograph, orientation):
    """The samples of a wavelet do not lie in the middle: turned, they lie on the other side."""
    path = make_radiograph(JPEG2000Lossless, PatientOrientation=orientation.split("\\"))
    assert _difference(path).max() <= BY_WAVELET


def test_an_image_whose_pixels_are_drawn_out_is_read_whole(make_radiograph):
    dataset = open_dicom(make_radiograph(JPEG2000Lossless, PixelAspectRatio=[3, 2])).dataset
    _assert_whole(display(dataset, READ_SIZE), display(dataset))


def test_a_codestream_whose_corner_lies_between_the_samples_is_read_whole(make_radiograph):
    path = make_radiograph(JPEG2000Lossless)
    dataset = open_dicom(path).dataset
    siz = dataset.PixelData.index(b"\xff\x4f\xff\x51")
    moved = bytearray(dataset.PixelData)
    for at in (8, 16, 24, 32):  # right and left edge of the picture, width and left edge of its tile
        moved[siz + at + 3] += 1
    dataset.PixelData = bytes(moved)
    assert reduced_values(dataset, 1) is None


def test_a_header_that_swaps_rows_and_columns_gets_no_lower_resolution(make_radiograph):
    dataset = open_dicom(make_radiograph(JPEG2000Lossless)).dataset
    dataset.Rows, dataset.Columns = dataset.Columns, dataset.Rows
    assert reduced_values(dataset, 1) is None


def test_white_that_a_lower_resolution_overshoots_stays_white(make_radiograph):
    """A stream may be deeper than Bits Stored: with the surplus bit cut off, white would come out black."""
    stripes = np.zeros((ROWS, COLUMNS), np.uint16)
    stripes[:, 300:700] = 4095
    path = make_radiograph(JPEG2000Lossless, pixels=stripes, bits=16, **spanning(12))
    dataset = open_dicom(path).dataset
    dataset.BitsStored, dataset.HighBit = 12, 11
    values = reduced_values(dataset, 1).values
    assert values.max() == 4095
    assert display(dataset, READ_SIZE).pixels[:, 160:340].min() > 200


def test_a_smaller_image_is_known_again_by_its_stream(make_radiograph):
    path = make_radiograph(JPEG2000Lossless)
    image = open_image(classify(path, path.name))
    whole, read = image.radiograph().pixels, image.radiograph(READ_SIZE).pixels
    assert image.digest(whole) == pixel_digest(whole)
    assert image.digest(read).startswith(STREAM_DIGEST)
