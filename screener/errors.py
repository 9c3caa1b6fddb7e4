"""Exit codes and the tree of errors that Screener raises on purpose.

Anything else that escapes is a bug and ends the command with exit code 1.
No message ever holds a patient's name, identifier or birth date.
"""

import errno
import os
from enum import IntEnum
from pathlib import Path

from screener.reasons import Reason, ReasonCode
from screener.said import Said, say

_FULL = {errno.ENOSPC: say("machine.disk_full"), errno.EDQUOT: say("machine.quota_used_up")}
_OF_THE_SYSTEM = {
    **_FULL,
    errno.ENOENT: say("machine.not_there"),
    errno.EACCES: say("machine.not_allowed"),
    errno.EPERM: say("machine.operation_not_allowed"),
    errno.EROFS: say("machine.read_only"),
    errno.EISDIR: say("machine.is_folder"),
    errno.ENOTDIR: say("machine.no_folder_on_the_way"),
    errno.EEXIST: say("machine.exists"),
    errno.ENAMETOOLONG: say("machine.name_too_long"),
    errno.EIO: say("machine.read_error"),
    errno.ECONNREFUSED: say("machine.not_answering"),
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
        return cls("inference.wrong_checksum", path=path, found=found[:12], expected=expected[:12])


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
            return cls("outputs.cannot_write_full", path=path, full=full)
        where = "outputs.cannot_write" if isinstance(path, Path) else "outputs.cannot_write_object"
        return cls(where, path=path, why=why(error))

    @classmethod
    def no_temporary_folder(cls) -> "OutputError":
        """Return what to raise where neither TMPDIR nor the usual folders take a temporary file."""
        return cls("outputs.no_temporary_folder")


class LedgerHeldError(ScreenerError):
    """Another run writes to the ledger."""

    exit_code = ExitCode.LEDGER_HELD

    @classmethod
    def held(cls, path: Path) -> "LedgerHeldError":
        return cls("ledger.held", path=path)


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


def full_disk(error: OSError) -> Said | None:
    """Return in words that a disk, or an account's share of it, is full; None for any other error."""
    return _FULL.get(error.errno or 0)


def why(error: Exception) -> Said | str:
    """Return in words what the operating system, or a store, says; its own where they are rare.

    Of any other error, what it says itself.
    """
    if isinstance(said := getattr(error, "said", None), Said):
        return said
    if not isinstance(error, OSError):
        return str(error)
    if error.errno is None or error.strerror not in (None, os.strerror(error.errno)):
        return error.strerror or str(error)
    return _OF_THE_SYSTEM.get(error.errno) or error.strerror or str(error)
