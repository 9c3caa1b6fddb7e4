"""The triage list in Firefox: of what is asked of Chromium, enough to know that it works there, too."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from axe_playwright_python.base import AXE_SCRIPT

from screener.outputs.overlay import coloured
from tests.browser.conftest import STUDIES, activation_map, radiograph_pixels
from tests.browser.firefox import Window, firefox, started
from tests.browser.test_accessibility import CUT

ROWS = "[...document.querySelectorAll('#rows .study .patient')].map((cell) => cell.innerText.split('\\n')[0])"


@pytest.fixture(scope="module")
def firefox_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """Return a window of Firefox; where none is installed tests skip, unless it is said to be there."""
    path = firefox()
    if path is None:
        message = "no Firefox (Debian: apt install firefox-esr; SCREENER_FIREFOX names another)"
        if os.environ.get("REQUIRE_BROWSER_TESTS"):
            pytest.fail(message)
        pytest.skip(message)
    with started(path, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def opened(firefox_window: Window, page_file: Path) -> Iterator[Window]:
    """Open the page; at the end there must have been no message and no request but for the page itself."""
    firefox_window.troubles.clear()
    firefox_window.open(page_file)
    yield firefox_window
    assert firefox_window.troubles == []


def test_the_list_is_there_and_is_sorted_filtered_and_searched(opened):
    assert opened.evaluate(ROWS)[:2] == ["PAT037", "PAT074"]
    assert opened.text(".tile.failed .number") == "! 2"
    assert len(opened.evaluate(ROWS)) < 60
    opened.evaluate("document.querySelector('[data-sort=patient]').click()")
    opened.evaluate("document.querySelector('[data-sort=patient]').click()")
    assert opened.evaluate(ROWS)[0] == "PAT999"
    opened.press("/", *"acc0010")
    assert opened.text("#count") == "1 of 204 studies"
    assert opened.evaluate("window.ran ?? 'nothing ran'") == "nothing ran"


def test_a_study_is_opened_marked_and_left_by_keys(opened):
    opened.press("j", "Enter", "a", "j", "n", *"see it", "Escape")
    assert opened.text("#place") == "2 of 204"
    assert opened.text("#verdict") == "0.95: look at it first"
    assert opened.evaluate("document.querySelector('#announced').textContent").startswith("PAT074, 2 of 204")
    opened.press("Escape")
    opened.wait_for("document.activeElement.id === 'list'")
    marks = opened.evaluate("[...marks.all.values()].map((each) => [each.mark, each.note])")
    assert marks == [["agree", ""], ["unsure", "see it"]]


def test_image_and_map_are_drawn_as_in_the_pdf(opened):
    opened.press("j", "Enter", "o")
    opened.wait_for("radiograph.mapDrawn && !document.getElementById('overlay').hidden")
    expected = coloured(radiograph_pixels(), activation_map(1))
    for x, y in ((120, 107), (20, 280), (80, 90)):
        drawn = [
            opened.evaluate(
                f"[...document.getElementById('{canvas}').getContext('2d').getImageData({x}, {y}, 1, 1).data]"
            )
            for canvas in ("radiograph", "overlay")
        ]
        share = drawn[1][3] / 255
        laid = share * np.array(drawn[1][2::-1]) + (1 - share) * drawn[0][0]
        np.testing.assert_allclose(laid, expected[y, x], atol=5)


def test_back_leads_to_the_list_and_a_reload_keeps_what_it_shows(opened):
    opened.evaluate("document.getElementById('by-band').value = 'first'")
    opened.evaluate("document.getElementById('by-band').dispatchEvent(new Event('input'))")
    opened.press("j", "Enter", "j", "j")
    opened.back()
    opened.wait_for("!document.getElementById('viewer').open && location.hash === ''")
    opened.reload()
    assert opened.text("#count") == "8 of 204 studies"


def test_the_page_follows_the_workstation_and_can_be_turned(opened):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert opened.evaluate(ground) == "rgb(20, 23, 26)"
    dark = cv2.imdecode(np.frombuffer(opened.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert (dark.shape, dark.mean() < 75) == ((900, 1440), True)
    opened.evaluate("document.getElementById('theme').click()")
    assert opened.evaluate(ground) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("keys", [(), ("j", "Enter", "o"), ("?",)], ids=["list", "viewer", "keys"])
def test_nothing_is_cut_and_axe_finds_nothing(opened, page_file, keys):
    opened.open(page_file, width=720, height=450)
    opened.press(*keys)
    assert opened.evaluate(f"({CUT})()") == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= 720
    opened.evaluate(f"(() => {{ {AXE_SCRIPT}\n }})()")
    found = opened.evaluate("axe.run()")
    assert found["passes"]
    assert [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]] == []


def test_the_printed_list_holds_every_study(opened):
    document = pypdfium2.PdfDocument(opened.printed())
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    assert text.count("ACC0") >= STUDIES
