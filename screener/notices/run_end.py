"""How a run ended, as other programs see it, without identifiers."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from screener.errors import SUCCESSES, ExitCode
from screener.options import OutputOptions
from screener.run_summary import RunSummary


@dataclass(frozen=True, slots=True)
class RunEnd:
    """One run's end.

    summary: None where the run ended before it had one. options: None where the command line could not be
    used. ledger: None without one. version: of Screener.
    """

    code: ExitCode
    started: datetime
    finished: datetime
    summary: RunSummary | None
    options: OutputOptions | None
    ledger: Path | None
    version: str

    @property
    def success(self) -> bool:
        """Whether everything that the run was to write is there."""
        return self.code in SUCCESSES

    @property
    def seconds(self) -> float:
        return (self.finished - self.started).total_seconds()
