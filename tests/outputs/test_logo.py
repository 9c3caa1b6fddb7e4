import base64
import io
import struct
import zlib

import pytest
from PIL import Image, ImageFile

from screener.errors import UsageError
from screener.outputs.logo import SIZE, logo_uri


def saved(path, kind, size=(1200, 90)):
    Image.new("RGB", size, (10, 60, 120)).save(path, kind)
    return path


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_drawn_anew_within_bounds(tmp_path, kind):
    scheme, _, data = logo_uri(saved(tmp_path / "logo", kind)).partition(",")
    assert scheme == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as drawn:
        assert drawn.size == (SIZE[0], 60)


def claimed(columns, rows):
    """A PNG whose header claims a size that its pixels do not have."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"")))
    framed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "cannot be read", id="absent"),
        pytest.param(b"", "cannot be decoded", id="empty"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be decoded", id="drawing"),
        pytest.param(b"GIF89a" + bytes(50), "cannot be decoded", id="other format"),
        pytest.param(claimed(60_000, 60_000), "cannot be decoded|pixels", id="bomb"),
        pytest.param(claimed(9_000, 9_000), "9000 × 9000 pixels", id="too many pixels"),
        pytest.param(bytes(5_000_001), "larger than 5 MB", id="too large"),
    ],
)
def test_a_logo_that_cannot_be_used_is_named(tmp_path, content, words):
    path = tmp_path / "logo.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        logo_uri(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("filling", [False, True])  # WeasyPrint sets it to True when it is imported
def test_a_damaged_logo_is_named(tmp_path, monkeypatch, filling):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", filling)
    path = saved(tmp_path / "logo.png", "PNG", (300, 300))
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises(UsageError, match="cannot be decoded"):
        logo_uri(path)
