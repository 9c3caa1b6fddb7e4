import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import pytest

from screener.domain import Identifiers, Ignored
from screener.errors import UsageError
from screener.options import RunOptions
from screener.outputs.pseudonyms import Pseudonyms, mask_outcome, mask_row, mask_summary, read_key, unmasked
from tests.outcomes import found, missed

KEY = b"0123456789abcdef"
mask = Pseudonyms(KEY)


def test_a_pseudonym_is_the_start_of_an_hmac():
    whole = hmac.new(KEY, b"patient:P1", hashlib.sha256).hexdigest()
    assert mask("patient", "P1") == f"p-{whole[:16]}"


def test_hmac_sha256_is_that_of_rfc_4231():
    key, data = b"\x0b" * 20, "Hi There"  # test case 1
    digest = hmac.new(key, data.encode(), hashlib.sha256).hexdigest()
    assert digest.startswith("b0344c61d8db38535ca8afceaf0bf12b")


def test_equal_names_of_two_kinds_and_under_two_keys_differ():
    names = {mask("patient", "7"), mask("accession", "7"), Pseudonyms(b"another key of 16")("patient", "7")}
    assert len({name[2:] for name in names}) == 3


def test_what_is_empty_stays_empty():
    assert mask("patient", "") == ""


def test_a_key_is_not_in_what_is_printed_of_it():
    assert "0123" not in repr(mask)


def test_a_row_keeps_everything_but_its_names(make_row):
    row = make_row(study_id="1.2.3", patient_id="P1", accession_number="", file="a/b.dcm")
    shown = mask_row(row, mask)
    assert (shown.study_id, shown.patient_id) == (mask("study", "1.2.3"), mask("patient", "P1"))
    assert (shown.accession_number, shown.file) == ("", mask("file", "a/b.dcm"))
    assert (shown.path, shown.study_date, shown.probability) == (row.path, row.study_date, row.probability)
    assert mask_row(row, unmasked) == row


def test_a_study_without_a_uid_goes_by_its_file(make_row):
    shown = mask_row(make_row(study_id="x.jpg", file="x.jpg"), mask)
    assert shown.study_id == shown.file == mask("file", "x.jpg")


@pytest.mark.parametrize(
    "outcome",
    [found("a", study="1.2", patient_id="P1"), missed("a", study="1.2", patient_id="P1")],
    ids=["screened", "failed"],
)
def test_an_outcome_is_told_as_its_row_is(outcome):
    shown = mask_outcome(outcome, mask)
    assert shown.file == mask("file", "a")
    assert shown.identifiers == Identifiers(mask("study", "1.2"), patient_id=mask("patient", "P1"))
    assert shown.path == outcome.path


def test_an_ignored_file_and_a_twin_are_told_too():
    assert mask_outcome(Ignored("n.txt", Path("/n.txt")), mask).file == mask("file", "n.txt")
    twin = mask_outcome(replace(found("b", study="1.2"), duplicate_of="a"), mask)
    assert twin.duplicate_of == mask("file", "a")


def test_folders_of_a_run_are_told_too(make_summary):
    summary = make_summary(roots=("/p/Smith",), options=RunOptions({"paths": ["Smith"], "workers": 2}))
    shown = mask_summary(summary, mask)
    assert shown.roots == (mask("root", "/p/Smith"),)
    assert shown.options.given == {"paths": [mask("root", "Smith")], "workers": 2}
    assert shown.report_id == summary.report_id


def test_the_line_end_that_an_editor_leaves_is_no_part_of_a_key(tmp_path):
    for end in (b"", b"\n", b"\r\n"):
        (tmp_path / "key").write_bytes(KEY + end)
        assert read_key(tmp_path / "key") == KEY


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(KEY[1:] + b"\n\n", "holds 15 bytes, must be 16", id="short"),
        pytest.param(b"", "holds 0 bytes", id="empty"),
        pytest.param(b"x" * 70_000, "holds over 65536 bytes", id="long"),
        pytest.param(None, "cannot be read: No such file", id="absent"),
    ],
)
def test_what_is_no_key_is_refused_with_the_way_to_one(tmp_path, content, message):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_key(tmp_path / "key")
