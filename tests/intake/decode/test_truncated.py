"""A compressed stream that ends early is refused, and never filled up."""

import time

import pytest
from PIL import ImageFile

from screener.errors import UnreadableImageError
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from tests.hostile import bombs
from tests.intake.encodings import (
    shorten,
    spanning,
    stored,
)
from tests.intake.twins import COMPRESSED


@pytest.mark.parametrize("where", ["in its capsule", "zeros for the rest", "with the file"])
@pytest.mark.parametrize("share", [0.02, 0.6, 0.99])
@pytest.mark.parametrize("name", COMPRESSED)
def test_a_truncated_stream_is_refused_at_once(keep, monkeypatch, name, share, where):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as importing WeasyPrint does
    bits = 8 if name == "JPEG .50" else 12
    path = keep(stored(bits), syntax=COMPRESSED[name], BitsStored=bits, **spanning(bits))
    if where != "with the file":
        shorten(path, share, zeros=where == "zeros for the rest")
    else:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share) // 2 * 2 + 1200 * (share < 0.1)])
    started = time.perf_counter()
    with pytest.raises(UnreadableImageError):
        display(open_dicom(path).dataset)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(bombs.dicom_with_jpeg_2000_claiming_many_pixels, id="JPEG 2000"),
        pytest.param(bombs.dicom_with_jpeg_ls_claiming_many_pixels, id="JPEG-LS"),
        pytest.param(bombs.dicom_with_lossless_jpeg_claiming_many_pixels, id="lossless JPEG"),
    ],
)
def test_a_stream_that_claims_far_too_many_pixels_is_refused_before_it_is_decoded(tmp_path, content):
    path = tmp_path / "image.dcm"
    path.write_bytes(content())
    started = time.process_time()
    with pytest.raises(UnreadableImageError):
        display(open_dicom(path).dataset)
    assert time.process_time() - started < 1
