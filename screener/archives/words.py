"""What can go wrong with an archive. The words are in the catalogue, [archives], for a PACS administrator.

No text holds a path, a query or an answer of the archive: they name patients and studies.
"""

from typing import Self

from screener.errors import ExitCode, ScreenerError, UsageError


class ArchiveError(ScreenerError):
    """An archive did not do what it was asked to. The errors below say whether it helps to ask again."""

    exit_code = ExitCode.SOME_FAILED

    def __init__(self, key: str, **values: object) -> None:
        """Say a text of the catalogue. status: that of HTTP, where there was one."""
        super().__init__(key, **values)
        status = values.get("status", 0)
        self.status = status if isinstance(status, int) else 0

    @classmethod
    def of(cls, place: str, name: str, **values: object) -> Self:
        """Return the error of that name in [archives].

        place: the archive's host and port, or what else names it without a patient.
        """
        return cls(f"archives.{name}", place=place, **values)


class ArchiveAwayError(ArchiveError):
    """The archive is out of reach or overloaded: what is known is kept; run again later."""

    exit_code = ExitCode.INTERRUPTED


class ArchiveRefusedError(ArchiveError, UsageError):
    """The archive refuses this machine, account or address for good."""

    exit_code = ExitCode.USAGE


class ArchiveAnswerError(ArchiveError):
    """One answer was no good; the archive may answer other questions."""
