"""A reader's marks as the report's page saves them: a small JSON file, from anybody's machine.

What may stand in it is said in outputs/schemas/marks.schema.json; jsonschema is no dependency, so it is
checked by hand here, and a test holds both against each other. Further keys are passed over.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from screener.agreement import Mark
from screener.errors import UsageError, why
from screener.said import Said, say

FORMAT, VERSION = "screener-marks", 1
MOST_MB = 20  # 10,000 marks with a line of note each take 3 MB
NOTE_CHARACTERS = 2000
READER_CHARACTERS = 100

_REPORT_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StudyMark:
    """What a reader thinks of one study's status; study_id: as the report shows it. marked: with a zone."""

    study_id: str
    mark: Mark
    note: str
    marked: datetime


@dataclass(frozen=True, slots=True)
class MarksFile:
    """One reader's marks on one report; model: name@version."""

    path: Path
    report_id: str
    model: str
    reader: str
    marks: tuple[StudyMark, ...]


class _FaultError(Exception):
    """What is wrong with a file, without a full stop."""

    def __init__(self, said: Said) -> None:
        super().__init__(str(said))
        self.said = said


def read_marks(path: Path) -> MarksFile:
    """Return the marks in a file.

    Raises:
        UsageError: It cannot be read, is too large, or is no marks file; names what is wrong in it.
    """
    try:
        return _marks_file(path, _loaded(path))
    except _FaultError as fault:
        raise UsageError("review.no_marks_file", path=path, fault=fault.said) from fault


def reader_name(name: str) -> str:
    """Return a reader's name or initials without blanks around it.

    Raises:
        ValueError: It is empty, too long, or holds control characters.
    """
    bare = name.strip()
    if not bare or len(bare) > READER_CHARACTERS or not bare.isprintable():
        raise ValueError(f"must be 1 to {READER_CHARACTERS} characters that can be printed")
    return bare


def _loaded(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            content = stream.read((MOST_MB << 20) + 1)
    except OSError as error:
        raise UsageError("review.marks_unreadable", path=path, error=why(error)) from error
    if len(content) > MOST_MB << 20:
        raise _FaultError(say("review.too_large", most=MOST_MB))
    try:
        return json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_without_twins
        )
    except RecursionError as error:
        raise _FaultError(say("review.nested")) from error
    except UnicodeDecodeError as error:
        raise _FaultError(say("review.not_utf8", byte=error.start)) from error
    except json.JSONDecodeError as error:
        raise _FaultError(
            say("review.not_json", error=error.msg, line=error.lineno, column=error.colno)
        ) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise _FaultError(say("review.odd_number")) from error


def _marks_file(path: Path, content: Any) -> MarksFile:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _FaultError(say("review.no_format", format=FORMAT))
    version = content.get("version")
    if type(version) is not int or version != VERSION:
        raise _FaultError(say("review.version", version=VERSION))
    report_id = _text(content, "report_id")
    if not _REPORT_ID.fullmatch(report_id):
        raise _FaultError(say("review.report_id"))
    _moment(content, "saved")
    marks = content.get("marks")
    if not isinstance(marks, list):
        raise _FaultError(say("review.no_list"))
    return MarksFile(
        path,
        report_id,
        _text(content, "model"),
        _reader(content),
        tuple(_study_mark(each, number) for number, each in enumerate(marks, 1)),
    )


def _study_mark(content: Any, number: int) -> StudyMark:
    if not isinstance(content, dict):
        raise _FaultError(say("review.no_object", number=number))
    mark = content.get("mark")
    if not isinstance(mark, str) or mark not in set(Mark):
        raise _FaultError(say("review.choices", field=_field("mark", number), choices=", ".join(Mark)))
    note = _text(content, "note", number, empty=True)
    if len(note) > NOTE_CHARACTERS:
        field = _field("note", number)
        raise _FaultError(say("review.note_length", field=field, length=len(note), most=NOTE_CHARACTERS))
    return StudyMark(_text(content, "study_id", number), Mark(mark), note, _moment(content, "marked", number))


def _field(key: str, number: int) -> Said:
    """Return a key as messages name it; number: of the mark that has it, 0 for the file itself."""
    return say("review.field_of_mark", name=key, number=number) if number else say("review.field", name=key)


def _text(content: dict[str, Any], key: str, number: int = 0, *, empty: bool = False) -> str:
    text = content.get(key)
    if not isinstance(text, str) or not (text or empty):
        wanted = "review.no_text" if empty else "review.empty_text"
        raise _FaultError(say(wanted, field=_field(key, number)))
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise _FaultError(say("review.surrogate", field=_field(key, number)))
    return text


def _reader(content: dict[str, Any]) -> str:
    try:
        return reader_name(_text(content, "reader"))
    except ValueError as error:
        raise _FaultError(say("review.reader", most=READER_CHARACTERS)) from error


def _moment(content: dict[str, Any], key: str, number: int = 0) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(content, key, number))
    except ValueError as error:
        raise _FaultError(say("review.no_time", field=_field(key, number))) from error
    if moment.tzinfo is None:
        raise _FaultError(say("review.no_zone", field=_field(key, number)))
    return moment


def _no_number(name: str) -> NoReturn:
    raise _FaultError(say("review.holds", name=name))


def _without_twins(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise _FaultError(say("review.twins"))
    return content
