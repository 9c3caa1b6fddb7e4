"""A run in a few lines of plain text, for the mail that cron sends: no identifier of any patient."""

from screener.domain import printed
from screener.errors import ExitCode
from screener.outputs.atomic import PRIVATE, text_written_whole
from screener.places import Place
from screener.worklist import RunSummary

MEANINGS = {
    ExitCode.DONE: "done, nothing failed",
    ExitCode.BUG: "a bug",
    ExitCode.SOME_FAILED: "done, some images failed",
    ExitCode.MISSING_DEPENDENCY: "a dependency is missing",
    ExitCode.OUTPUT: "an output could not be written",
    ExitCode.INTERRUPTED: "interrupted: only what was reached is in the report",
}


def write_run_text(
    summary: RunSummary,
    outputs: tuple[Place, ...],
    path: Place,
    mode: int = PRIVATE,
    bars: tuple[str, ...] = (),
) -> None:
    """Write a run's totals in words; outputs: where its report lies. bars: as for run_text.

    Raises:
        OutputError: The file cannot be written; one that was there before stays whole.
    """
    with text_written_whole(path, mode) as file:
        file.write(run_text(summary, outputs, bars))


def run_text(summary: RunSummary, outputs: tuple[Place, ...], bars: tuple[str, ...] = ()) -> str:
    """Return the text; the first line alone says what the reader must know.

    bars: what comes right after it: sentences about patients whom the model was not validated on.
    """
    totals, code = summary.totals, ExitCode(summary.exit_code)
    point = summary.scale.operating_point
    validated = "" if point.validated else ", not validated"
    known = f" ({totals.failures_known} known from an earlier run)" if totals.failures_known else ""
    refused = [("pictures refused", f"{totals.pictures_refused}, shown in the report: look at them")]
    lines = [
        ("studies flagged", f"{totals.flagged}, at {printed(point.threshold):.6f} ({point.name}{validated})"),
        ("studies not flagged", f"{totals.not_flagged}"),
        ("studies not screened", f"{totals.not_screened}"),
        ("images failed", f"{totals.images_failed}{known}"),
        *(refused if totals.pictures_refused else []),
        ("images screened", f"{totals.images_screened}"),
        ("images ineligible", f"{totals.images_ineligible}"),
        ("files ignored", f"{totals.files_ignored}"),
        ("files seen", f"{totals.files_seen}"),
        ("model", f"{summary.model}"),
        ("started", f"{summary.started:%Y-%m-%d %H:%M}, {summary.seconds:.0f} s"),
        ("report", ", ".join(_clean(path) for path in outputs)),
        ("report id", summary.report_id),
        ("exit code", f"{int(code)}: {MEANINGS.get(code, code.name.lower())}"),
    ]
    head = f"Screener: {_to_look_at(summary)}, {totals.images_failed} images failed"
    head += "" if summary.complete else "; INTERRUPTED"
    body = "".join(f"{name + ':':<24}{value}\n" for name, value in lines)
    warned = "".join(f"{bar}\n" for bar in bars)
    return (
        f"{head}.\n{warned}\n{body}\nDecision support for research and quality work. Not a medical device.\n"
    )


def _to_look_at(summary: RunSummary) -> str:
    totals = summary.totals
    if not summary.scale.points:
        return f"{totals.flagged} to look at first"
    return f"{totals.first} to look at first, {totals.next} next, {totals.later} later"


def _clean(path: Place) -> str:
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")
