import io

import numpy as np
import pytest
from PIL import Image

from screener.domain import FileKind
from screener.intake.file_type import SNIFF_BYTES, ForeignImage, kind_of

PREAMBLE = bytes(128) + b"DICM"


def encoded(file_format):
    stream = io.BytesIO()
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).convert("L").save(stream, file_format)
    return stream.getvalue()[:SNIFF_BYTES]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        pytest.param(PREAMBLE + b"\x02\x00\x00\x00UL\x04\x00", FileKind.DICOM, id="Part 10"),
        pytest.param(b"II*\x00" + bytes(124) + b"DICM", FileKind.DICOM, id="Part 10 and TIFF in one"),
        pytest.param(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", FileKind.DICOM, id="bare, explicit"),
        pytest.param(b"\x08\x00\x05\x00\x0a\x00\x00\x00ISO_IR 100", FileKind.DICOM, id="bare, implicit"),
        pytest.param(b"\x00\x08\x00\x05CS\x00\x0aISO_IR 100", FileKind.DICOM, id="bare, big endian"),
        pytest.param(
            b"\x02\x00\x00\x00UL\x04\x00\xc0\x00\x00\x00\x02\x00" + bytes(2), FileKind.DICOM, id="no preamble"
        ),
        pytest.param(PREAMBLE + b"\x02\x00\x02\x00UI\x14\x001.2.840.10008.1.3.10", None, id="DICOMDIR"),
        pytest.param(encoded("JPEG"), FileKind.JPEG, id="JPEG"),
        pytest.param(encoded("PNG"), FileKind.PNG, id="PNG"),
        pytest.param(b"", None, id="empty"),
        pytest.param(b"Chest radiographs of March\n", None, id="text"),
        pytest.param(b"PK\x03\x04\x14\x00\x00\x00\x08\x00aaaaaa", None, id="ZIP"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", None, id="PDF"),
        pytest.param(bytes(512), None, id="zeros"),
        pytest.param(b"\x08\x00\x05\x00", None, id="four bytes of a data set"),
        pytest.param(b"\x08\x00\x05\x00\x00\x00\xff\x7fISO_IR 100", None, id="implausible first element"),
        pytest.param(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", None, id="an image that moves"),
    ],
)
def test_content_tells_the_kind(start, kind):
    assert kind_of(start) is kind


@pytest.mark.parametrize(
    ("start", "name"),
    [
        pytest.param(encoded("TIFF"), "TIFF", id="TIFF"),
        pytest.param(b"MM\x00*\x00\x00\x00\x08", "TIFF", id="TIFF, big endian"),
        pytest.param(encoded("BMP"), "BMP", id="BMP"),
        pytest.param(encoded("GIF"), "GIF", id="GIF"),
        pytest.param(encoded("WEBP"), "WebP", id="WebP"),
        pytest.param(encoded("JPEG2000"), "JPEG 2000", id="JP2"),
        pytest.param(b"\xff\x4f\xff\x51\x00\x2f", "JPEG 2000", id="JPEG 2000 codestream"),
        pytest.param(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC", id="HEIC"),
        pytest.param(b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", "AVIF", id="AVIF"),
    ],
)
def test_other_image_formats_are_told_by_name(start, name):
    kind = kind_of(start)
    assert isinstance(kind, ForeignImage)
    assert kind == name
