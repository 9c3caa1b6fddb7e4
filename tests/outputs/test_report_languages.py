"""The PDF in each language: page 1 stays one page, and no heading is broken within a word."""

import re
from dataclasses import replace

import pikepdf
import pytest
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from screener.domain import Status
from screener.operating_points import OperatingPoint
from screener.options import ReportLook
from screener.outputs.report_pdf import report_html, report_style, write_report_pdf
from screener.said import LANGUAGES
from screener.scale import Band

POINTS = (
    OperatingPoint("high_sensitivity", 0.3, 0.98, 0.76, (0.97, 0.99), (0.72, 0.79)),
    OperatingPoint("balanced", 0.5, 0.94, 0.90),
    OperatingPoint("high_specificity", 0.7, 0.85, 0.95),
)
HEADINGS = ("th", "what", "card-rank", "fact-name")
_WORD = re.compile(r"\w+")  # a word that breaks gives two


@pytest.fixture(params=LANGUAGES)
def pages(request, make_report, make_row, make_missed_row, scale):
    """Return the pages of a report of every section, laid out."""
    points = replace(scale, operating_point=POINTS[0], points=POINTS)
    rows = [
        make_row(rank=1, band=Band.FIRST),
        make_row(rank=2, probability=0.1, status=Status.NOT_FLAGGED),
        make_missed_row(),
    ]
    content = make_report(*rows, cards=rows[:1], scale=points, validated_ages=(1, 5))
    look = ReportLook(language=request.param)
    fonts = FontConfiguration()
    style = CSS(string=report_style(look), font_config=fonts)
    return HTML(string=report_html(content, look)).render(stylesheets=[style], font_config=fonts).pages


def headings(pages):
    """Yield each heading's text, and that of its lines; a soft hyphen parts words in both."""
    for box in (box for page in pages for box in page._page_box.descendants()):
        name = box.element_tag, *((box.element.get("class") or "").split() if box.element is not None else ())
        if box.element is not None and set(name) & set(HEADINGS) and hasattr(box, "children"):
            lines = [each for each in box.descendants() if type(each).__name__ == "LineBox"]
            texts = ["".join(getattr(part, "text", "") for part in line.descendants()) for line in lines]
            yield " ".join(box.element.itertext()), " ".join(texts)


def test_all_of_page_1_is_on_page_1(pages):
    notices = [
        number
        for number, page in enumerate(pages)
        for box in page._page_box.descendants()
        if box.element is not None and box.element.get("class") == "notice"
    ]
    assert set(notices) == {0}


def test_no_heading_is_broken_within_a_word(pages):
    found = list(headings(pages))
    assert len(found) > 20
    for text, lines in found:
        assert set(_WORD.findall(lines)) <= set(_WORD.findall(text)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_names_its_language(make_report, make_row, tmp_path, language):
    write_report_pdf(make_report(make_row()), ReportLook(language=language), tmp_path / "r.pdf")
    with pikepdf.open(tmp_path / "r.pdf") as pdf:
        assert str(pdf.Root.Lang) == language
