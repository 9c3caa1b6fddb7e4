"""axe-core finds nothing at all, in the dark and in the light; controls are seen and large, nothing cut."""

import pytest

from tests.browser.browsers import CHROMIUM_ONLY


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("keys", [(), ("j", "Enter", "o", "a"), ("?",)], ids=["list", "viewer", "keys"])
def test_axe_finds_nothing(open_page, scheme, keys):
    opened = open_page(color_scheme=scheme)
    opened.page.locator("summary").click()
    opened.press(*keys)
    assert opened.violations() == []


LIST, VIEWER, KEYS = (), ("j", "Enter", "o"), ("?",)
SHOWN = pytest.mark.parametrize("keys", [LIST, VIEWER, KEYS], ids=["list", "viewer", "keys"])

# Of each control in use: its name, and the contrast of its edge with what lies around it (WCAG 2.2, 1.4.11).
EDGES = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const bright = (colour) => {
    const [red, green, blue] = numbers(colour).map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return numbers(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  const top = document.querySelector("dialog[open]") ?? document;
  const controls = "button:not(.sort), select, textarea, input:not([type=range], [type=checkbox])";
  const used = [...top.querySelectorAll(controls)].filter((each) => each.checkVisibility() && !each.disabled);
  return used.map((each) => {
    const pair = [getComputedStyle(each).borderTopColor, ground(each.parentElement)].map(bright);
    return [each.id || each.textContent, (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)];
  });
}"""

# What has words or can be pressed, and sticks out of the window or of its own box.
CUT = """() => {
  const top = document.querySelector("dialog[open]") ?? document;
  const words = "h1, h2, p, label, button, select, legend, dt, dd, th, .tile, .chip";
  return [...top.querySelectorAll(words)].filter((each) => each.checkVisibility() && !each.matches(".hidden"))
    .filter((each) => {
      const box = each.getBoundingClientRect();
      const wider = each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1;
      return wider || box.left < -1 || box.right > window.innerWidth + 1;
    }).map((each) => each.id || each.textContent.trim().slice(0, 60));
}"""


@SHOWN
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_edge_of_every_control_is_seen(open_page, scheme, keys):
    opened = open_page(color_scheme=scheme)
    opened.press(*keys)
    edges = opened.page.evaluate(EDGES)
    assert len(edges) >= (1 if keys == KEYS else 8)
    assert [(name, round(contrast, 2)) for name, contrast in edges if contrast < 3] == []


@SHOWN
@pytest.mark.parametrize(
    "screen",
    [
        pytest.param({"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}, id="200 percent"),
        pytest.param(
            {"viewport": {"width": 768, "height": 1024}, "has_touch": True}, id="a tablet held upright"
        ),
    ],
)
def test_nothing_is_cut_and_nothing_has_to_be_scrolled_sideways(open_page, screen, keys):
    opened = open_page(**screen)
    opened.press(*keys)
    opened.drawn()
    assert opened.page.evaluate(CUT) == []
    sideways = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.id)"
    assert opened.page.locator("html, dialog, .panel").evaluate_all(sideways) == []


@SHOWN
@CHROMIUM_ONLY  # Playwright cannot tell Firefox that it is touched
def test_fingers_find_every_control_of_a_tablet(open_page, keys):
    opened = open_page(viewport={"width": 768, "height": 1024}, has_touch=True, is_mobile=True)
    opened.press(*keys)
    sizes = (
        "all => all.filter(each => each.checkVisibility())"
        ".map(each => [each.id, each.offsetWidth, each.offsetHeight])"
    )
    controls = opened.page.locator("button, select, input, textarea, summary").evaluate_all(sizes)
    assert [
        each for each in controls if min(each[1:]) < 24 and each[0] != "single-keys"
    ] == []  # WCAG 2.2, 2.5.8
    buttons = opened.page.locator("button").evaluate_all(sizes)
    assert min(height for _, _, height in buttons) >= 44


def test_at_200_percent_the_filters_do_not_stand_before_the_rows(open_page):
    opened = open_page(viewport={"width": 720, "height": 450})
    opened.press(*["j"] * 20)
    box = opened.page.locator("#rows .selected").bounding_box()
    head = opened.page.locator("#list thead").bounding_box()
    assert head["y"] + head["height"] <= box["y"] + 1
    assert box["y"] + box["height"] <= 451
    assert (
        len(
            [
                each
                for each in opened.page.locator("#rows .study").all()
                if 0 <= each.bounding_box()["y"] < 410
            ]
        )
        >= 8
    )


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
