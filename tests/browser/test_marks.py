"""What the reader says of each study, and the file it is saved in."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.commands.conftest import invoke


@pytest.fixture
def marked(open_page):
    """Return the page with three studies marked by keys alone, the second with a note."""
    opened = open_page()
    opened.press("j", "Enter", "a", "j", "d", "n")
    opened.page.keyboard.type("no opacity, rotated film")
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
        ("1.2.2", "disagree", "no opacity, rotated film"),
        ("1.2.3", "unsure", ""),
    ]
    assert datetime.fromisoformat(content["marks"][0]["marked"]).tzinfo is not None
    assert "Sons" not in json.dumps(content)
    assert marked.text("#marked").startswith("3 marks saved as marks-")


def test_no_marks_are_saved_without_a_reader(marked):
    marked.press("s")
    assert marked.text("#marked") == "Enter who reads, then save again."
    assert marked.page.evaluate("document.activeElement.id") == "reader"


def test_the_same_key_again_takes_a_mark_back(marked):
    marked.press("k", "k", "Enter", "a")
    assert marked.page.evaluate("marks.all.size") == 2


def test_marks_outlive_a_reload_of_the_tab(marked):
    marked.page.on("dialog", lambda dialog: dialog.accept())
    marked.page.reload()
    marked.page.wait_for_load_state("load")
    assert marked.text("#marked") == "3 marked, 3 not saved yet"


def test_leaving_with_unsaved_marks_asks_first(marked):
    asked = []
    marked.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    marked.page.close(run_before_unload=True)
    marked.page.wait_for_event("close", timeout=5000) if not marked.page.is_closed() else None
    assert asked == ["beforeunload"]


def test_saved_marks_are_taken_up_again_on_another_day(marked, open_page, tmp_path):
    marked.page.fill("#reader", "Dr. A")
    file = tmp_path / "marks.json"
    file.write_text(json.dumps(saved(marked)), encoding="utf-8")
    later = open_page()
    later.page.set_input_files("#opened", file)
    later.page.wait_for_function("() => marks.all.size === 3")
    assert later.text("#marked") == "3 marks opened"
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
