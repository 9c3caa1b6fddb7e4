"""What a marks file may hold: it comes from anybody's machine."""

import json
import time
from datetime import datetime
from pathlib import Path

import pytest

import screener.outputs
from screener.agreement import Mark
from screener.errors import UsageError
from screener.reporting import marks_file
from screener.reporting.marks_file import StudyMark, read_marks

SCHEMA = Path(screener.outputs.__file__).parent / "schemas" / "marks.schema.json"
WHEN = "2026-11-22T08:30:00+01:00"
MARK = {"study_id": "1.2.3", "mark": "disagree", "note": "left base", "marked": WHEN}
WHOLE = {
    "format": "screener-marks",
    "version": 1,
    "report_id": "0123456789ab",
    "model": "net@1.0.0",
    "reader": "AB",
    "saved": WHEN,
    "marks": [MARK],
}


@pytest.fixture
def read(tmp_path):
    def write_and_read(content):
        path = tmp_path / "marks.json"
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(text)
        return read_marks(path)

    return write_and_read


@pytest.fixture
def schema():
    jsonschema = pytest.importorskip("jsonschema", reason="needs the extra 'dev'")
    rules = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(rules)
    return jsonschema.Draft202012Validator(rules)


def changed(**values):
    return {**WHOLE, **values}


def marked(**values):
    return changed(marks=[MARK, {**MARK, **values}])


def without(key):
    return {name: value for name, value in WHOLE.items() if name != key}


def test_what_the_page_saves_is_read(read):
    found = read(WHOLE)
    assert (found.report_id, found.model, found.reader) == ("0123456789ab", "net@1.0.0", "AB")
    moment = datetime.fromisoformat(WHEN)
    assert found.marks == (StudyMark("1.2.3", Mark.DISAGREE, "left base", moment),)


def test_a_byte_order_mark_blanks_and_keys_of_a_later_day_do_no_harm(read):
    content = json.dumps(changed(reader="  Zoë B. ", later={"a": [1]})).encode()
    assert read(b"\xef\xbb\xbf" + content).reader == "Zoë B."


def test_a_page_without_marks_is_read(read):
    assert read(changed(marks=[])).marks == ()


def test_ten_thousand_marks_are_read_in_a_moment(read):
    start = time.perf_counter()
    assert len(read(changed(marks=[{**MARK, "note": "x" * 200}] * 10_000)).marks) == 10_000
    assert time.perf_counter() - start < 3


# What a JSON Schema can express, too.
WRONG = [
    pytest.param([WHOLE], '"format"', id="a list"),
    pytest.param(None, '"format"', id="null"),
    pytest.param(changed(format="screener"), '"format"', id="another format"),
    pytest.param(changed(version=2), '"version" must be 1', id="a later version"),
    pytest.param(changed(version=True), '"version" must be 1', id="a version that is a truth"),
    pytest.param(changed(version="1"), '"version" must be 1', id="a version in quotes"),
    *(pytest.param(without(key), f'"{key}"', id=f"without {key}") for key in WHOLE),
    pytest.param(changed(report_id="0123456789AB"), "twelve digits", id="a report id in capitals"),
    pytest.param(changed(report_id="0123456789ab\x00"), "twelve digits", id="a report id and more"),
    pytest.param(changed(report_id=7), '"report_id" must be a text', id="a report id that is a number"),
    pytest.param(changed(model=""), '"model" must be a text that is not empty', id="no model"),
    pytest.param(changed(reader=" "), '"reader" must be 1 to 100 characters', id="a blank reader"),
    pytest.param(changed(reader="A" * 101), '"reader" must be 1 to 100', id="a long reader"),
    pytest.param(changed(marks={}), '"marks" must be a list', id="marks that are no list"),
    pytest.param(changed(marks=[[]]), "mark 1 must be an object", id="a mark that is a list"),
    pytest.param(
        marked(mark="agreed"), '"mark" of mark 2 must be agree, disagree, unsure', id="another mark"
    ),
    pytest.param(marked(mark=["agree"]), '"mark" of mark 2', id="a mark in a list"),
    pytest.param(marked(mark=None), '"mark" of mark 2', id="no mark"),
    pytest.param(marked(study_id=""), '"study_id" of mark 2', id="no study"),
    pytest.param(marked(study_id=123), '"study_id" of mark 2', id="a study that is a number"),
    pytest.param(marked(note=None), '"note" of mark 2 must be a text', id="a note that is null"),
    pytest.param(marked(note="x" * 1_000_000), "has 1,000,000 characters, may have 2,000", id="a long note"),
    pytest.param(marked(marked=0), '"marked" of mark 2', id="a time that is a number"),
]


@pytest.mark.parametrize(("content", "words"), WRONG)
def test_what_is_no_marks_file_is_refused_with_what_is_wrong(read, content, words):
    with pytest.raises(UsageError, match=r"no marks file of Screener: .*Nothing was recorded") as raised:
        read(content)
    assert words in str(raised.value)
    assert "marks.json" in str(raised.value)


@pytest.mark.parametrize(("content", "words"), WRONG)
def test_the_schema_that_ships_refuses_the_same(schema, content, words):
    assert not schema.is_valid(content)


@pytest.mark.parametrize("content", [WHOLE, changed(marks=[]), changed(more=1), marked(note="x" * 2000)])
def test_the_schema_that_ships_lets_the_same_pass(schema, read, content):
    assert read(content)
    assert schema.is_valid(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"\x89PNG\r\n", "not UTF-8 (byte 0)", id="no text"),
        pytest.param(json.dumps(WHOLE).encode()[:-3], "not JSON", id="cut short"),
        pytest.param(b'{"version": NaN}', "it holds NaN", id="NaN"),
        pytest.param(b'{"version": -Infinity}', "it holds -Infinity", id="infinity"),
        pytest.param(b"[" * 200_000, "nested too deeply", id="nested"),
        pytest.param(b'{"version": ' + b"9" * 50_000 + b"}", "a number", id="a number without end"),
        pytest.param(b'{"format": "a", "format": "screener-marks"}', "the same key twice", id="twins"),
        pytest.param(changed(reader="A\x1b[2J"), '"reader" must be', id="a reader that moves the cursor"),
        pytest.param(changed(saved="yesterday"), '"saved" must be a time', id="no time"),
        pytest.param(changed(saved="2026-11-22T08:30:00"), '"saved" must say its zone', id="no zone"),
        pytest.param(marked(marked="2026-11-22"), '"marked" of mark 2 must say its zone', id="a day"),
        pytest.param(marked(note="\ud800"), "half a character", id="a lone surrogate"),
        pytest.param(marked(study_id="\udfff"), "half a character", id="a study of a lone surrogate"),
    ],
)
def test_hostile_content_is_refused_with_what_is_wrong(read, content, words):
    with pytest.raises(UsageError, match="Nothing was recorded") as raised:
        read(content)
    assert words in str(raised.value)


def test_a_file_that_is_too_large_is_not_even_parsed(read, monkeypatch):
    monkeypatch.setattr(marks_file, "MOST_MB", 1)
    with pytest.raises(UsageError, match="larger than 1 MB"):
        read(json.dumps(WHOLE).encode() + b" " * (1 << 20))


@pytest.mark.parametrize("name", ["absent.json", "."], ids=["absent", "a folder"])
def test_what_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(UsageError, match="cannot be read"):
        read_marks(tmp_path / name)
