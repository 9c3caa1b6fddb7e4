"""A command of the user's own, run once a scan has ended, which learns of it by its environment."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress

from screener.errors import why
from screener.notices.run_end import RunEnd
from screener.said import Said, say

SECONDS = 300.0  # for which a command may go on after the night; then it is ended
PREFIX = "SCREENER_RUN_"


def hook_environment(end: RunEnd) -> dict[str, str]:
    """Return the variables that a command gets; those of what there is not are absent."""
    values: dict[str, object] = {
        "EXIT_CODE": int(end.code),
        "STARTED": end.started.isoformat(timespec="seconds"),
        "SECONDS": round(end.seconds, 3),
        "LEDGER": end.ledger,
    }
    if end.options is not None:
        values |= {
            "CSV": end.options.csv,
            "JSON": end.options.json,
            "PDF": end.options.out if end.options.pdf else None,
            "HTML": end.options.page if end.options.html else None,
            "XLSX": end.options.workbook if end.options.xlsx else None,
            "FILES_CSV": end.options.files_csv,
            "SUMMARY": end.options.summary,
        }
    if end.summary is not None:
        totals = end.summary.totals
        values |= {
            "REPORT_ID": end.summary.report_id,
            "COMPLETE": int(end.summary.complete),
            "FILES_SEEN": totals.files_seen,
            "FILES_IGNORED": totals.files_ignored,
            "IMAGES_SCREENED": totals.images_screened,
            "IMAGES_INELIGIBLE": totals.images_ineligible,
            "IMAGES_FAILED": totals.images_failed,
            "IMAGES_FAILED_NEW": totals.failures_new,
            "STUDIES_FLAGGED": totals.flagged,
            "STUDIES_NOT_FLAGGED": totals.not_flagged,
            "STUDIES_NOT_SCREENED": totals.not_screened,
        }
    return {PREFIX + name: str(value) for name, value in values.items() if value is not None}


def run_hook(
    option: str, command: str, environment: Mapping[str, str], seconds: float = SECONDS
) -> Said | None:
    """Run a command by the shell and return what went wrong; None if nothing did.

    Neither its failure nor its hanging changes how the night ended: it is ended, with all that it started,
    after so many seconds. option: which names it, for the words.
    """
    try:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return say("notices.no_shell", option=option, error=why(error))
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return say("notices.hook_killed", option=option, seconds=seconds)
    return say("notices.hook_failed", option=option, code=code) if code else None
