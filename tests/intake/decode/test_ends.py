"""Streams whose end is missing or padded: read where nothing of the picture can be missing, else refused."""

from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
)

from screener.errors import UnreadableImageError
from screener.intake.decode.encapsulated import ITEM, items_of
from screener.intake.raster import read_raster
from tests.intake.encodings import RADIOGRAPH, spanning, stored
from tests.intake.radiographs import shown
from tests.reasons import refusal

TILE_PART, END = b"\xff\x90\x00\x0a", b"\xff\xd9"
JPEG_2000 = {"JPEG 2000": JPEG2000Lossless, "HTJ2K": HTJ2KLossless}
PROVEN = {"JPEG": JPEGBaseline8Bit, "JPEG-LS": JPEGLSLossless}
UNPROVEN = {"12-bit JPEG": JPEGExtended12Bit, "lossless JPEG": JPEGLosslessSV1}
SYNTAXES = JPEG_2000 | PROVEN | UNPROVEN
NO_END = {
    "nothing": b"",
    "zeros": bytes(20),
    "a zero": b"\0",
    "ones": b"\xff" * 20,
    "half the marker": b"\xff",
    "both": b"\xff\0" * 9,
}


def put(path, value, raw=False):
    dataset = pydicom.dcmread(path)
    dataset.PixelData = value if raw else encapsulate([value])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)


@pytest.fixture
def radiograph(keep):
    """Write an image in a compressed syntax and return its path, its stream and what it shows."""

    def radiograph(syntax):
        bits = 8 if syntax == JPEGBaseline8Bit else 12
        path = keep(stored(bits), syntax=syntax, BitsStored=bits, **spanning(bits))
        stream = next(generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1))
        return path, stream[: stream.rindex(END) + 2], shown(path)

    return radiograph


@pytest.mark.parametrize("end", NO_END.values(), ids=NO_END)
@pytest.mark.parametrize("syntax", (JPEG_2000 | PROVEN).values(), ids=JPEG_2000 | PROVEN)
def test_a_stream_that_lacks_only_its_end_is_shown(radiograph, syntax, end):
    path, stream, sound = radiograph(syntax)
    put(path, stream[:-2] + end)
    np.testing.assert_array_equal(shown(path), sound)


@pytest.mark.parametrize("end", NO_END.values(), ids=NO_END)
@pytest.mark.parametrize("syntax", UNPROVEN.values(), ids=UNPROVEN)
def test_it_is_refused_where_no_decoder_tells_what_else_is_missing(radiograph, syntax, end):
    """libjpeg-turbo fills up a scan of 12 bits or of lossless values, and says so to nobody."""
    path, stream, _ = radiograph(syntax)
    put(path, stream[:-2] + end)
    with refusal(UnreadableImageError, match="truncated"):
        shown(path)


@pytest.mark.parametrize(
    "end", [b"", bytes(20), b"\xff" * 20, END], ids=["nothing", "zeros", "ones", "a marker"]
)
@pytest.mark.parametrize("missing", [1, 2, 10, 1000])
@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_a_stream_that_lacks_more_is_refused(radiograph, syntax, missing, end):
    if end == END and syntax in UNPROVEN.values():
        pytest.skip("an end behind a cut scan is damage that nothing tells")
    path, stream, _ = radiograph(syntax)
    put(path, stream[: -2 - missing] + end)
    with refusal(UnreadableImageError, match="truncated"):
        shown(path)


@pytest.mark.parametrize("padding", [b"\xff" * 40, bytes(40), b"\xff\0" * 20, b"\xff"], ids=len)
@pytest.mark.parametrize("last", [False, True], ids=["with lengths", "the last without"])
@pytest.mark.parametrize("syntax", JPEG_2000.values(), ids=JPEG_2000)
def test_padding_behind_jpeg_2000_is_passed_over(radiograph, syntax, last, padding):
    path, stream, sound = radiograph(syntax)
    put(path, (_last_without_length(stream) if last else stream) + padding)
    np.testing.assert_array_equal(shown(path), sound)


@pytest.mark.parametrize("end", NO_END.values(), ids=NO_END)
@pytest.mark.parametrize("missing", [0, 1000])
def test_a_last_tile_part_without_length_needs_its_end(radiograph, missing, end):
    """Psot is 0: where it ends, only the marker says."""
    path, stream, _ = radiograph(JPEG2000Lossless)
    put(path, _last_without_length(stream)[: -2 - missing] + end)
    with refusal(UnreadableImageError, match="truncated"):
        shown(path)


@pytest.mark.parametrize("kept", [1, 3])
@pytest.mark.parametrize("end", [b"", bytes(20)], ids=["nothing", "zeros"])
def test_tiles_that_are_missing_at_the_end_are_missed(keep, kept, end):
    path = keep(RADIOGRAPH, syntax=JPEG2000Lossless, BitsStored=8, **spanning(8))
    tiled = BytesIO()
    Image.fromarray(RADIOGRAPH).save(tiled, "JPEG2000", no_jp2=True, irreversible=False, tile_size=(120, 128))
    stream = tiled.getvalue()
    starts = [place for place in range(len(stream)) if stream.startswith(TILE_PART, place)]
    assert len(starts) == 4
    put(path, stream[:-2] + end)
    np.testing.assert_array_equal(shown(path), RADIOGRAPH)
    put(path, stream[: starts[kept]] + end)
    with refusal(UnreadableImageError, match="truncated"):
        shown(path)


def _last_without_length(stream):
    place = stream.rindex(TILE_PART) + 6
    return stream[:place] + bytes(4) + stream[place + 4 :]


@pytest.mark.parametrize("mode", [{}, {"progressive": True}], ids=["sequential", "progressive"])
def test_so_is_a_jpeg_file(make_jpeg, mode):
    """Of a progressive one nobody can tell whether scans that make it sharp are missing."""
    path = make_jpeg(RADIOGRAPH, **mode)
    sound, content = read_raster(path), path.read_bytes()
    path.write_bytes(content[:-2])
    if not mode:
        np.testing.assert_array_equal(read_raster(path), sound)
        path.write_bytes(content[:-12])
    with refusal(UnreadableImageError, match=r"truncated|premature end"):
        read_raster(path)


OPEN, CLOSE, ALL = ITEM + b"\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
TABLE = ITEM + bytes(4)


def item(content):
    return ITEM + len(content).to_bytes(4, "little") + content


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(lambda frame: TABLE + OPEN + frame + CLOSE, id="a frame with a delimiter"),
        pytest.param(lambda frame: TABLE + OPEN + frame, id="a frame without one"),
        pytest.param(lambda frame: OPEN + CLOSE + item(frame), id="the offset table"),
        pytest.param(lambda frame: OPEN + frame + CLOSE, id="a frame, no table"),
        pytest.param(lambda frame: TABLE + OPEN + frame[:500] + CLOSE + item(frame[500:]), id="a fragment"),
        pytest.param(lambda frame: TABLE + item(frame[:500]) + OPEN + frame[500:], id="the last fragment"),
    ],
)
@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_an_item_of_undefined_length_is_read(radiograph, syntax, value):
    path, stream, sound = radiograph(syntax)
    put(path, value(stream + b"\0" * (len(stream) % 2)), raw=True)
    np.testing.assert_array_equal(shown(path), sound)


def test_an_item_of_undefined_length_ends_where_all_do():
    assert items_of(TABLE + OPEN + b"image" + ALL + b"behind").items == (b"", b"image")
    assert items_of(TABLE + OPEN + b"image" + CLOSE + ALL).items == (b"", b"image")
