"""STOW-RS stores results in an archive (PS3.18 10.5); QIDO-RS and WADO-RS tell the image's header first."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from screener.archives.http import Client
from screener.archives.words import ArchiveAnswerError
from screener.said import Said, say

_UID = re.compile(r"[0-9.]{1,64}")
_SERIES_UID, _SOP_UID = "0020000E", "00080018"
_STORED, _FAILED = "00081199", "00081198"  # Referenced, Failed SOP Sequence
_OF_INSTANCE, _REASON = "00081155", "00081197"
_KNOWN = (0x0110, 0x0122, 0x0124, 0xA700, 0xA900, 0xC000)  # PS3.4 tables B.2-1 and GG.4-1


@dataclass(frozen=True, slots=True)
class OutgoingObject:
    """A DICOM file to be stored."""

    sop_uid: str
    content: bytes


class ResultStore:
    """An archive that results are stored in; for one thread."""

    def __init__(self, client: Client, place: str) -> None:
        """Take a client, and what messages call its archive."""
        self._client, self._place = client, place

    def header(self, study: str, sop: str) -> Mapping[str, Any] | None:
        """Return an image's attributes as DICOM JSON; None where the study does not hold it.

        Raises:
            ArchiveError: The archive is out of reach, refuses, or answers something else.
        """
        series = self._series(study, sop)
        if not series:
            return None
        path = f"/studies/{_uid(study)}/series/{_uid(series)}/instances/{_uid(sop)}/metadata"
        found = self._asked(path, {})
        return found[0] if found else None

    def holds(self, study: str, sop: str) -> bool:
        """Return whether a study holds an object; raises as header does."""
        return bool(self._series(study, sop))

    def store(self, study: str, instances: Sequence[OutgoingObject]) -> Mapping[str, Said | None]:
        """Store objects of one study; return by SOP Instance UID why each was refused, None where it is not.

        An archive may call our own object a duplicate (0x0111; 45070 at Microsoft; HTTP 409), or answer with
        success and name none: then it is asked whether it holds the object, and nothing else counts.

        Raises:
            ArchiveError: As header does.
        """
        body, boundary = _multipart([each.content for each in instances])
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        with self._client.post(f"/studies/{_uid(study)}", body, kind) as answer:
            body = answer.read()
        try:
            told = json.loads(body)
        except ValueError:  # nothing, or XML
            told = None
        stored, failed = _instances(told, _STORED), _instances(told, _FAILED)
        return {each.sop_uid: self._answer(study, each.sop_uid, stored, failed) for each in instances}

    def _answer(
        self, study: str, sop: str, stored: Mapping[str, int], failed: Mapping[str, int]
    ) -> Said | None:
        if sop in stored and sop not in failed:
            return None
        if self.holds(study, sop):
            return None
        if (reason := failed.get(sop)) is None:
            return say("archives.not_held")
        return refusal(reason)

    def _series(self, study: str, sop: str) -> str:
        """Return the UID of the series that an object stands in, empty where the study does not hold it."""
        query = {"SOPInstanceUID": _uid(sop)}
        for found in self._asked(f"/studies/{_uid(study)}/instances", query):
            if _text(found, _SOP_UID) in ("", sop):  # an archive may not know how to match, and list all
                return _text(found, _SERIES_UID)
        return ""

    def _asked(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        try:
            with self._client.get(path, query) as answer:
                body = answer.read()
        except ArchiveAnswerError as error:
            if error.status in (404, 410):  # of a study that is gone
                return []
            raise
        try:
            told = json.loads(body) if body.strip() else []
        except ValueError:
            told = None
        if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
            raise ArchiveAnswerError.of(self._place, "not_dicom_json")
        return told


def refusal(status: int) -> Said:
    """Return why an archive refused an object; status: a failure reason, or a C-STORE status."""
    known = next((each for each in (status, status & 0xFF00, status & 0xF000) if each in _KNOWN), None)
    why = say("archives.refused_unknown") if known is None else say(f"archives.refused_{known:04X}")
    return say("archives.refused", why=why, status=status)


def _uid(value: str) -> str:
    """Return a UID that is one; a header may hold anything, which must not become a part of an address."""
    if not _UID.fullmatch(value):
        raise ValueError("not a UID")
    return value


def _multipart(contents: Iterable[bytes]) -> tuple[bytes, str]:
    """Return a body of parts and the boundary between them, which is in none of them."""
    contents = list(contents)
    number = 0
    while any(f"screener-{number}".encode() in each for each in contents):
        number += 1
    boundary = f"screener-{number}"
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    parts = b"".join(head + each + b"\r\n" for each in contents)
    return parts + f"--{boundary}--\r\n".encode(), boundary


def _instances(told: Any, sequence: str) -> dict[str, int]:
    """Return the failure reasons, 0 for none, of the objects that a store answer's sequence names."""
    found: dict[str, int] = {}
    if not isinstance(told, dict):
        return found
    for item in (told.get(sequence) or {}).get("Value") or ():
        if isinstance(item, dict):
            reason = _first(item, _REASON)
            found[_text(item, _OF_INSTANCE)] = reason if isinstance(reason, int) else 0
    return found


def _text(item: Mapping[str, Any], tag: str) -> str:
    value = _first(item, tag)
    return value if isinstance(value, str) else ""


def _first(item: Mapping[str, Any], tag: str) -> Any:
    element = item.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return values[0] if isinstance(values, list) and values else None
