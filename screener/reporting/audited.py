"""What the audit journal records of a run that has ended."""

from pathlib import Path
from typing import Any

from screener.options import OutputOptions
from screener.reporting.kept_files import digest_of
from screener.run_summary import RunSummary


def audit_details(summary: RunSummary, options: OutputOptions, *, written: bool) -> dict[str, Any]:
    """Return how a run ended, and the SHA-256 of each file that it wrote; no identifiers.

    written: whether it wrote any. Objects of a store have no digest here: they would have to be fetched.
    """
    files = [path for path in options.written if isinstance(path, Path)] if written else []
    return {
        "exit_code": int(summary.exit_code),
        "report_id": summary.report_id,
        "model": f"{summary.model} {summary.model.sha256}",
        "sha256": {path.name: digest_of(path) for path in files if path.is_file()},
    }
