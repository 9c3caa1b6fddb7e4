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
from screener.errors import UsageError

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
    """What is wrong with a file, in words that end without a full stop."""


def read_marks(path: Path) -> MarksFile:
    """Return the marks in a file.

    Raises:
        UsageError: It cannot be read, is too large, or is no marks file; names what is wrong in it.
    """
    try:
        return _marks_file(path, _loaded(path))
    except _FaultError as fault:
        raise UsageError(
            f"{path}: no marks file of Screener: {fault}. Nothing was recorded. Save the marks again from "
            "the report's page; 'marks.schema.json' in the package says what such a file holds."
        ) from fault


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
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}.") from error
    if len(content) > MOST_MB << 20:
        raise _FaultError(f"it is larger than {MOST_MB} MB")
    try:
        return json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_without_twins
        )
    except RecursionError as error:
        raise _FaultError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise _FaultError(f"it is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise _FaultError(
            f"it is not JSON: {error.msg}, line {error.lineno}, column {error.colno}"
        ) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise _FaultError("it holds a number that no marks file has") from error


def _marks_file(path: Path, content: Any) -> MarksFile:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _FaultError(f'it does not say "format": "{FORMAT}"')
    version = content.get("version")
    if type(version) is not int or version != VERSION:
        raise _FaultError(f'"version" must be {VERSION}; a later one needs a later Screener')
    report_id = _text(content, "report_id")
    if not _REPORT_ID.fullmatch(report_id):
        raise _FaultError('"report_id" must be the twelve digits, 0 to 9 and a to f, that the report prints')
    _moment(content, "saved")
    marks = content.get("marks")
    if not isinstance(marks, list):
        raise _FaultError('"marks" must be a list')
    return MarksFile(
        path,
        report_id,
        _text(content, "model"),
        _reader(content),
        tuple(_study_mark(each, f" of mark {number}") for number, each in enumerate(marks, 1)),
    )


def _study_mark(content: Any, where: str) -> StudyMark:
    if not isinstance(content, dict):
        raise _FaultError(f"an object is expected instead{where}")
    mark = content.get("mark")
    if not isinstance(mark, str) or mark not in set(Mark):
        raise _FaultError(f'"mark"{where} must be {", ".join(Mark)}')
    note = _text(content, "note", where, empty=True)
    if len(note) > NOTE_CHARACTERS:
        raise _FaultError(f'"note"{where} has {len(note):,} characters, may have {NOTE_CHARACTERS:,}')
    return StudyMark(_text(content, "study_id", where), Mark(mark), note, _moment(content, "marked", where))


def _text(content: dict[str, Any], key: str, where: str = "", *, empty: bool = False) -> str:
    text = content.get(key)
    if not isinstance(text, str) or not (text or empty):
        raise _FaultError(f'"{key}"{where} must be {"a text" if empty else "a text that is not empty"}')
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise _FaultError(f'"{key}"{where} holds half a character (a lone surrogate)')
    return text


def _reader(content: dict[str, Any]) -> str:
    try:
        return reader_name(_text(content, "reader"))
    except ValueError as error:
        raise _FaultError(f'"reader" {error}') from error


def _moment(content: dict[str, Any], key: str, where: str = "") -> datetime:
    try:
        moment = datetime.fromisoformat(_text(content, key, where))
    except ValueError as error:
        raise _FaultError(f'"{key}"{where} must be a time such as 2026-11-22T08:30:00+01:00') from error
    if moment.tzinfo is None:
        raise _FaultError(f'"{key}"{where} must say its zone, as in 2026-11-22T08:30:00+01:00')
    return moment


def _no_number(name: str) -> NoReturn:
    raise _FaultError(f"it holds {name}, which is not JSON")


def _without_twins(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise _FaultError("an object in it has the same key twice")
    return content
