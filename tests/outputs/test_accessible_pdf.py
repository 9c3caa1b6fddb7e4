"""The PDFs pass what programs can check of PDF/UA-1; what a picture shows is said in words."""

import itertools
from pathlib import Path

import numpy as np
import outloud
import pdfua
import pikepdf
import pytest
from PIL import Image

from screener.domain import Cause, ShownMap
from screener.options import ReportLook
from screener.outputs.map_place import MapPlace, map_place
from screener.outputs.overlay import as_jpeg, card_picture
from screener.outputs.report_content import Card, RefusedPicture
from screener.outputs.report_pdf import render_pdf, report_html, write_report_pdf
from screener.outputs.study_page import ImageSection, StudyPage, study_pdf
from screener.said import LANGUAGES

RADIOGRAPH = np.full((40, 30), 99, np.uint8)
MODEL_AND_VERSION = "LNK-010"  # takes "net@1.0.0" for an address that should be a link


def found_in(pdf: Path) -> list[str]:
    """Return what two independent checkers find, warnings included."""
    checked = outloud.check(str(pdf), skip=[MODEL_AND_VERSION])
    assert checked.criteria["pdfua1"]
    return [f"{each.rule} {each.message}" for each in checked.findings] + [
        f"{each.rule_id} {each.message}" for each in pdfua.validate(pdf).findings
    ]


def peak(row: int, column: int, size: int = 7) -> np.ndarray:
    cells = np.full((size, size), -0.1, np.float32)
    cells[row, column] = 0.4
    return cells


@pytest.fixture
def every_section(make_report, make_row, make_missed_row):
    """Return a report with pictures of every kind, on five pages or more."""
    rows = [make_row(rank=rank) for rank in (1, 2, 3, 4)]
    pictures = (
        card_picture(RADIOGRAPH, ShownMap(peak(6, 0), stable=True)),
        card_picture(RADIOGRAPH, ShownMap(peak(0, 3), stable=False)),
        card_picture(RADIOGRAPH, None),
        None,
    )
    cards = [Card(row, picture) for row, picture in zip(rows, pictures, strict=True)]
    missed = [make_missed_row(), make_missed_row(cause=Cause.INELIGIBLE)]
    refused = (
        RefusedPicture(missed[1], "hand.jpg", as_jpeg(RADIOGRAPH)),
        RefusedPicture(missed[1], "x.jpg", None, "gone"),
    )
    return make_report(*rows, *missed, cards=cards, refused_pictures=refused)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_two_checkers_find_nothing_in_a_report_with_every_section(every_section, tmp_path, language):
    logo, path = tmp_path / "logo.png", tmp_path / "report.pdf"
    Image.new("RGB", (40, 20)).save(logo)
    write_report_pdf(every_section, ReportLook(logo=logo, site="St. Elsewhere", language=language), path)
    assert found_in(path) == []
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) >= 5
        titles = {"en": "Chest radiograph worklist", "de": "Arbeitsliste Thoraxaufnahmen"}
        assert str(pdf.Root.Lang) == language
        assert str(pdf.docinfo.Title) == titles.get(language, "Lista de trabajo: radiografías de tórax")
        streams = [pikepdf.unparse_content_stream(pikepdf.parse_content_stream(page)) for page in pdf.pages]
    assert all(b"/Pagination" in stream for stream in streams)  # margins are not read out


@pytest.mark.slow
def test_a_worklist_of_many_pages_is_told_as_one_table_with_one_head(make_report, make_row, tmp_path):
    names = [
        "".join(each) for each in itertools.product("BCD", repeat=3)
    ]  # lines alike pass for running heads
    rows = [
        make_row(rank=rank, patient_id=name, notes=(f"{name} " * 70,)) for rank, name in enumerate(names, 1)
    ]
    path = tmp_path / "report.pdf"
    write_report_pdf(make_report(*rows), ReportLook(), path)
    assert found_in(path) == []
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) > 6
        [*_, worklist] = tagged(pdf.Root.StructTreeRoot, "/Table")
        assert [len(tagged(worklist, kind)) for kind in ("/THead", "/TH", "/TR")] == [1, 9, 2 + len(rows)]
        heads = [str(each.ID) for each in tagged(worklist, "/TH")]
        cells = tagged(worklist, "/TD")[1:]  # the first heads the group
        assert [str(cell.A.Headers[0]) for cell in cells] == heads * len(rows)


@pytest.mark.parametrize("before", [0, 1, 60])
def test_a_table_is_one_although_a_page_that_one_row_fills_has_no_head(before, tmp_path):
    tall = "a word " * 6000
    rows = "".join(f"<tr><td>{text}</td></tr>" for text in ["few"] * before + [tall, "last"])
    table = f"<table><thead><tr><th>A</th></tr></thead><tbody>{rows}</tbody></table>"
    path = tmp_path / "report.pdf"
    path.write_bytes(
        render_pdf(f"<html lang='en'><title>T</title>{table}</html>", "tr { break-inside: avoid }")
    )
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) > 2
        [whole] = tagged(pdf.Root.StructTreeRoot, "/Table")
        assert len(tagged(whole, "/TD")) >= before + 2


def tagged(element: pikepdf.Dictionary, kind: str) -> list[pikepdf.Dictionary]:
    """Return all elements of a kind below one of the structure tree, in reading order."""
    kids = [each for each in element.get("/K", ()) if isinstance(each, pikepdf.Dictionary)]
    return [found for kid in kids for found in ([kid] if kid.get("/S") == kind else []) + tagged(kid, kind)]


def test_two_checkers_find_nothing_in_the_page_of_one_study(tmp_path):
    image = ImageSection("Image 1", ("Probability of pneumonia 0.31: flagged.",), "CLAHE")
    page = StudyPage(
        "Result", "Not a medical device.", (("Patient ID", "P1"), ("Study date", "2026-01-02")), [image]
    )
    path = tmp_path / "study.pdf"
    path.write_bytes(study_pdf(page))
    assert found_in(path) == []


def test_pictures_are_described_by_what_the_program_knows(every_section):
    html = report_html(every_section, ReportLook())
    for words in (
        "radiograph, study 1",
        "activation map over the radiograph, study 1: strongest at the lower left of the image, stable",
        "activation map over the radiograph, study 2: strongest at the upper middle of the image, not stable",
        "refused picture hand.jpg, not taken for a frontal chest radiograph",
    ):
        assert f'alt="{words}"' in html
    assert "<title>Studies by probability of pneumonia: 4 flagged, at the threshold of 0.31 or above" in html


@pytest.mark.parametrize(
    ("row", "column", "place"),
    [
        (0, 0, "upper_left"),
        (1, 6, "upper_right"),
        (2, 4, "middle"),
        (4, 5, "middle_right"),
        (6, 3, "lower_middle"),
    ],
)
def test_the_place_of_a_map_is_the_ninth_that_holds_its_strongest_cell(row, column, place):
    assert map_place(peak(row, column)) == place


def test_a_map_that_is_nowhere_above_0_is_strongest_nowhere():
    assert map_place(np.zeros((7, 7), np.float32)) is MapPlace.NOWHERE
