"""Pseudonyms: keyed hashes in place of what finds a patient, the same in every output for one key.

HMAC-SHA256 (RFC 2104) of the kind of name and the name, first 64 bits, behind a letter for the kind. Nobody
without the key can tell which patient is meant; who has it can compute a known patient's pseudonym.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from screener.domain import Finding, Identifiers, Ignored, NotScreened, Outcome
from screener.errors import UsageError
from screener.worklist import RunSummary, StudyRow

KEY_BYTES = 16  # at least
_MOST_BYTES = 1 << 16
_DIGITS = 16

Told = Callable[[str, str], str]
"""From a kind ("patient", "accession", "study", "file", "root") and a name to what is shown of it."""


def as_it_is(kind: str, name: str) -> str:
    """Return the name itself."""
    return name


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Replaces names by their keyed hashes; an empty name stays empty."""

    key: bytes = field(repr=False)

    def __call__(self, kind: str, name: str) -> str:
        if not name:
            return ""
        digest = hmac.new(self.key, f"{kind}:{name}".encode(), hashlib.sha256).hexdigest()
        return f"{kind[0]}-{digest[:_DIGITS]}"


def read_key(path: Path) -> bytes:
    """Return the key in a file, without line ends around it.

    Raises:
        UsageError: It cannot be read, is too short to be secret, or too long to be a key.
    """
    try:
        with path.open("rb") as stream:
            key = stream.read(_MOST_BYTES + 1).strip(b"\r\n")
    except OSError as error:
        raise UsageError(f"--pseudonym-key {path}: cannot be read: {error.strerror or error}.") from error
    if not KEY_BYTES <= len(key) <= _MOST_BYTES:
        size = f"over {_MOST_BYTES}" if len(key) > _MOST_BYTES else str(len(key))
        raise UsageError(
            f"--pseudonym-key {path}: holds {size} bytes, must be {KEY_BYTES} to {_MOST_BYTES}. "
            f"Make one with: head -c 32 /dev/urandom > {path}"
        )
    return key


def told_outcome(outcome: Outcome, told: Told) -> Outcome:
    """Return an outcome as files-csv and logs tell it; its path stays, for who reads the film again."""
    if isinstance(outcome, Ignored):
        return replace(outcome, file=told("file", outcome.file))
    shown: Finding | NotScreened = replace(
        outcome, file=told("file", outcome.file), identifiers=_told_identifiers(outcome.identifiers, told)
    )
    if isinstance(shown, Finding) and shown.duplicate_of:
        return replace(shown, duplicate_of=told("file", shown.duplicate_of))
    return shown


def told_row(row: StudyRow, told: Told) -> StudyRow:
    """Return a study as the worklist tells it; one without a UID goes by its file there, too."""
    file = told("file", row.file)
    return replace(
        row,
        study_id=file if row.study_id == row.file else told("study", row.study_id),
        patient_id=told("patient", row.patient_id),
        accession_number=told("accession", row.accession_number),
        file=file,
        refused=tuple(replace(each, file=told("file", each.file)) for each in row.refused),
    )


def told_summary(summary: RunSummary, told: Told) -> RunSummary:
    """Return a run as its reports tell it: a root may be a patient's folder, or a single file."""
    options = summary.options
    if options.paths:
        options = options.but(paths=[told("root", path) for path in options.paths])
    return replace(summary, roots=tuple(told("root", root) for root in summary.roots), options=options)


def _told_identifiers(identifiers: Identifiers, told: Told) -> Identifiers:
    return replace(
        identifiers,
        study_instance_uid=told("study", identifiers.study_instance_uid),
        patient_id=told("patient", identifiers.patient_id),
        accession_number=told("accession", identifiers.accession_number),
    )
