"""Figures of the last run as a text file for Prometheus, by way of node_exporter's textfile collector."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError
from screener.notices.run_end import RunEnd
from screener.outputs.atomic import check_writable, text_written_whole
from screener.run_summary import RunSummary

MODE = 0o644  # node_exporter, another account, reads it; it names no study
_SUFFIX = ".prom"
_LAST_SUCCESS = "screener_last_success_timestamp_seconds"
_KEPT = re.compile(rf"^{_LAST_SUCCESS} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Metric:
    """One gauge: its name, what it is, and its values by their labels."""

    name: str
    about: str
    values: tuple[tuple[str, float], ...]

    @classmethod
    def one(cls, name: str, about: str, value: float) -> "_Metric":
        return cls(name, about, (("", value),))


def check_metrics_file(path: Path) -> None:
    """Raise if figures could not be written there at the end.

    Raises:
        UsageError: node_exporter would not read a file of that name, or an image lies there.
        OutputError: The folder is missing or closed to this account.
    """
    if path.suffix != _SUFFIX:
        raise UsageError("notices.metrics_name", path=path)
    check_writable(path)


def write_metrics(end: RunEnd, path: Path) -> None:
    """Write the figures, whole or not at all; when the last success was stays, if this was none.

    Raises:
        UsageError: As check_metrics_file; it may be why the run ended.
        OutputError: The file cannot be written; what was there before stays.
    """
    check_metrics_file(path)
    text = "".join(_exposed(_metrics(end, _last_success(end, path))))
    with text_written_whole(path, MODE) as file:
        file.write(text)


def _last_success(end: RunEnd, path: Path) -> float | None:
    if end.success:
        return end.finished.timestamp()
    with suppress(OSError, ValueError):
        if kept := _KEPT.search(path.read_text(encoding="utf-8")):
            return float(kept[1])
    return None


def _metrics(end: RunEnd, last_success: float | None) -> Iterator[_Metric]:
    model = f',model="{_escaped(str(end.summary.model))}"' if end.summary else ""
    labels = f'version="{end.version}"{model}'
    yield _Metric("screener_info", "Screener, and the model of the last run.", ((labels, 1),))
    yield _Metric.one(
        "screener_last_run_timestamp_seconds", "When the last run ended.", end.finished.timestamp()
    )
    yield _Metric.one("screener_last_run_exit_code", "Exit code of the last run.", int(end.code))
    yield _Metric.one("screener_last_run_seconds", "How long the last run took.", round(end.seconds, 3))
    if last_success is not None:
        yield _Metric.one(_LAST_SUCCESS, "When the last run with exit code 0 or 3 ended.", last_success)
    if end.ledger is not None:
        with suppress(OSError):
            size = end.ledger.stat().st_size
            yield _Metric.one("screener_ledger_bytes", "Size of the ledger.", size)
    if end.summary is not None:
        yield from _totals(end.summary)


def _totals(summary: RunSummary) -> Iterator[_Metric]:
    totals, check = summary.totals, summary.population_check
    yield _Metric.one("screener_last_run_complete", "1 if it reached every file.", int(summary.complete))
    outcomes = {
        "screened": totals.images_screened,
        "ineligible": totals.images_ineligible,
        "failed": totals.images_failed,
        "ignored": totals.files_ignored,
    }
    by_outcome = tuple((f'outcome="{name}"', float(count)) for name, count in outcomes.items())
    yield _Metric("screener_files", "Files seen, by outcome; they add up.", by_outcome)
    by_reason = tuple(
        (f'outcome="{each.outcome}",reason_code="{each.reason_code}"', float(each.files))
        for each in totals.by_reason
    )
    if by_reason:
        yield _Metric("screener_files_not_screened", "Files ineligible or failed, by reason code.", by_reason)
    statuses = (("flagged", totals.flagged), ("not_flagged", totals.not_flagged))
    listed = tuple(
        (f'status="{name}"', float(count))
        for name, count in (*statuses, ("not_screened", totals.not_screened))
    )
    yield _Metric("screener_studies", "Studies listed, by status.", listed)
    bands = (("first", totals.first), ("next", totals.next), ("later", totals.later))
    in_bands = tuple((f'band="{name}"', float(count)) for name, count in bands)
    yield _Metric("screener_studies_flagged", "Studies flagged, by band.", in_bands)
    if totals.studies_screened:
        share = totals.flagged / totals.studies_screened
        yield _Metric.one("screener_flagged_share", "Flagged among the studies screened.", share)
        if check.expected_flagged is not None:
            expected = check.expected_flagged / totals.studies_screened
            yield _Metric.one("screener_flagged_share_expected", "As the operating point has it.", expected)
    if check.holds is not None:
        about = "1 if as many studies are flagged as expected, 0 if not; absent where nothing can be said."
        yield _Metric.one("screener_population_check_holds", about, int(check.holds))
    rate = round(summary.images_per_second, 3)
    yield _Metric.one("screener_images_per_second", "Images decoded and predicted a second.", rate)


def _exposed(metrics: Iterable[_Metric]) -> Iterator[str]:
    """Yield lines as Prometheus' text format has them."""
    for each in metrics:
        yield f"# HELP {each.name} {each.about}\n# TYPE {each.name} gauge\n"
        for labels, value in each.values:
            name = f"{each.name}{{{labels}}}" if labels else each.name
            yield f"{name} {value!r}\n"


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
