"""What page 1 says of readers' agreement, and that it stays on page 1."""

import re

import pypdfium2
import pytest

from screener.agreement import Agreement, MarkCounts
from screener.options import ReportLook
from screener.outputs.report_pdf import report_html, write_report_pdf

BLANK = "\N{NO-BREAK SPACE}"
WARD = Agreement("net@1.0.0", 2, MarkCounts(10, 4, 1), MarkCounts(28, 2, 2))


@pytest.fixture
def html_of(make_report, make_row):
    """Fill the templates with the agreement given, white space reduced to single blanks."""

    def fill(*agreement):
        return re.sub(r"[ \n]+", " ", report_html(make_report(make_row(), agreement=agreement), ReportLook()))

    return fill


def test_without_reviews_nothing_is_said_of_them(html_of):
    assert "agreement" not in html_of()


def test_ppv_and_missed_cases_come_with_their_intervals(html_of):
    html = html_of(WARD)
    assert f"<strong>71.4{BLANK}%</strong> (95 % interval 45.4{BLANK}% to 88.3{BLANK}%), 10 of 14." in html
    assert (
        "Missed cases found: <strong>2 of 30</strong> not flagged that were reviewed, "
        f"6.7{BLANK}% (95 % interval 1.8{BLANK}% to 21.3{BLANK}%)." in html
    )
    assert "<strong>net@1.0.0</strong>, 2 readers, 3 unsure." in html
    assert "no random sample: no estimate of sensitivity" in html


def test_what_nobody_reviewed_is_said_and_not_divided_by(html_of):
    html = html_of(Agreement("net@1.0.0", 1, MarkCounts(unsure=1), MarkCounts()))
    assert "No flagged study was reviewed." in html
    assert "No study that was not flagged was reviewed." in html
    assert ", 1 reader, 1 unsure." in html


def test_two_versions_are_shown_and_the_others_counted(html_of):
    versions = [Agreement(f"net@{number}", 1, MarkCounts(1), MarkCounts()) for number in range(4)]
    html = html_of(*versions)
    assert [f"net@{number}<" in html for number in range(4)] == [True, True, False, False]
    assert "prints 2 earlier versions more" in html


def test_a_model_named_in_markup_is_text_and_nothing_has_a_style_of_its_own(html_of):
    html = html_of(Agreement("<script>", 1, MarkCounts(1), MarkCounts()))
    assert "<script>" not in html
    inside = html.partition('<div class="agreement">')[2].partition("</div>")[0]
    assert "&lt;script&gt;" in inside
    assert "style=" not in inside


def test_page_1_has_room_for_it(make_report, make_row, tmp_path):
    for name, agreement in (("without", ()), ("with", (WARD,))):
        write_report_pdf(make_report(make_row(), agreement=agreement), ReportLook(), tmp_path / name)
    pages = []
    for name in ("without", "with"):
        document = pypdfium2.PdfDocument(tmp_path / name)
        first = document[0].get_textpage().get_text_bounded()
        assert "It changes the order" in first
        assert ("What readers have found" in first) is (name == "with")
        pages.append(len(document))
        document.close()
    assert pages[0] == pages[1]
