import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from screener.cli.output_options import OutputArguments
from screener.errors import UsageError
from screener.options import OutputOptions, ReportLook

GIVEN: dict[str, Any] = {
    "out": "r.pdf",
    "no_pdf": True,
    "html": True,
    "html_images": 7,
    "viewer_url": "https://pacs/v?u={study_uid}",
    "files_csv": "f.csv",
    "mode": "0640",
    "xlsx": True,
    "excel": True,
    "summary": "s.txt",
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
    "language": "de",
}


def test_every_shared_option_reaches_the_outputs() -> None:
    asked = OutputArguments(**GIVEN).options()
    assert set(asked) == {field.name for field in fields(OutputOptions)} - {"workers"}
    assert (asked["pdf"], asked["mode"], asked["html_images"]) == (False, 0o640, 7)
    look = {field.name: getattr(asked["look"], field.name) for field in fields(ReportLook)}
    assert look == {name: GIVEN[name] for name in look}


def test_a_look_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="--paper is a4 or letter"):
        OutputArguments(**{**GIVEN, "paper": "a5"}).options()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"viewer_url": "https://pacs/viewer"}, "{study_uid} where"),
        ({"viewer_url": "javascript:alert({study_uid})"}, "{study_uid} where"),
        ({"viewer_url": "https://pacs/v?u={study_uid}", "html": False}, "pass --html, too"),
    ],
    ids=["no place for the study", "no web address", "no page"],
)
def test_a_viewer_that_no_study_could_be_opened_in_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        OutputOptions(**{"out": Path("r.pdf"), "html": True, **given}).check()
