"""One study: its image, window, overlay, and the link that names it."""

import re

import cv2
import numpy as np
import pytest

from screener.outputs.overlay import coloured
from tests.browser.conftest import activation_map, radiograph_pixels


def opened_at(open_page, *keys: str):
    opened = open_page()
    opened.press("j", "Enter")
    opened.radiograph_shown()
    opened.press(*keys)
    return opened


def test_enter_opens_the_study_with_what_is_known_of_it(open_page):
    opened = opened_at(open_page)
    assert opened.text("#study-heading") == "PAT037"
    assert opened.text("#verdict") == "0.97: look at it first"
    assert opened.text("#place") == "1 of 204"
    assert "98.0" in opened.text("#meaning")
    assert "ACC0001" in opened.text("#facts")
    assert opened.page.evaluate("location.hash") == "#study=1.2.1"


def test_escape_goes_back_to_the_list_where_it_stood(open_page):
    opened = opened_at(open_page, "j", "j", "Escape")
    assert not opened.page.locator("#viewer").is_visible()
    assert opened.page.locator("#rows .selected").get_attribute("id") == "row-2"
    assert opened.page.evaluate("location.hash") == ""
    opened.press("j")
    assert opened.page.locator("#rows .selected").get_attribute("id") == "row-3"


def test_j_and_k_show_the_next_image_and_the_one_before(open_page):
    opened = opened_at(open_page, "j")
    assert opened.text("#place") == "2 of 204"
    opened.press("k")
    assert opened.text("#place") == "1 of 204"


def test_a_study_is_linked_to_the_hospitals_own_viewer(open_page):
    link = opened_at(open_page).page.locator("#in-viewer")
    assert link.get_attribute("href") == "https://viewer.example/viewer?StudyInstanceUIDs=1.2.1"
    assert (link.is_visible(), link.get_attribute("rel")) == (True, "noopener noreferrer")


@pytest.mark.parametrize("called", ["exports/image.jpg", "4f1c09ab", "1.2/../x", "123"])
def test_a_study_without_a_uid_is_linked_to_no_viewer(open_page, called):
    opened = opened_at(open_page)
    assert opened.page.evaluate("(id) => inViewer({ study_id: id })", called) == ""


def test_a_link_opens_its_study(open_page):
    opened = open_page("#study=1.2.3")
    assert opened.text("#place") == "3 of 204"
    opened.page.evaluate("location.hash = '#study=1.2.7'")
    opened.page.wait_for_function("() => viewer.study?.study_id === '1.2.7'")


def test_a_link_to_an_unknown_study_says_so(open_page):
    opened = open_page("#study=7.7.7")
    assert not opened.page.locator("#viewer").is_visible()
    assert opened.text("#count") == "The study of this link is not in the list."


def test_the_image_is_shown_grey_for_grey(open_page):
    opened = opened_at(open_page)
    for x in (10, 120, 230):
        red, green, blue, opacity = opened.grey(x, 150)
        assert red == green == blue
        assert abs(red - int(radiograph_pixels()[150, x])) <= 2  # JPEG
        assert opacity == 255


def test_dragging_changes_window_and_level_and_r_takes_it_back(open_page):
    opened = opened_at(open_page)
    before = opened.grey(60, 150)
    opened.page.mouse.move(400, 400)
    opened.page.mouse.down()
    opened.page.mouse.move(300, 440, steps=4)
    opened.page.mouse.up()
    assert opened.text("#readout") == "Level 108, width 155, 100 %"
    value = int(radiograph_pixels()[150, 60])
    assert abs(opened.grey(60, 150)[0] - (255 * (value - 107.5) / 155 + 127.5)) <= 4
    opened.press("r")
    assert opened.grey(60, 150) == before


def test_sliders_and_the_drag_set_one_and_the_same_window(open_page):
    opened = opened_at(open_page)
    opened.page.locator("#width").fill("100")
    assert opened.text("#readout").startswith("Level 128, width 100")
    opened.page.locator("#level").press("ArrowRight")
    assert opened.page.evaluate("radiograph.level") == 128


def test_keys_pressed_while_the_image_is_still_decoded_hold_for_it(open_page):
    opened = open_page()
    opened.page.evaluate(
        "() => { const decode = HTMLImageElement.prototype.decode;"
        " const gate = new Promise((open) => { window.decodeNow = open; });"
        " HTMLImageElement.prototype.decode = function () { return gate.then(() => decode.call(this)); }; }"
    )
    opened.press("j", "Enter", "o", "i")
    assert opened.page.evaluate("radiograph.grey === undefined")
    opened.page.evaluate("window.decodeNow()")
    opened.overlay_shown()
    assert opened.page.evaluate("radiograph.inverted")


def test_i_shows_the_negative(open_page):
    opened = opened_at(open_page)
    before = opened.grey(60, 150)[0]
    opened.press("i")
    assert abs(opened.grey(60, 150)[0] - (255 - before)) <= 1
    assert opened.page.locator("#invert").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("rank", [6, 7], ids=["a peak in the corner", "far below 0 elsewhere"])
def test_a_map_of_any_kind_is_drawn_as_the_pdf_does(open_page, rank):
    opened = open_page(f"#study=1.2.{rank}")
    opened.radiograph_shown()
    opened.press("o")
    opened.overlay_shown()
    assert opened.page.locator("#toggle-overlay").get_attribute("aria-pressed") == "true"
    expected = coloured(radiograph_pixels(), activation_map(rank))
    for x, y in ((226, 284), (205, 260), (120, 150), (100, 150), (120, 190), (10, 10)):
        np.testing.assert_allclose(opened.laid(x, y), expected[y, x], atol=5)


def test_a_study_that_is_not_flagged_has_no_map_and_the_image_says_so(open_page):
    opened = open_page("#study=1.2.25")
    opened.radiograph_shown()
    opened.press("o")
    assert "no map: not flagged" in opened.text("#readout")
    assert not opened.page.locator("#overlay").is_visible()


def test_a_thumbnail_is_called_a_small_picture(open_page):
    opened = open_page("#study=1.2.50")
    opened.radiograph_shown()
    assert opened.text("#no-image").startswith("Small picture only: this page holds the images of the first")


def test_where_nothing_was_screened_there_is_nothing_to_mark(open_page):
    opened = open_page("#study=9.9.1")
    for choice in ("agree", "disagree", "unsure"):
        assert opened.page.locator(f"[data-mark={choice}]").is_disabled()
    opened.press("a")
    assert opened.page.evaluate("marks.all.size") == 0


def test_a_map_that_the_mirror_image_contradicts_is_called_not_stable(open_page):
    for rank, stable in ((1, True), (8, False)):
        opened = open_page(f"#study=1.2.{rank}")
        opened.radiograph_shown()
        opened.press("o")
        opened.overlay_shown()
        assert "map: strongest cell ×1.42" in opened.text("#readout")
        assert ("not stable" not in opened.text("#readout")) is stable


def test_the_legend_shows_the_overlays_colours_with_their_scale(open_page):
    opened = opened_at(open_page)
    assert not opened.page.locator("#legend").is_visible()
    opened.press("o")
    opened.overlay_shown()
    assert " ".join(opened.text("#legend").split()) == "×1 ×2 how far each cell raises the odds"
    dark, bright = opened.grey(0, 0, "#scale"), opened.grey(255, 0, "#scale")
    assert dark == [128, 128, 128, 255]
    assert bright[0] > 180 > bright[2]  # inferno ends in a pale yellow


def test_no_image_stays_under_the_name_of_the_next_patient(open_page):
    opened = opened_at(open_page)
    damaged = "JSON.stringify({image: 'bm8gSlBFRw==', map: [], note: ''})"
    opened.page.evaluate(f"document.getElementById('image-2').textContent = {damaged}")
    opened.press("j")
    assert not opened.page.locator("#radiograph").is_visible()
    opened.page.wait_for_function("() => document.getElementById('no-image').textContent.includes('damaged')")
    opened.press("o", "i")
    assert opened.page.evaluate("[radiograph.overlay, radiograph.inverted]") == [False, False]


def test_each_study_is_first_shown_without_its_overlay(open_page):
    opened = opened_at(open_page, "o", "j")
    opened.radiograph_shown()
    assert not opened.page.locator("#overlay").is_visible()


def test_a_link_to_a_study_that_the_filters_hide_clears_them(open_page):
    opened = open_page()
    opened.page.select_option("#by-band", "not_screened")
    opened.page.evaluate("location.hash = '#study=1.2.7'")
    opened.page.wait_for_function("() => viewer.study?.study_id === '1.2.7'")
    assert opened.text("#place") == "7 of 204"


def test_in_the_dark_nothing_beside_the_image_is_bright(open_page, tmp_path):
    opened = open_page("#study=1.2.50", color_scheme="dark")
    opened.radiograph_shown()
    opened.screenshot(tmp_path / "viewer.png")
    shot = cv2.imread(str(tmp_path / "viewer.png"), cv2.IMREAD_GRAYSCALE)
    assert shot[:, 1400:].mean(axis=0).max() < 128  # the panel, and its scroll bar


def test_o_lays_the_map_over_the_image_as_the_pdf_does(open_page):
    opened = opened_at(open_page)
    assert not opened.page.locator("#overlay").is_visible()
    opened.press("o")
    opened.overlay_shown()
    expected = coloured(radiograph_pixels(), activation_map(1))
    for x, y in ((120, 107), (20, 280), (130, 120), (80, 90), (200, 200)):
        np.testing.assert_allclose(opened.laid(x, y), expected[y, x], atol=5)
    opened.press("o")
    opened.page.wait_for_function("() => document.getElementById('overlay').hidden")


def test_the_overlays_opacity_can_be_set(open_page):
    opened = opened_at(open_page, "o")
    opened.page.locator("#opacity").fill("40")
    opened.drawn()
    assert opened.page.evaluate("getComputedStyle(document.getElementById('overlay')).opacity") == "0.4"


def test_the_wheel_zooms_about_the_pointer_and_dragging_then_moves(open_page):
    opened = opened_at(open_page, "p")
    opened.page.mouse.move(500, 450)
    opened.page.mouse.wheel(0, -400)
    opened.page.wait_for_function("() => radiograph.zoom > 1.5")
    under_it = opened.page.evaluate(
        "(500 - document.getElementById('stage').clientWidth / 2 - radiograph.x) / radiograph.zoom"
    )
    assert abs(under_it - (500 - 1050 / 2)) < 1  # what lay under the pointer still does
    before = opened.page.evaluate("[radiograph.x, radiograph.y]")
    opened.page.mouse.down()
    opened.page.mouse.move(540, 480, steps=3)
    opened.page.mouse.up()
    assert opened.page.evaluate("[radiograph.x, radiograph.y]") == [before[0] + 40, before[1] + 30]
    opened.press("r")
    assert opened.page.evaluate("[radiograph.zoom, radiograph.x, radiograph.y]") == [1, 0, 0]


@pytest.mark.parametrize(
    ("rank", "reason"),
    [
        pytest.param(5, "the picture has changed since it was screened", id="changed"),
        pytest.param(100, "this page holds the images of the first studies only", id="beyond the images"),
        pytest.param(50, "this page holds the images of the first studies only", id="a thumbnail only"),
    ],
)
def test_a_study_without_an_image_says_why(open_page, rank, reason):
    opened = open_page(f"#study=1.2.{rank}")
    assert reason in opened.text("#no-image")
    if rank == 50:
        opened.radiograph_shown()
    assert opened.page.locator("#radiograph").is_visible() == (rank == 50)


def test_a_study_not_screened_says_why_and_takes_no_mark(open_page):
    opened = open_page("#study=9.9.0")
    assert opened.text("#verdict") == "Not screened"
    assert "truncated" in opened.text("#study-notes")
    opened.press("a")
    assert opened.page.evaluate("marks.all.size") == 0
    assert opened.page.locator("[data-mark=agree]").is_disabled()


def test_the_thumbnails_stand_in_the_list(open_page):
    opened = open_page()
    sources = opened.page.locator("#rows img").evaluate_all("pictures => pictures.map(each => each.src)")
    assert len(sources) > 10
    assert all(re.match(r"data:image/jpeg;base64,/9j/", source) for source in sources)
