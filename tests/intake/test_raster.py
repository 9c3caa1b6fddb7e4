import contextlib
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from screener.errors import UnreadableImageError
from screener.intake import raster
from screener.intake.raster import read_raster
from tests.intake.radiographs import GREY
from tests.reasons import refusal

NOISY = np.random.default_rng(1).integers(0, 256, (150, 140), dtype=np.uint8)
TURNED_RIGHT = {0x0112: 6}  # EXIF orientation: to be shown turned clockwise


def exif(tags):
    made = Image.Exif()
    for tag, value in tags.items():
        made[tag] = value
    return made


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "RGBA", "LA"])
def test_a_png_of_any_mode_shows_its_grey_levels(make_png, mode):
    np.testing.assert_array_equal(read_raster(make_png(GREY, mode=mode)), GREY)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"mode": "RGB"}, {"mode": "CMYK"}], ids=str)
def test_a_jpeg_of_any_mode_shows_its_grey_levels(make_jpeg, options):
    shown = read_raster(make_jpeg(GREY, **options))
    assert shown.dtype == np.uint8
    np.testing.assert_allclose(shown.astype(int), GREY, atol=3)


def test_colour_becomes_luma(make_png):
    rgb = np.zeros((130, 130, 3), dtype=np.uint8)
    rgb[...] = (200, 100, 50)
    assert set(np.unique(read_raster(make_png(rgb)))) == {124}  # 0.299 * 200 + 0.587 * 100 + 0.114 * 50


def test_one_bit_is_black_and_white(make_png):
    halves = np.where(GREY > 127, 255, 0).astype(np.uint8)
    np.testing.assert_array_equal(read_raster(make_png(halves, mode="1")), halves)


@pytest.mark.parametrize("file_format", ["jpeg", "png"])
def test_an_image_is_turned_upright(make_jpeg, make_png, file_format):
    make = {"jpeg": make_jpeg, "png": make_png}[file_format]
    shown = read_raster(make(GREY, exif=exif(TURNED_RIGHT)))
    np.testing.assert_allclose(shown.astype(int), np.rot90(GREY, -1), atol=3)


SQUEEZED = cv2.resize(GREY, None, fx=0.5, fy=1, interpolation=cv2.INTER_AREA)  # pixels twice as wide as high


def dense(path, across, down, unit):
    """Put a density in a JPEG's JFIF header, or give a PNG a pHYs chunk; unit: 0 for none, else 1."""
    content = path.read_bytes()
    if content[:2] == b"\xff\xd8":
        at = content.index(b"JFIF\0") + 7
        path.write_bytes(content[:at] + struct.pack(">BHH", unit, across, down) + content[at + 5 :])
        return path
    chunk = b"pHYs" + struct.pack(">IIB", across, down, unit)
    written = struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(content[:33] + written + content[33:])  # after IHDR
    return path


@pytest.mark.parametrize(("across", "down", "unit"), [(1, 2, 0), (100, 200, 1), (2953, 5906, 1)])
@pytest.mark.parametrize("file_format", ["jpeg", "png"])
def test_oblong_pixels_are_shown_square(make_jpeg, make_png, file_format, across, down, unit):
    make = {"jpeg": make_jpeg, "png": make_png}[file_format]
    shown = read_raster(dense(make(SQUEEZED), across, down, unit))
    assert shown.shape == GREY.shape
    assert np.abs(shown.astype(int) - GREY).mean() < 3


@pytest.mark.parametrize("file_format", ["jpeg", "png"])
def test_oblong_pixels_of_an_image_on_its_side_are_shown_square(make_jpeg, make_png, file_format):
    make = {"jpeg": make_jpeg, "png": make_png}[file_format]
    lying = np.ascontiguousarray(np.rot90(SQUEEZED))
    shown = read_raster(dense(make(lying, exif=exif(TURNED_RIGHT)), 2, 1, 0))
    assert shown.shape == GREY.shape
    assert np.abs(shown.astype(int) - GREY).mean() < 3


def test_oblong_pixels_of_sixteen_bits_are_shown_square(make_png):
    deep = SQUEEZED.astype(np.uint16) * 256
    assert read_raster(dense(make_png(deep), 1, 2, 0)).shape == GREY.shape


@pytest.mark.parametrize(
    ("across", "down"), [(1, 1), (300, 299), (0, 0), (0, 2), (1, 0), (1, 100), (65535, 1), (1, 5)]
)
@pytest.mark.parametrize("file_format", ["jpeg", "png"])
def test_a_density_that_no_image_has_is_ignored(make_jpeg, make_png, file_format, across, down):
    make = {"jpeg": make_jpeg, "png": make_png}[file_format]
    assert read_raster(dense(make(GREY), across, down, 0)).shape == GREY.shape


@pytest.mark.parametrize(
    "channels", [pytest.param(1, id="grey"), pytest.param(3, id="RGB"), pytest.param(4, id="RGBA")]
)
def test_twelve_bits_in_sixteen_are_not_shown_as_black(tmp_path, channels):
    wedge = np.tile(np.linspace(0, 4095, 200).astype(np.uint16), (150, 1))
    path = tmp_path / "deep.png"
    deep = wedge if channels == 1 else np.dstack([wedge] * channels)
    path.write_bytes(cv2.imencode(".png", deep)[1].tobytes())
    shown = read_raster(path)
    assert (shown.min(), shown.max()) == (0, 255)
    assert len(np.unique(shown)) > 190
    assert (np.diff(shown[0].astype(int)) >= 0).all()


def test_one_hot_pixel_does_not_set_white(make_png):
    deep = np.tile(np.linspace(0, 1000, 200).astype(np.uint16), (150, 1))
    deep[0, 0] = 65535
    assert read_raster(make_png(deep))[:, 150].mean() == pytest.approx(0.75 * 255, abs=3)


@pytest.mark.parametrize("keep", [0.05, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("tail", ["cut", "zeros"])
@pytest.mark.parametrize("encoding", ["jpeg", "progressive", "png"])
def test_an_incomplete_file_fails_and_is_never_filled_up(make_jpeg, make_png, encoding, tail, keep):
    """A copy that was interrupted ends early, or in zeros where the space was reserved beforehand."""
    path = make_png(NOISY) if encoding == "png" else make_jpeg(NOISY, progressive=encoding == "progressive")
    whole = path.read_bytes()
    start = whole[: int(len(whole) * keep)]
    path.write_bytes(start + (bytes(len(whole) - len(start)) if tail == "zeros" else b""))
    with pytest.raises(UnreadableImageError):
        read_raster(path)


@pytest.mark.parametrize("seed", range(10))
def test_a_jpeg_damaged_in_its_middle_fails_though_its_end_is_whole(make_jpeg, seed):
    """Pillow and OpenCV show grey, or the wrong part of the image, and say nothing."""
    random = np.random.default_rng(seed)
    path = make_jpeg(NOISY)
    content = bytearray(path.read_bytes())
    place = int(random.integers(len(content) // 3, len(content) - 3000))
    content[place : place + 2000] = bytes(2000)
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError):
        read_raster(path)


def test_surplus_bytes_before_the_end_marker_are_no_damage(make_jpeg):
    path = make_jpeg(GREY)
    content = path.read_bytes()
    path.write_bytes(content[:-2] + b"\x00\x00\x00" + content[-2:])
    np.testing.assert_allclose(read_raster(path).astype(int), GREY, atol=3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_as_pillow_does(make_jpeg, orientation):
    path = make_jpeg(NOISY, exif=exif({0x0112: orientation}))
    with Image.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened))
    np.testing.assert_array_equal(read_raster(path), expected)


def test_a_smooth_png_with_a_tail_of_zeros_fails(make_png):
    """Zeros after a smooth picture can still be inflated: only the checksums tell."""
    random = np.random.default_rng(0)
    smooth = np.add.outer(np.arange(160), np.arange(200)) * 0.6 + random.normal(0, 8, (160, 200))
    path = make_png(smooth.clip(0, 255).astype(np.uint8))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    with pytest.raises(UnreadableImageError):
        read_raster(path)


@pytest.mark.parametrize("seed", range(25))
def test_damage_ends_as_a_picture_or_as_an_error_of_ours(make_jpeg, seed):
    random = np.random.default_rng(seed)
    path = make_jpeg(NOISY, exif=exif(TURNED_RIGHT))
    content = bytearray(path.read_bytes())
    for place in random.integers(0, 200, 6):
        content[place] = random.integers(0, 256)
    path.write_bytes(content)
    with contextlib.suppress(UnreadableImageError):
        assert read_raster(path).ndim == 2


@pytest.mark.parametrize(
    ("limited", "limit", "reason"),
    [
        (raster, "MAX_PIXELS", "too large.*: 130 × 140"),
        (Image, "MAX_IMAGE_PIXELS", "too large"),
    ],
    ids=["ours", "Pillow's"],
)
def test_a_picture_that_claims_to_be_huge_fails(make_png, monkeypatch, limited, limit, reason):
    path = make_png(NOISY[:140, :130])
    monkeypatch.setattr(limited, limit, 10_000)
    with refusal(UnreadableImageError, match=reason):
        read_raster(path)


def test_a_file_that_has_gone_fails(tmp_path):
    with refusal(UnreadableImageError, match="No such file"):
        read_raster(tmp_path / "gone.png")


def test_a_thumbnail_does_not_end_the_image_it_belongs_to(make_jpeg):
    """A JPEG within the EXIF block has an end marker of its own."""
    thumbnail = make_jpeg(GREY, name="thumbnail.jpeg").read_bytes()
    path = make_jpeg(NOISY, exif=exif({0x010F: "Maker"}).tobytes() + thumbnail)
    whole = path.read_bytes()
    assert read_raster(path).shape == NOISY.shape
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) // 2))
    with pytest.raises(UnreadableImageError):
        read_raster(path)
