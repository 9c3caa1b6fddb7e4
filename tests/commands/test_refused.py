"""Nights with pictures that the gate refuses: all are shown and counted; tagged images are screened."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from tests.commands.conftest import invoke, radiograph, read_csv, write_dicom, write_jpeg
from tests.commands.test_triage import data_of, radiographs_of, report_again

pytestmark = pytest.mark.slow  # whole scans, one after another

REASON = "the picture does not look like a frontal chest radiograph"
NOISE = np.random.default_rng(7).integers(0, 256, (300, 260)).astype(np.uint8)


def write_noise(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), NOISE)


def write_noise_dicom(path: Path, **elements: object) -> None:
    pixels = NOISE.astype(np.uint16) * 16
    write_dicom(path, Rows=NOISE.shape[0], Columns=NOISE.shape[1], PixelData=pixels.tobytes(), **elements)


def make_night(root: Path) -> None:
    """Write an image, noise without tags as JPEG and DICOM, and noise beside an image of the same study."""
    write_jpeg(root / "exports" / "image.jpg", 1)
    write_noise(root / "exports" / "noise.jpg")
    write_noise_dicom(root / "untagged" / "noise.dcm", BodyPartExamined="", PatientID="P-77")
    write_dicom(root / "study" / "pa.dcm", 2)
    write_noise_dicom(root / "study" / "noise.dcm", BodyPartExamined="")


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """Scan such a night; return the folder of outputs and what was printed."""
    root, out = tmp_path_factory.mktemp("studies"), tmp_path_factory.mktemp("out")
    make_night(root)
    done = invoke(
        "scan", root, "--out", out / "report.pdf", "--html", "--ledger", out / "ledger.sqlite",
        "--summary", out / "summary.txt", "--workers", 1,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return root, out, done.output


def pages_of(pdf: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    return pages


def test_an_image_tagged_frontal_chest_is_screened_whatever_it_looks_like(tmp_path):
    write_noise_dicom(tmp_path / "studies" / "ill.dcm")
    done = invoke("scan", tmp_path / "studies", "--out", tmp_path / "r.pdf", "--no-pdf", "--workers", 1)
    assert done.exit_code == 0
    [row] = read_csv(tmp_path / "r.csv")
    assert row["rank"] == "1"
    assert "unusual picture" in row["notes"]
    assert json.loads((tmp_path / "r.json").read_text())["images_picture_refused"] == 0


def test_refused_pictures_are_counted_in_every_output(night):
    _, out, printed = night
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert (report["images_picture_refused"], report["images_ineligible"]) == (3, 3)
    assert "3 ineligible (3 of them refused by picture)" in " ".join(printed.split())
    assert "3 pictures were refused" in " ".join(printed.split())
    assert "pictures refused:       3" in (out / "summary.txt").read_text(encoding="utf-8")
    assert "3 pictures were refused" in pages_of(out / "report.pdf")[0]


def test_the_pdf_shows_each_refused_picture_with_its_file(night):
    _, out, _ = night
    [page] = [
        page for page in pages_of(out / "report.pdf") if "Refused pictures" in page and "Glance" in page
    ]
    for file in ("exports/noise.jpg", "untagged/noise.dcm", "study/noise.dcm", "P-77"):
        assert file in page.replace(" ", "")
    document = pypdfium2.PdfDocument(out / "report.pdf")
    pictures = [
        [each for each in sheet.get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        for sheet in document
        if "Glance" in sheet.get_textpage().get_text_range()
    ]
    assert len(pictures[0]) == 3
    document.close()


def test_the_triage_page_holds_the_picture_of_a_refused_study_and_no_map(night):
    _, out, _ = night
    data, radiographs = data_of(out / "report.html"), keyed_radiographs(out / "report.html")
    rows = [dict(zip(data["columns"], cells, strict=True)) for cells in data["rows"]]
    refused = [f"refused-{place}" for place, row in enumerate(rows) if row["refused"] and not row["rank"]]
    assert len(refused) == 2
    for key in refused:
        assert radiographs[key]["thumbnail"]
        assert radiographs[key]["image"]
        assert not radiographs[key].get("map")


def keyed_radiographs(path: Path) -> dict[str, dict]:
    html = path.read_text(encoding="utf-8")
    found = re.findall(r'id="image-([\w-]+)" data-thumbnail="([^"]*)">(.*?)</script>', html, re.S)
    return {key: {"thumbnail": thumbnail, **json.loads(data)} for key, thumbnail, data in found}


def test_a_refused_picture_that_was_replaced_since_is_not_shown_for_it(night, tmp_path):
    root, out, _ = night
    kept = (root / "exports" / "noise.jpg").read_bytes()
    try:
        cv2.imwrite(str(root / "exports" / "noise.jpg"), radiograph(3))
        again = report_again(out / "ledger.sqlite", tmp_path / "again.pdf")
    finally:
        (root / "exports" / "noise.jpg").write_bytes(kept)
    notes = [
        radiograph["note"]
        for key, radiograph in keyed_radiographs(again).items()
        if key.startswith("refused")
    ]
    assert sorted(notes) == ["", "the picture has changed since it was screened"]
    assert radiographs_of(again)[1]["image"]


def test_with_pseudonyms_refused_pictures_tell_no_file(night, tmp_path):
    _, out, _ = night
    (tmp_path / "key").write_bytes(b"k" * 32)
    done = invoke(
        "report", "--ledger", out / "ledger.sqlite", "--out", tmp_path / "again.pdf", "--pseudonymise",
        "--pseudonym-key", tmp_path / "key",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    text = "".join(pages_of(tmp_path / "again.pdf")).replace(" ", "")
    assert "Refusedpictures" in text
    for name in ("noise.jpg", "noise.dcm", "P-77"):
        assert name not in text
