from dataclasses import fields
from pathlib import Path

import pytest

from screener.cli.output_options import outputs_asked
from screener.errors import UsageError
from screener.options import OutputOptions, ReportLook

GIVEN = {
    "out": Path("r.pdf"),
    "no_pdf": True,
    "html": True,
    "html_images": 7,
    "files_csv": Path("f.csv"),
    "mode": "0640",
    "excel": True,
    "summary": Path("s.txt"),
    "include_names": False,
    "pseudonymise": True,
    "pseudonym_key": Path("key"),
    "paper": "letter",
    "cards": 3,
    "pdf_rows": 9,
    "title": "T",
    "site": "S",
    "logo": Path("l.png"),
    "template": None,
    "ledger": Path("of another option"),
}


def test_every_shared_option_reaches_the_outputs_and_no_other() -> None:
    asked = outputs_asked(GIVEN)
    assert set(asked) == {field.name for field in fields(OutputOptions)} - {"workers"}
    assert (asked["pdf"], asked["mode"], asked["html_images"]) == (False, 0o640, 7)
    look = {field.name: getattr(asked["look"], field.name) for field in fields(ReportLook)}
    assert look == {name: GIVEN[name] for name in look}


def test_a_look_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="--paper is a4 or letter"):
        outputs_asked({**GIVEN, "paper": "a5"})
