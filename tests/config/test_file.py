"""A configuration file: what it may say, and in which line it is wrong."""

from pathlib import Path

import pytest

from screener.config.file import read_config
from screener.config.settings import Setting, schema_of, variable_of
from screener.errors import UsageError

SETTINGS = {
    "scan": {
        "paths": Setting("paths", str, True, "Folders."),
        "out": Setting("out", str, False, "The report."),
        "settle": Setting("settle", float, False, "Seconds."),
        "workers": Setting("workers", int, False, "Processes."),
        "new-only": Setting("new_only", bool, False, "Only what is new."),
        "json": Setting("as_json", bool, False, "Print JSON."),
    },
    "ledger backup": {"to": Setting("to", str, False, "The copy.")},
}
RIGHT = """# the night
[scan]
paths = ["/a", "/b"]
out = '/r.pdf'   # a comment
settle = 300
new_only = true
json = false
[ledger.backup]
to = "/copy"
"""


@pytest.fixture
def read(tmp_path: Path):
    def reading(text: str):
        path = tmp_path / "screener.toml"
        path.write_text(text, encoding="utf-8")
        return read_config(path)

    return reading


def test_a_command_gets_its_table_by_the_names_of_its_parameters(read) -> None:
    file = read(RIGHT)
    assert file.faults(SETTINGS) == ()
    assert file.values("scan", SETTINGS) == {
        "paths": ["/a", "/b"], "out": "/r.pdf", "settle": 300, "new_only": True, "as_json": False,
    }  # fmt: skip
    assert file.values("ledger backup", SETTINGS) == {"to": "/copy"}
    assert file.line("scan", "settle") == 5
    assert file.line("ledger backup", "to") == 9


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[scan]\n\nsetle = 3", (3, "[scan] setle: no such option; did you mean settle?")),
        ('[scan]\nworkers = "2"', (2, "[scan] workers: must be a whole number, not text")),
        ("[scan]\nworkers = true", (2, "[scan] workers: must be a whole number, not true")),
        ("[scan]\nworkers = 2.5", (2, "[scan] workers: must be a whole number, not 2.5")),
        ("[scan]\nnew-only = 1", (2, "[scan] new-only: must be true or false, not 1")),
        ('[scan]\npaths = "/a"', (2, "[scan] paths: must be a list, each text, not text")),
        ('[scan]\npaths = ["/a", 3]', (2, "[scan] paths: must be a list, each text, not a list")),
        ("[scan]\nout = 2026-11-29", (2, "[scan] out: must be text, not a date or time")),
        ("\n[scna]\nout = 'x'", (2, "scna: no such command; did you mean scan?")),
        ("out = 'x'", (1, "out: an option stands below its [command]")),
        ("[ledger.bakcup]\nto = 'x'", (1, "[ledger] bakcup: no such command; did you mean backup?")),
        ("[ledger]\nto = 'x'", (2, "[ledger] to: no such command")),
        ("[ledger.backup]\nledger = 3", (2, "[ledger.backup] ledger: no such option")),
    ],
)
def test_a_fault_is_told_with_its_line(read, text: str, fault: tuple[int, str]) -> None:
    assert [(each.line, str(each.words)) for each in read(text).faults(SETTINGS)] == [fault]


def test_all_faults_are_told_at_once_in_the_order_of_lines(read) -> None:
    file = read("[scna]\n[scan]\nworkers = 'x'\nout = 3\n")
    assert [each.line for each in file.faults(SETTINGS)] == [1, 3, 4]


def test_a_fault_in_another_commands_table_costs_no_night(read) -> None:
    file = read(RIGHT + "[report]\nnonsense = 1\n[ledger.check]\nx = 1\n")
    assert file.values("scan", SETTINGS)["out"] == "/r.pdf"
    assert len(file.faults(SETTINGS)) == 2


def test_a_text_that_may_be_a_secret_is_not_repeated(read) -> None:
    with pytest.raises(UsageError) as refused:
        read("[scan]\nworkers = 'SECRET'").values("scan", SETTINGS)
    assert "line 2" in str(refused.value)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"), [("[scan]\nout = x", "at line 2, column 7"), ("[scan\nout = 1", "at line 1")]
)
def test_what_is_no_toml_is_told_with_its_line(read, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(text)


def test_a_file_that_is_not_there_or_no_text_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_config(tmp_path / "nowhere.toml")
    (tmp_path / "noise").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not UTF-8"):
        read_config(tmp_path / "noise")


def test_the_schema_holds_what_the_check_holds() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(schema_of(SETTINGS))
    good = {"scan": {"paths": ["/a"], "settle": 3, "new-only": True}, "ledger": {"backup": {"to": "x"}}}
    assert check.is_valid(good)
    for bad in ({"scna": {}}, {"scan": {"setle": 3}}, {"scan": {"workers": 2.5}}, {"scan": {"paths": "/a"}}):
        assert not check.is_valid(bad)


def test_a_variable_is_named_by_command_and_option() -> None:
    assert variable_of("ledger backup", SETTINGS["ledger backup"]["to"]) == "SCREENER_LEDGER_BACKUP_TO"
    assert variable_of("scan", SETTINGS["scan"]["new-only"]) == "SCREENER_SCAN_NEW_ONLY"
