"""A copy of an image in another transfer syntax stays a copy where images are read smaller than they are."""

import csv
import json
import shutil

import cv2
import numpy as np
import pytest
from pydicom.uid import HTJ2KLossless, JPEG2000Lossless, JPEGLosslessSV1

from screener.domain import ImageFile
from screener.inference.model_folder import seal_model_folder
from screener.intake import STREAM_DIGEST, classify, holds_picture, open_image
from screener.options import ScanOptions
from screener.resources import shipped_model
from screener.screening.scan import run_scan
from tests.commands.conftest import radiograph, write_dicom
from tests.hostile.fuzz import _Silent
from tests.intake.encodings import compress

pytestmark = pytest.mark.slow  # whole scans, one after another

LARGE = cv2.resize(radiograph(1), (960, 1000), interpolation=cv2.INTER_CUBIC).astype(np.uint16) * 16


def write(path, syntax=None, pixels=LARGE, **elements):
    values = {"Rows": 1000, "Columns": 960, "PixelData": pixels.tobytes(), "StudyInstanceUID": "1.2.3"}
    write_dicom(path, **values, **{"SOPInstanceUID": "1.2.3.4", **elements})
    if syntax:
        compress(path, syntax)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The shipped model, as if it had been taught to read images from 448 pixels on."""
    folder = tmp_path_factory.mktemp("models") / "net"
    shutil.copytree(shipped_model(), folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    described = {key: manifest[key] for key in manifest if key not in ("files", "manifest_sha256")}
    described["preprocessing"]["read_size"] = 448
    seal_model_folder(folder, described)
    return folder


@pytest.fixture
def scanned(tmp_path, model):
    def scan(name="report", **options):
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        run_scan(
            ScanOptions(
                paths=(tmp_path / "studies",), out=out / f"{name}.pdf", files_csv=out / "files.csv",
                workers=1, pdf=False, **{"model": model, **options},
            ),
            _Silent(),
        )  # fmt: skip
        with (out / "files.csv").open(encoding="utf-8", newline="") as stream:
            return {row["file"]: row["reason"] for row in csv.DictReader(stream)}

    (tmp_path / "studies").mkdir()
    return scan


def test_equal_pixels_in_three_syntaxes_are_one_image(scanned, tmp_path):
    write(tmp_path / "studies/a.dcm")
    write(tmp_path / "studies/b.dcm", JPEG2000Lossless)
    write(tmp_path / "studies/c.dcm", HTJ2KLossless)
    copy = {"b.dcm": "duplicate of a.dcm", "c.dcm": "duplicate of a.dcm"}
    assert scanned() == {"a.dcm": "", **copy}


def test_a_copy_in_the_same_syntax_is_known_by_its_stream(scanned, tmp_path, monkeypatch):
    write(tmp_path / "studies/a.dcm", JPEG2000Lossless)
    write(tmp_path / "studies/b.dcm", JPEG2000Lossless, AccessionNumber="sent-again")
    monkeypatch.setattr("screener.engines.local.LocalEngine.read_digests", None)  # nothing is read whole
    assert scanned()["b.dcm"] == "duplicate of a.dcm"


def test_one_pixel_makes_another_image(scanned, tmp_path):
    other = LARGE.copy()
    other[500, 480] += 160
    write(tmp_path / "studies/a.dcm")
    write(tmp_path / "studies/b.dcm", JPEG2000Lossless, pixels=other)
    assert "duplicate" not in " ".join(scanned().values())
    worklist = (tmp_path / "out" / "report.csv").read_text(encoding="utf-8")
    assert "SOP Instance UID shared with other pixels" in worklist


def test_a_copy_that_comes_a_night_later_is_found(scanned, tmp_path):
    ledger = tmp_path / "ledger.sqlite"
    write(tmp_path / "studies/a.dcm", JPEG2000Lossless)
    assert scanned("one", ledger=ledger) == {"a.dcm": ""}
    write(tmp_path / "studies/b.dcm", JPEGLosslessSV1)
    assert scanned("two", ledger=ledger)["b.dcm"] == "duplicate of a.dcm"
    assert scanned("three", ledger=ledger)["b.dcm"] == "duplicate of a.dcm"


def test_an_image_that_was_replaced_is_not_shown_in_place_of_the_one_screened(tmp_path):
    path = write(tmp_path / "a.dcm", JPEG2000Lossless)
    image = open_image(classify(path, "a.dcm"))
    digest = image.digest(image.radiograph(448).pixels)
    assert digest.startswith(STREAM_DIGEST)
    for replaced, same in ((LARGE, True), (LARGE[::-1].copy(), False)):
        file = classify(write(path, JPEG2000Lossless, pixels=replaced), "a.dcm")
        assert isinstance(file, ImageFile)
        assert holds_picture(file, open_image(file).radiograph().pixels, digest) is same
