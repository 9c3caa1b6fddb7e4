"""What the reader says of each study, and the file it is saved in."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.browser.browsers import CHROMIUM_ONLY
from tests.commands.conftest import invoke


@pytest.fixture
def marked(open_page):
    """Return the page with three studies marked by keys alone, the second with a note."""
    opened = open_page()
    opened.press("j", "Enter", "a", "j", "d", "n")
    opened.page.keyboard.type("no opacity, rotated image")
    opened.press("Escape", "j", "u", "Escape")
    return opened


def saved(opened) -> dict:
    with opened.page.expect_download() as download:
        opened.page.locator("#save").click()
    assert download.value.suggested_filename.startswith("marks-")
    return json.loads(download.value.path().read_text(encoding="utf-8"))


def test_a_list_is_worked_through_with_the_keyboard_alone(marked):
    assert marked.text("#marked") == "3 marked, 3 not saved yet"
    assert marked.page.locator("#rows .mark").all_inner_texts()[:4] == ["Agree", "Disagree ✎", "Unsure", ""]
    marked.page.select_option("#by-mark", "marked")
    assert marked.text("#count") == "3 of 204 studies"


def test_the_saved_file_holds_study_ids_and_no_name(marked):
    marked.page.fill("#reader", "Dr. A")
    content = saved(marked)
    assert list(content) == ["format", "version", "report_id", "model", "reader", "saved", "marks"]
    assert (content["format"], content["version"]) == ("screener-marks", 1)
    assert (content["reader"], content["model"]) == ("Dr. A", "net@1.0.0")
    assert content["report_id"] == marked.page.evaluate("page.report_id")
    assert [(mark["study_id"], mark["mark"], mark["note"]) for mark in content["marks"]] == [
        ("1.2.1", "agree", ""),
        ("1.2.2", "disagree", "no opacity, rotated image"),
        ("1.2.3", "unsure", ""),
    ]
    assert datetime.fromisoformat(content["marks"][0]["marked"]).tzinfo is not None
    assert "Sons" not in json.dumps(content)
    assert marked.text("#marked").startswith("marks saved: 3, as marks-")


def test_no_marks_are_saved_without_a_reader(marked):
    marked.press("s")
    assert marked.text("#marked") == "Enter who reads, then save again."
    assert marked.page.evaluate("document.activeElement.id") == "reader"


def test_a_mark_is_taken_back_by_its_own_key_and_never_by_the_same_one_again(marked):
    marked.press("k", "Enter", "d", "d")
    assert marked.page.evaluate("marks.all.get('1.2.2').note") == "no opacity, rotated image"
    marked.press("x")
    assert marked.page.evaluate("marks.all.size") == 2
    assert marked.page.input_value("#note") == ""


def test_a_key_held_down_marks_once(open_page):
    opened = open_page("#study=1.2.1")
    for _ in range(4):
        opened.page.keyboard.down("d")  # the second and later ones are repetitions
    assert opened.page.evaluate("[...marks.all.values()].map(each => each.mark)") == ["disagree"]


def test_a_note_that_is_erased_leaves_no_mark_behind(open_page):
    opened = open_page("#study=1.2.1")
    opened.press("n", "h", "Backspace")
    assert opened.page.evaluate("marks.all.size") == 0


def test_marks_move_the_list_that_is_filtered_by_them_once_the_viewer_is_closed(open_page):
    opened = open_page()
    opened.page.select_option("#by-mark", "unmarked")
    opened.page.locator("#row-0").click()
    opened.press("a", "Escape")
    opened.page.wait_for_function("() => document.querySelector('#row-0') === null")
    assert opened.text("#count") == "203 of 204 studies"


def test_saving_without_a_reader_lets_one_type_who_reads(open_page):
    opened = open_page("#study=1.2.1")
    opened.press("a", "s")
    opened.page.wait_for_function("() => document.activeElement.id === 'reader'")
    opened.page.keyboard.type("Ajs")
    assert opened.page.input_value("#reader") == "Ajs"


def test_marks_of_another_reader_are_not_taken_for_ones_own(marked, open_page, tmp_path):
    marked.page.fill("#reader", "Dr. B")
    (tmp_path / "marks.json").write_text(json.dumps(saved(marked)), encoding="utf-8")
    later = open_page()
    later.page.fill("#reader", "Dr. A")
    later.page.set_input_files("#opened", tmp_path / "marks.json")
    later.page.wait_for_function("() => document.getElementById('marked').textContent.includes('Dr. B')")
    assert later.page.evaluate("marks.all.size") == 0


TIME = "2026-11-22T08:00:00Z"
HOSTILE = [
    None,
    7,
    {"study_id": "1.2.1"},
    {"study_id": "1.2.1", "mark": "agree", "note": {"a": 1}, "marked": TIME},
    {"study_id": "1.2.1", "mark": "agree", "note": "x" * 2001, "marked": TIME},
    {"study_id": "1.2.1", "mark": "agree", "note": "", "marked": "zzzz"},
    {"study_id": "1.2.1", "mark": "__proto__", "note": "", "marked": TIME},
    {"study_id": "nobody", "mark": "agree", "note": "", "marked": TIME},
    {"study_id": "9.9.0", "mark": "agree", "note": "", "marked": TIME},
]


@CHROMIUM_ONLY  # no browser has a part in it
def test_of_a_marks_file_only_sound_marks_are_taken_up(open_page, tmp_path):
    opened = open_page()
    content = {
        "format": "screener-marks",
        "version": 1,
        "report_id": opened.page.evaluate("page.report_id"),
        "reader": "Dr. A",
        "marks": [*HOSTILE, {"study_id": "1.2.2", "mark": "agree", "note": "", "marked": TIME}],
    }
    (tmp_path / "marks.json").write_text(json.dumps(content), encoding="utf-8")
    opened.page.set_input_files("#opened", tmp_path / "marks.json")
    opened.page.wait_for_function("() => marks.all.size > 0")
    assert opened.page.evaluate("[...marks.all.keys()]") == ["1.2.2"]
    assert opened.text("#marked") == "marks opened: 1, from marks.json"


def test_marks_outlive_a_reload_of_the_tab(marked):
    marked.page.once("dialog", lambda dialog: dialog.accept())
    marked.page.reload()
    marked.page.wait_for_load_state("load")
    assert marked.text("#marked") == "3 marked, 3 not saved yet"


def test_leaving_with_unsaved_marks_asks_first(marked):
    asked = []
    marked.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    marked.page.goto("about:blank")
    assert asked == ["beforeunload"]


def test_saved_marks_are_taken_up_again_on_another_day(marked, open_page, tmp_path):
    marked.page.fill("#reader", "Dr. A")
    file = tmp_path / "marks.json"
    file.write_text(json.dumps(saved(marked)), encoding="utf-8")
    later = open_page()
    later.page.set_input_files("#opened", file)
    later.page.wait_for_function("() => marks.all.size === 3")
    assert later.text("#marked") == "marks opened: 3, from marks.json"
    assert later.page.input_value("#reader") == "Dr. A"


def test_marks_of_another_report_are_refused(open_page, tmp_path):
    opened = open_page()
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"format": "screener-marks", "report_id": "other", "marks": []}))
    opened.page.set_input_files("#opened", file)
    opened.page.wait_for_function(
        "() => document.getElementById('marked').textContent.includes('holds no marks')"
    )


def test_a_note_alone_is_kept_as_unsure(open_page):
    opened = open_page()
    opened.press("j", "Enter", "n")
    opened.page.keyboard.type("compare with 2025")
    assert opened.page.evaluate("[...marks.all.values()].map(each => [each.mark, each.note])") == [
        ["unsure", "compare with 2025"]
    ]


@CHROMIUM_ONLY  # what differs is tested above; this one scans
def test_marks_of_a_real_report_go_from_the_page_into_the_ledger_and_the_next_report(open_page, tmp_path):
    studies = Path(__file__).parents[2] / "sample_data" / "studies"
    out, ledger = tmp_path / "report.pdf", tmp_path / "ledger.sqlite"
    invoke("scan", studies, "--out", out, "--html", "--no-pdf", "--ledger", ledger)
    opened = open_page(file=out.with_suffix(".html"))
    opened.press("j", "Enter", "a", "j", "d", "j", "a", "Escape")
    opened.page.fill("#reader", "Dr. A")
    (tmp_path / "marks.json").write_text(json.dumps(saved(opened)), encoding="utf-8")
    recorded = invoke("review", "--ledger", ledger, tmp_path / "marks.json")
    assert recorded.exit_code == 0, recorded.output
    again = invoke("report", "--ledger", ledger, "--out", out, "--html", "--no-pdf")
    assert again.exit_code == 0, again.output
    later = open_page(file=out.with_suffix(".html"))
    later.page.locator("summary").click()
    assert "66.7" in later.text(".agreement")
    assert "2 of 3" in later.text(".agreement")
