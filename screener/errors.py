"""Exit codes and the tree of errors that Screener raises on purpose.

Anything else that escapes is a bug and ends the command with exit code 1.
No message ever holds a patient's name, identifier or birth date.
"""

import errno
from enum import IntEnum
from pathlib import Path

from screener.reasons import Reason, ReasonCode
from screener.said import Said, say

_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full: this account has used up its quota",
}


class ExitCode(IntEnum):
    """What the process says to cron; one meaning each."""

    DONE = 0
    BUG = 1
    USAGE = 2
    SOME_FAILED = 3
    MODEL_REJECTED = 4
    MISSING_DEPENDENCY = 5
    OUTPUT = 6
    LEDGER_HELD = 7
    INTERRUPTED = 130


SUCCESSES = (ExitCode.DONE, ExitCode.SOME_FAILED)  # everything that a run was to write is there


class ScreenerError(Exception):
    """A known problem: says what is wrong, where, and what to do next; as text, in English.

    said: the same for every language.
    """

    exit_code = ExitCode.BUG

    def __init__(self, key: str, **values: object) -> None:
        """Say a text of the catalogue: see said.Said."""
        super().__init__(key)
        self.said: Said = say(key, **values)

    def __str__(self) -> str:
        return str(self.said)


class UsageError(ScreenerError):
    """The command line, or the folder it points at, cannot be used as asked."""

    exit_code = ExitCode.USAGE


class DatasetError(UsageError):
    """A labelled dataset cannot be read, or is too small for what was asked."""


class ModelRejectedError(ScreenerError):
    """A model folder is incomplete, altered or made for another version."""

    exit_code = ExitCode.MODEL_REJECTED

    @classmethod
    def checksum(cls, path: Path, expected: str, found: str) -> "ModelRejectedError":
        return cls(
            f"{path}: SHA-256 is {found[:12]}…, manifest.json says {expected[:12]}….\n"
            "The files of this model do not belong together. Copy the whole folder again "
            "from its training run, or pass another one with --model."
        )


class MissingDependencyError(ScreenerError):
    """A library is absent, or memory or semaphores of the machine are; says the remedy."""

    exit_code = ExitCode.MISSING_DEPENDENCY


class OutputError(ScreenerError):
    """An output file cannot be written."""

    exit_code = ExitCode.OUTPUT

    @classmethod
    def cannot_write(cls, path: Path | str, error: OSError) -> "OutputError":
        """Return what to raise where the operating system, or a store, did not let a file be written."""
        if full := full_disk(error):
            return cls(f"{path}: cannot be written: {full}.\nFree space there, then run again.")
        where = "folder" if isinstance(path, Path) else "bucket"
        return cls(
            f"{path}: cannot be written: {error.strerror or error}.\n"
            f"Name a {where} that exists and that this account may write to."
        )

    @classmethod
    def no_temporary_folder(cls) -> "OutputError":
        """Return what to raise where neither TMPDIR nor the usual folders take a temporary file."""
        return cls(
            "Temporary files cannot be written: neither in the folder that TMPDIR names nor in /tmp or "
            "/var/tmp. Their disks are full, or this account may not write there.\n"
            "Free space, or let TMPDIR name a folder on a local disk that this account may write to."
        )


class LedgerHeldError(ScreenerError):
    """Another run writes to the ledger."""

    exit_code = ExitCode.LEDGER_HELD

    @classmethod
    def held(cls, path: Path) -> "LedgerHeldError":
        return cls(
            f"--ledger {path}: another run holds it. Wait until it ends, or give this one a ledger of its "
            "own; 'fuser' names the process that has it open."
        )


class ImageError(ScreenerError):
    """One image cannot be screened; becomes an outcome, never ends a run.

    details: what the words of the reason name, see reasons.Reason.
    """

    exit_code = ExitCode.SOME_FAILED

    def __init__(self, reason: ReasonCode | Reason, **details: object) -> None:
        self.reason = reason if isinstance(reason, Reason) else Reason.of(reason, **details)
        super().__init__(str(self.reason))
        self.args = (self.reason,)  # what pickling makes the error of, again


class UnreadableImageError(ImageError):
    """The image should have been readable: counts as failed."""


class IneligibleImageError(ImageError):
    """The image is readable, but no frontal chest radiograph."""


def full_disk(error: OSError) -> str:
    """Return in words that a disk, or an account's share of it, is full; empty for any other error."""
    return _FULL.get(error.errno or 0, "")
