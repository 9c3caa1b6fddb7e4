"""The list: what a radiologist sees first, sorts, filters, searches and walks through."""

import json

import cv2
import pypdfium2
import pytest

from screener.options import ReportLook
from screener.outputs.report_content import ReportContent, select_rows
from screener.outputs.triage_page import PageImages, write_triage_page
from screener.scale import ALL
from tests.browser.browsers import CHROMIUM_ONLY
from tests.browser.conftest import FIRST, SCRIPTED, STUDIES, made_up_summary


def test_the_list_comes_by_rank_with_the_totals_of_the_report(open_page):
    opened = open_page()
    assert opened.rows()[:2] == ["PAT037", "PAT074"]
    assert opened.text(".tile.first .number") == str(FIRST)
    assert opened.text(".tile.failed .number") == "! 2"
    assert opened.text("#count") == f"{STUDIES + 4} of {STUDIES + 4} studies"
    assert "Not a medical device" in opened.text(".notice")


def test_the_first_rows_and_what_they_mean_are_seen_without_scrolling(open_page):
    opened = open_page()
    assert opened.page.locator("#row-4").bounding_box()["y"] < 900 - 46
    meaning = opened.text(".meaning")
    assert "looks for pneumonia and for nothing else" in meaning
    assert "Validated on: children." in meaning


def test_every_row_says_how_soon_to_look_at_it(open_page):
    opened = open_page()
    bands = opened.page.locator("#rows .study .band").all_inner_texts()
    assert bands[:21] == ["First"] * 8 + ["Next"] * 6 + ["Later"] * 6 + ["Not flagged"]


def test_people_read_two_digits_age_sex_and_earlier_results(open_page):
    opened = open_page()
    assert opened.page.locator("#row-0 .probability").inner_text() == "0.97"
    assert opened.page.locator("#row-0 .patient .second").inner_text() == "46 y, F"
    notes = opened.page.locator("#row-0 .notes")
    assert notes.inner_text() == "Earlier: 14 Nov: 0.030 (+1)"
    assert notes.get_attribute("title") == "Earlier: 14 Nov: 0.030; 11 Nov: 0.17"


def test_only_the_rows_near_the_window_are_drawn_and_the_last_one_is_reached(open_page):
    opened = open_page()
    assert len(opened.rows()) < 60
    opened.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    opened.page.wait_for_function("() => document.querySelector('#row-203') !== null")
    assert opened.rows()[-1] == "MISSED3"
    assert len(opened.rows()) < 60


def test_a_patient_named_script_is_a_name(open_page):
    opened = open_page()
    patient = opened.page.locator("#row-2 .patient").inner_text()
    assert patient.splitlines() == [SCRIPTED, "O'Hara & <b>Sons</b> · 46 y, F"]
    assert opened.page.evaluate("window.ran") is None
    opened.page.locator("#row-2").click()
    assert SCRIPTED in opened.text("#study-heading")
    assert opened.page.evaluate("window.ran") is None


def test_the_policy_stops_a_script_that_is_not_the_pages_own(open_page):
    opened = open_page()
    opened.page.evaluate(
        "const made = document.createElement('script'); made.textContent = 'window.ran = true'; "
        "document.body.append(made)"
    )
    assert opened.page.evaluate("window.ran") is None
    [stopped] = opened.troubles
    assert "violates the following" in stopped
    opened.troubles.clear()


@CHROMIUM_ONLY  # what the page computes is the same in each; Firefox sorts in other tests
@pytest.mark.parametrize(
    ("column", "first", "then"),
    [
        pytest.param("patient", SCRIPTED, "PAT999", id="patient"),
        pytest.param("accession", "PAT037", "PAT400", id="accession number"),
        pytest.param("probability", "PAT037", "PAT400", id="probability, highest first"),
        pytest.param("date", "PAT740", "PAT703", id="date"),
    ],
)
def test_a_click_on_a_heading_sorts_and_another_one_turns_it_round(open_page, column, first, then):
    opened = open_page()
    heading = opened.page.locator(f"[data-sort={column}]")
    heading.click()
    assert opened.rows()[0].splitlines()[0] == first
    heading.click()
    assert opened.rows()[0] == then
    directions = opened.page.locator("#list th[aria-sort]").evaluate_all(
        "heads => heads.map(head => head.ariaSort).filter(sort => sort !== 'none')"
    )
    assert directions == ["ascending" if column == "probability" else "descending"]


@CHROMIUM_ONLY  # as above
@pytest.mark.parametrize(
    ("control", "value", "count"),
    [
        pytest.param("#by-band", "all_flagged", 20, id="flagged"),
        pytest.param("#by-band", "first", 8, id="to look at first"),
        pytest.param("#by-band", "later", 6, id="to look at later"),
        pytest.param("#by-band", "not_screened", 4, id="not screened"),
        pytest.param("#by-view", "AP", 104, id="view"),
        pytest.param("#by-notes", "+", 66, id="any note"),
        pytest.param(
            "#by-notes", "age …, validated for …–…", 66, id="one kind of note, whatever its numbers"
        ),
        pytest.param("#by-notes", "!", 2, id="images failed"),
        pytest.param("#by-mark", "unmarked", 204, id="not marked yet"),
    ],
)
def test_a_filter_leaves_only_what_fits(open_page, control, value, count):
    opened = open_page()
    opened.page.select_option(control, value)
    assert opened.text("#count") == f"{count} of 204 studies"
    opened.page.locator("#clear").click()
    assert opened.text("#count") == "204 of 204 studies"


def test_dates_bound_the_list_on_both_sides(open_page):
    opened = open_page()
    opened.page.fill("#from", "2026-11-05")
    opened.page.fill("#to", "2026-11-06")
    dates = set(opened.page.locator("#rows .date").all_inner_texts())
    assert dates == {"2026-11-05", "2026-11-06"}


@CHROMIUM_ONLY  # as above
@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("ACC0010", 1),
        ("acc0010", 1),
        ("night/0011", 1),
        ("1.2.12", 2),
        ("truncated MISSED", 2),
        ("nobody", 0),
    ],
)
def test_the_search_finds_identifiers_files_and_notes_in_any_case(open_page, words, count):
    opened = open_page()
    opened.press("/")
    opened.page.keyboard.type(words)
    found = opened.text("#count").split()[0]
    assert int(found) == (count if words != "1.2.12" else 1 + 10)  # 1.2.12 and 1.2.120 to 1.2.129
    assert opened.page.locator("#nothing").is_visible() == (count == 0)


def test_a_list_that_gets_shorter_under_a_window_far_down_is_drawn(open_page):
    opened = open_page()
    opened.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    opened.page.wait_for_function("() => document.querySelector('#row-203') !== null")
    opened.page.select_option("#by-band", "all_flagged")
    opened.page.wait_for_function("() => document.querySelector('#row-0') !== null")
    assert opened.page.locator("#row-0").bounding_box()["y"] < 900


def test_from_the_search_enter_goes_to_what_was_found(open_page):
    opened = open_page()
    opened.press("/")
    opened.page.keyboard.type("ACC0010")
    opened.press("Enter", "Enter")
    assert opened.text("#place") == "1 of 1"
    opened.press("Escape", "/", "Escape")
    assert opened.page.input_value("#search") == "ACC0010"


def test_the_search_can_be_reached_from_a_study_and_typed_into(open_page):
    opened = open_page("#study=1.2.1")
    opened.press("/")
    opened.page.wait_for_function("() => document.activeElement.id === 'search'")
    opened.page.keyboard.type("sAj")
    assert opened.page.input_value("#search") == "sAj"


def test_j_and_k_walk_the_list_as_it_is_sorted_and_scroll_it(open_page):
    opened = open_page()
    opened.press(*["j"] * 60, "k")
    selected = opened.page.locator("#rows .selected")
    assert selected.get_attribute("id") == "row-58"
    box = selected.bounding_box()
    assert 0 < box["y"] < 900 - box["height"] + 1
    assert opened.page.locator("#list").get_attribute("aria-activedescendant") == "row-58"


def test_the_keys_are_listed_at_the_question_mark(open_page):
    opened = open_page()
    opened.press("?")
    assert opened.page.locator("#help").is_visible()
    opened.press("Escape")
    assert not opened.page.locator("#help").is_visible()


@pytest.mark.parametrize(("scheme", "ground"), [("dark", "rgb(20, 23, 26)"), ("light", "rgb(255, 255, 255)")])
def test_the_page_follows_the_workstation_and_can_be_turned(open_page, scheme, ground):
    opened = open_page(color_scheme=scheme)
    read = "getComputedStyle(document.documentElement).backgroundColor"
    assert opened.page.evaluate(read) == ground
    opened.page.locator("#theme").click()
    assert opened.page.evaluate(read) != ground


@pytest.mark.parametrize("size", [(1440, 900), (834, 1112)], ids=["workstation", "tablet"])
@pytest.mark.parametrize(("scheme", "darkest", "brightest"), [("dark", 15, 75), ("light", 190, 250)])
def test_a_screenshot_is_dark_in_the_dark_and_bright_in_the_light(
    open_page, tmp_path, size, scheme, darkest, brightest
):
    opened = open_page(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    opened.screenshot(tmp_path / "list.png")
    shot = cv2.imread(str(tmp_path / "list.png"), cv2.IMREAD_GRAYSCALE)
    assert shot.shape == (size[1], size[0])
    assert darkest < shot.mean() < brightest
    assert shot.std() > 10  # something is written on it


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (768, 1024), (720, 450), (390, 844)], ids=str)
def test_nothing_hangs_over_the_edge_of_a_smaller_screen(open_page, size):
    opened = open_page(viewport={"width": size[0], "height": size[1]}, has_touch=size[0] < 1440)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    clipped = (
        "[...document.querySelectorAll('#list th, #rows .study .probability, #rows .study .band, .tile')]"
        ".filter((each) => each.offsetParent && each.scrollWidth > each.clientWidth + 1)"
        ".map((each) => each.innerText)"
    )
    if size[0] > 700:
        assert opened.page.evaluate(clipped) == []
    opened.page.locator("#row-0").click()
    opened.radiograph_shown()
    stage = opened.page.locator("#stage").bounding_box()
    assert stage["height"] > min(250, 0.48 * size[1])  # (720, 450) is a workstation at 200 %
    assert stage["width"] > 380


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (834, 1112), (768, 1024)], ids=str)
@pytest.mark.parametrize("band", ["first", "not_screened"])
def test_notes_are_read_whole_in_rows_of_one_height(open_page, size, band):
    opened = open_page(viewport={"width": size[0], "height": size[1]})
    opened.page.select_option("#by-band", band)
    clipped = (
        "[...document.querySelectorAll('#rows .notes, #rows .notes *')].filter((each) => "
        "each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline' || "
        "each.scrollHeight > each.clientHeight + 1 && getComputedStyle(each).display !== 'inline')"
        ".map((each) => each.innerText)"
    )
    assert opened.page.evaluate(clipped) == []
    heights = "[...document.querySelectorAll('#rows .study')].map((row) => row.offsetHeight)"
    assert set(opened.page.evaluate(heights)) == {46}


def test_a_page_without_studies_says_so_and_names_no_filters(open_page, tmp_path):
    content = ReportContent(made_up_summary(), select_rows([], {ALL: 0.5}, 1000), (), "report.csv")
    path = tmp_path / "report.html"
    write_triage_page(content, PageImages((), 0, 0), ReportLook(), path)
    assert open_page(file=path).text("#nothing") == "No study is listed."


@pytest.mark.parametrize("landscape", [True, False], ids=["landscape", "portrait"])
def test_the_printed_list_holds_every_study_and_not_only_the_windows(open_page, tmp_path, landscape):
    opened = open_page()
    pdf = tmp_path / "list.pdf"
    opened.page.evaluate("window.scrollTo(0, 3000)")
    opened.print(pdf, landscape=landscape)
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    text = "\n".join(pages)
    assert text.count("ACC0") >= STUDIES
    assert "MISSED3" in text
    assert "Printed:204of204studies." in text.replace(" ", "")  # spaces are not always told
    assert len(pages) < 16
    assert all(len(page) > 100 for page in pages[:-1])  # none is empty


def test_what_is_folded_says_what_was_run_and_what_the_pictures_are(open_page):
    opened = open_page()
    opened.page.locator("summary").click()
    assert "net@1.0.0" in opened.text("details")
    assert "The first 30 studies have an image here, the next 50 a small picture, 120 none" in opened.text(
        "#pictures"
    )


def test_the_data_can_be_read_by_other_programs_too(page_file):
    html = page_file.read_text(encoding="utf-8")
    data = json.loads(html.partition('id="worklist">')[2].partition("</script>")[0])
    assert len(data["rows"]) == STUDIES + 4


def test_how_many_studies_fit_is_announced(open_page):
    opened = open_page()
    live = opened.page.locator("#count")
    assert (live.get_attribute("aria-live"), live.evaluate("each => each.tagName")) == ("polite", "OUTPUT")
    opened.page.select_option("#by-band", "first")
    assert live.inner_text() == "8 of 204 studies"
