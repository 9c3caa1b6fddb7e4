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
from screener.errors import UsageError, why
from screener.run_summary import RunSummary
from screener.worklist import StudyRow

KEY_BYTES = 16  # at least
_MOST_BYTES = 1 << 16
_DIGITS = 16

NameMask = Callable[[str, str], str]
"""From a kind ("patient", "accession", "study", "file", "root") and a name to what is shown of it."""


def unmasked(kind: str, name: str) -> str:
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
        raise UsageError("outputs.key_unreadable", path=path, error=why(error)) from error
    if len(key) > _MOST_BYTES:
        raise UsageError("outputs.key_too_long", path=path, least=KEY_BYTES, most=_MOST_BYTES)
    if len(key) < KEY_BYTES:
        raise UsageError("outputs.key_too_short", path=path, size=len(key), least=KEY_BYTES, most=_MOST_BYTES)
    return key


def mask_outcome(outcome: Outcome, mask: NameMask) -> Outcome:
    """Return an outcome as files-csv and logs name it; its path stays, to read the image again."""
    if isinstance(outcome, Ignored):
        return replace(outcome, file=mask("file", outcome.file))
    shown: Finding | NotScreened = replace(
        outcome, file=mask("file", outcome.file), identifiers=_mask_identifiers(outcome.identifiers, mask)
    )
    if isinstance(shown, Finding) and shown.duplicate_of:
        return replace(shown, duplicate_of=mask("file", shown.duplicate_of))
    return shown


def mask_row(row: StudyRow, mask: NameMask) -> StudyRow:
    """Return a study under the names that the worklist shows; one without a UID goes by its masked file."""
    file = mask("file", row.file)
    return replace(
        row,
        study_id=file if row.study_id == row.file else mask("study", row.study_id),
        patient_id=mask("patient", row.patient_id),
        accession_number=mask("accession", row.accession_number),
        file=file,
        refused=tuple(replace(each, file=mask("file", each.file)) for each in row.refused),
    )


def mask_summary(summary: RunSummary, mask: NameMask) -> RunSummary:
    """Return a run as its reports name it: a root may be a folder of one patient, or a single file."""
    options = summary.options
    if options.paths:
        options = options.but(paths=[mask("root", path) for path in options.paths])
    return replace(summary, roots=tuple(mask("root", root) for root in summary.roots), options=options)


def _mask_identifiers(identifiers: Identifiers, mask: NameMask) -> Identifiers:
    return replace(
        identifiers,
        study_instance_uid=mask("study", identifiers.study_instance_uid),
        patient_id=mask("patient", identifiers.patient_id),
        accession_number=mask("accession", identifiers.accession_number),
    )
