"""What a screen reader gets: the browser's accessibility tree, names and roles alone."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.browser.browsers import CHROMIUM_ONLY
from tests.browser.opened import Opened

pytestmark = CHROMIUM_ONLY  # Playwright shows the tree of no other browser

CONTROLS = ("button", "searchbox", "combobox", "textbox", "slider", "checkbox", "Date", "link")
NAMED = (*CONTROLS, "image", "Canvas", "dialog", "grid")


@dataclass(frozen=True, slots=True)
class Told:
    """One node that a screen reader tells."""

    role: str
    name: str
    states: dict[str, Any]


def tree(opened: Opened) -> list[Told]:
    """Return what is told of the page as it is now, from the top."""
    opened.drawn()
    session = opened.page.context.new_cdp_session(opened.page)
    session.send("Accessibility.enable")  # else the tree may lag behind the page
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        Told(
            node["role"]["value"],
            node.get("name", {}).get("value", ""),
            {each["name"]: each["value"].get("value") for each in node.get("properties", ())},
        )
        for node in nodes
        if not node["ignored"]
    ]


def names(found: list[Told], role: str) -> list[str]:
    return [each.name for each in found if each.role == role]


def test_the_page_has_landmarks_and_headings(open_page):
    found = tree(open_page())
    landmarks = [
        each.role for each in found if each.role in ("banner", "main", "search", "contentinfo", "navigation")
    ]
    assert landmarks == ["banner", "main", "search"]
    headings = [(each.states["level"], each.name) for each in found if each.role == "heading"]
    assert headings == [(1, "Chest radiograph worklist"), (2, "Worklist")]


def test_each_study_is_told_with_probability_and_how_soon_to_look_at_it(open_page):
    rows = names(tree(open_page()), "row")[1:]  # without the head
    assert rows[0] == (
        "Rank 1, 0.97: look at it first, PAT037, 46 y, F, 2026-11-02, AP, Earlier: 14 Nov: 0.030 (+1)"
    )
    assert [row.split(", ")[1] for row in rows[:21:5]] == [
        "0.97: look at it first", "0.85: look at it first", "0.72: next", "0.60: later", "0.47: not flagged",
    ]  # fmt: skip
    assert "age 3, validated for 1–5" in rows[2]


def test_a_study_not_screened_is_told_with_its_reason(open_page):
    opened = open_page()
    opened.page.select_option("#by-band", "not_screened")
    [row, *_] = names(tree(opened), "row")[1:]
    assert row.startswith("Not screened, MISSED0,")
    assert "cannot be decoded: the file is truncated" in row


def test_the_selected_study_is_the_one_that_has_the_focus_of_the_list(open_page):
    opened = open_page()
    opened.press("j", "j", "a")
    found = tree(opened)
    [grid] = [each for each in found if each.role == "grid"]
    assert (grid.name, grid.states["focused"]) == ("Worklist", True)
    [selected] = [each.name for each in found if each.states.get("selected") and each.role == "row"]
    assert selected.startswith("Rank 2, 0.95: look at it first")


def test_the_head_tells_the_order_and_its_buttons_are_called_as_their_columns(open_page):
    found = tree(open_page())
    assert names(found, "columnheader") == [
        "Rank", "Patient ID", "Accession no.", "Study date", "View", "Probability", "Look at it", "Notes",
        "Review",
    ]  # fmt: skip
    assert set(names(found, "columnheader")) <= set(names(found, "button"))


@pytest.mark.parametrize("keys", [(), ("j", "Enter", "o"), ("?",)], ids=["list", "viewer", "keys"])
def test_nothing_that_can_be_used_or_looked_at_is_without_a_name(open_page, keys):
    opened = open_page()
    opened.page.locator("summary").click()
    opened.press(*keys)
    found = tree(opened)
    assert {each.role for each in found} & set(NAMED)
    assert [each for each in found if each.role in NAMED and not each.name] == []


def test_the_histogram_is_told_in_a_sentence(open_page):
    opened = open_page()
    opened.page.locator("summary").click()
    [told] = [name for name in names(tree(opened), "image") if "probability" in name]
    assert "20 flagged" in told


@pytest.mark.parametrize(
    ("study", "map_in_words"),
    [
        pytest.param("1.2.6", "strongest at the lower right of the image, stable", id="stable"),
        pytest.param("1.2.8", "strongest in the middle of the image, not stable", id="not stable"),
    ],
)
def test_the_radiograph_is_told_as_in_the_pdf_and_its_map_where_it_is_strongest(
    open_page, study, map_in_words
):
    opened = open_page(f"#study={study}")
    opened.radiograph_shown()
    rank = study.split(".")[-1]
    assert names(tree(opened), "image") == [f"radiograph, study {rank}"]
    opened.press("o")
    opened.overlay_shown()
    with_map = f"activation map over the radiograph, study {rank}: {map_in_words}"
    assert names(tree(opened), "image") == [with_map]
    assert opened.page.locator("#announced").text_content() == with_map
    assert "Canvas" not in {each.role for each in tree(opened)}


def test_the_viewer_tells_its_controls_and_what_is_set(open_page):
    opened = open_page("#study=1.2.1")
    opened.radiograph_shown()
    opened.press("i", "d")
    found = tree(opened)
    [dialog] = [each for each in found if each.role == "dialog"]
    assert (dialog.name, dialog.states["modal"]) == ("PAT037", True)
    assert names(found, "group") == ["Review", "Image"]
    assert names(found, "slider") == ["Overlay", "Level", "Width"]
    assert names(found, "textbox") == ["Note"]
    pressed = {each.name: each.states["pressed"] for each in found if "pressed" in each.states}
    assert pressed == {
        "Agree a": "false", "Disagree d": "true", "Unsure u": "false", "Overlay o": "false",
        "Invert i": "true",
        "Drag: window": "true", "Drag: move p": "false",
    }  # fmt: skip
    assert "grid" not in {each.role for each in found}  # what lies behind a dialog is not told


def test_another_study_is_announced_and_so_is_what_a_key_has_marked(open_page):
    opened = open_page("#study=1.2.1")
    announced = opened.page.locator("#announced")
    assert announced.text_content() == ""  # the focus goes to the heading
    opened.press("j")
    assert announced.text_content() == "PAT074, 2 of 204, 0.95: look at it first"
    opened.press("a")
    assert opened.text("#marked-here") == "1 marked, 1 not saved yet"
    live = [each for each in tree(opened) if each.states.get("live") == "polite"]
    assert len(live) == 2
    assert {each.role for each in live} == {"status"}
