"""The page in each language: no control, heading or tile is too narrow for its words."""

from dataclasses import replace

import pytest

from screener.options import ReportLook
from screener.outputs.report_content import ReportContent, select_rows
from screener.outputs.triage_page import PageImages, write_triage_page
from screener.said import LANGUAGES
from screener.scale import ALL
from tests.browser.browsers import CHROMIUM_ONLY
from tests.browser.conftest import made_up_radiographs, made_up_rows, made_up_summary

CUT = """() => [...document.querySelectorAll("button, th, label, legend, dt, .tile, .what, .chip, td.band")]
    .filter((each) => each.offsetParent && each.scrollWidth > each.clientWidth + 1)
    .filter((each) => getComputedStyle(each).display !== "inline")
    .map((each) => `${each.tagName}.${each.className}: ${each.textContent.trim()}`)"""


@pytest.fixture(scope="module", params=LANGUAGES)
def page_in(request, tmp_path_factory):
    """Return a language and its page."""
    path = tmp_path_factory.mktemp(request.param) / "report.html"
    rows = select_rows((replace(row, age="46 y") for row in made_up_rows()), {ALL: 0.5}, 1000)
    content = ReportContent(made_up_summary(), rows, (), "report.csv")
    look = ReportLook(language=request.param)
    write_triage_page(content, PageImages(made_up_radiographs(), 30, 50), look, path)
    return request.param, path


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 800), (1024, 768)])
def test_no_word_is_cut_off_and_nothing_scrolls_sideways(open_page, page_in, width, height):
    language, path = page_in
    opened = open_page(file=path, viewport={"width": width, "height": height})
    assert opened.page.locator("html").get_attribute("lang") == language
    assert opened.page.evaluate(CUT) == []
    assert not opened.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    opened.press("j", "Enter")
    assert opened.page.evaluate(CUT) == []


@CHROMIUM_ONLY  # the words are the same in each; in Firefox axe takes ten times as long
def test_axe_finds_nothing_in_any_language(open_page, page_in):
    _, path = page_in
    opened = open_page(file=path)
    for keys in ((), ("j", "Enter", "o")):
        opened.press(*keys)
        assert opened.violations() == []


def test_numbers_and_dates_are_those_of_the_language(open_page, page_in):
    language, path = page_in
    opened = open_page(file=path)
    mark = "." if language == "en" else ","
    assert mark in opened.page.locator("#rows .study .probability").first.inner_text()
    date = opened.page.locator("#rows .study .date").first.inner_text()
    assert date.count({"en": "-", "de": ".", "es": "/"}[language]) == 2
