"""axe-core finds nothing at all, in the dark and in the light."""

import pytest
from axe_playwright_python.sync_playwright import Axe


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("keys", [(), ("j", "Enter", "o", "a"), ("?",)], ids=["list", "viewer", "keys"])
def test_axe_finds_nothing(open_page, scheme, keys):
    opened = open_page(color_scheme=scheme, bypass_csp=True)  # axe itself is a script of its own
    opened.page.locator("summary").click()
    opened.press(*keys)
    found = Axe().run(opened.page).response
    assert found["passes"]
    violations = [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]
    assert violations == []


def test_filters_order_and_theme_survive_a_reload(open_page):
    opened = open_page(color_scheme="dark")
    opened.page.locator("#by-band").select_option("first")
    opened.page.locator("#search").fill("Night")
    opened.page.locator("[data-sort=date]").click()
    opened.page.locator("#theme").click()
    before = opened.rows()
    assert 0 < len(before) < 20
    opened.page.reload()
    opened.page.wait_for_load_state("load")
    assert opened.rows() == before
    assert opened.page.locator("#search").input_value() == "night"
    assert opened.page.locator("html").get_attribute("data-theme") == "light"
    opened.page.locator("#clear").click()
    opened.page.reload()
    opened.page.wait_for_load_state("load")
    assert opened.text("#count") == "204 of 204 studies"


def test_back_goes_from_a_study_to_the_list_however_many_were_looked_at(open_page):
    opened = open_page()
    opened.press("j", "Enter", "j", "Escape")
    opened.page.wait_for_function("() => viewer.study === undefined")
    opened.press("Enter", "j")
    assert opened.text("#place") == "3 of 204"
    opened.page.go_back()
    opened.page.wait_for_function("() => !document.getElementById('viewer').open")
    assert opened.page.evaluate("location.hash") == ""
    assert opened.page.locator("#rows .selected").get_attribute("id") == "row-2"
    opened.page.go_forward()
    opened.page.wait_for_function("() => viewer.study !== undefined")
    assert opened.text("#place") == "3 of 204"


def test_nothing_moves_where_less_motion_is_asked_for(open_page):
    opened = open_page(reduced_motion="reduce")
    opened.press("j", "Enter", "o")
    opened.overlay_shown()
    assert opened.page.evaluate("document.getAnimations().length") == 0
