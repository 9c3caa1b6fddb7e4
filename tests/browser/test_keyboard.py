"""The page by the keyboard alone: everything can be reached, seen to be reached, used and left."""

from tests.browser.opened import Opened

FOCUSED = (
    "document.activeElement?.id || document.activeElement?.dataset?.sort || document.activeElement?.tagName"
)
OUTLINED = "parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2"


def walked(opened: Opened, steps: int) -> list[str]:
    """Press Tab so often, and return what had the focus each time; each must show that it has it."""
    found = []
    for _ in range(steps):
        opened.press("Tab")
        found.append(opened.page.evaluate(FOCUSED))
        assert opened.page.evaluate(OUTLINED), found[-1]
    return found


def test_tab_goes_through_the_page_from_the_top_and_shows_where_it_is(open_page):
    opened = open_page()
    found = walked(opened, 30)
    first_of_each = list(dict.fromkeys(found))  # a date has several fields
    assert first_of_each == [
        "theme", "show-help", "SUMMARY", "search", "by-band", "by-view", "by-notes", "from", "to", "by-mark",
        "clear", "reader", "save", "open", "list", "rank", "patient", "accession", "date", "view",
        "probability", "band", "notes", "mark",
    ]  # fmt: skip


def test_a_night_is_worked_through_without_a_mouse(open_page):
    opened = open_page()
    opened.page.locator("#by-band").focus()
    opened.press("F", "Escape")  # First, and on to the list
    opened.press("j", "Enter", "a", "j", "d", "n")
    opened.page.keyboard.type("seen")
    opened.press("Escape", "Escape")
    opened.page.wait_for_function("() => document.activeElement.id === 'list'")
    opened.press("Shift+Tab", "Shift+Tab", "Shift+Tab")
    opened.page.keyboard.type("RA")
    opened.press("Escape")
    with opened.page.expect_download() as saved:
        opened.press("s")
    content = saved.value.path().read_text(encoding="utf-8")
    assert content.count('"agree"') == content.count('"disagree"') == content.count('"seen"') == 1
    assert opened.text("#count") == "8 of 204 studies"


def test_the_focus_stays_in_the_viewer_until_escape_gives_it_back_to_the_list(open_page):
    opened = open_page("#study=1.2.1")
    opened.radiograph_shown()
    found = walked(opened, 25)
    inside = opened.page.locator("#viewer :is(button, input, textarea, a):not([hidden])").evaluate_all(
        "all => all.filter(each => !each.disabled).map(each => each.id || each.tagName)"
    )
    assert set(inside) <= set(found) | {"BUTTON"}
    assert not {"search", "list", "theme"} & set(found)
    opened.press("Escape")
    opened.page.wait_for_function("() => document.activeElement.id === 'list'")


def test_shift_and_arrows_move_an_image_that_has_been_enlarged(open_page):
    opened = open_page("#study=1.2.1")
    opened.radiograph_shown()
    opened.press("+", "+", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp")
    assert opened.page.evaluate("[radiograph.x, radiograph.y]") == [80, -40]
    assert opened.text("#place") == "1 of 204"
    opened.press("Shift+ArrowDown", "Shift+ArrowLeft", "ArrowDown")
    assert opened.text("#place") == "2 of 204"


def test_who_dictates_can_turn_single_keys_off(open_page):
    opened = open_page()
    opened.press("?")
    opened.drawn()
    opened.page.locator("#single-keys").focus()
    assert opened.page.evaluate(FOCUSED) == "single-keys"
    opened.press("Space", "Escape")
    opened.page.wait_for_function("() => !document.getElementById('help').open")
    opened.press("ArrowDown", "Enter")
    opened.press(*"add unusual")
    assert opened.text("#place") == "1 of 204"
    assert opened.page.evaluate("[...marks.all]") == []
    opened.press("ArrowDown")
    assert opened.text("#place") == "2 of 204"
    opened.press("Escape")
    opened.page.reload()
    opened.page.wait_for_load_state("load")
    assert not opened.page.locator("#single-keys").is_checked()
