"""screener monitor: whether images, scores or readers have changed at this site, as a page of charts."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from screener.commands.console import results
from screener.errors import ExitCode, UsageError
from screener.ledger.first_results import FirstResult, decided_marks, first_results, last_records
from screener.ledger.look import look
from screener.monitoring.charts import Chart
from screener.monitoring.images import Codes, Flags, Images
from screener.monitoring.known import images_of
from screener.monitoring.moved import Moved, moved
from screener.monitoring.page import Page, Shown, write_page
from screener.monitoring.readers import AGREEMENT, agreement_chart
from screener.monitoring.watch import watch
from screener.monitoring.words import sentence
from screener.outputs.atomic import check_writable, text_written_whole
from screener.population import FlaggedCount, check_population
from screener.reporting.run_record import from_record
from screener.scale import Scales

FEWEST_NIGHTS = 30  # of a baseline
USUAL_BASELINE = 90  # days from the first image on, or half of what there is


@dataclass(frozen=True, slots=True)
class _Known:
    """What the ledger gave. scales, models: by the key of a result."""

    results: tuple[FirstResult, ...]
    scales: dict[int, Scales]
    models: dict[int, str]
    marks: tuple[tuple[str, str, str], ...]
    last: Scales


def monitor(ledger: Path, out: Path, baseline: str | None, as_json: Path | None) -> ExitCode:
    """Write the page, and print what moved.

    Raises:
        UsageError: The ledger knows too little, or the baseline cannot be.
        OutputError: The page cannot be written.
    """
    for path in filter(None, (out, as_json)):
        check_writable(path)
    known = look(ledger, lambda database, held: _read(database))
    images = images_of(known.results, known.scales, known.models)
    first, last = _baseline(images, baseline)

    def in_baseline(days: Codes) -> Flags:
        return (days >= first.toordinal()) & (days <= last.toordinal())

    base = in_baseline(images.day)
    shown = [Shown(chart, _moves(chart, images, base)) for chart in watch(images, in_baseline)]
    if (readers := agreement_chart(known.marks, in_baseline)) is not None:
        shown.append(Shown(readers, _moves_of_readers(readers)))
    page = Page(ledger.name, (first, last), tuple(shown), images, _expected(images, base, known.last))
    write_page(page, out)
    if as_json:
        with text_written_whole(as_json) as file:
            json.dump(_as_json(page), file, indent=2, default=str, ensure_ascii=False)
            file.write("\n")
    for line in page.sentences or ("Nothing has moved.",):
        results().print(line, markup=False, soft_wrap=True)
    return ExitCode.DONE


def _read(database: Any) -> _Known:
    [[version]] = database.execute("PRAGMA user_version")
    if version < 11:
        raise UsageError(
            "--ledger: this ledger keeps nothing yet of what is compared. The next scan brings it up to "
            "date, and images screened from then on count."
        )
    summaries = {key: from_record(record) for key, record in last_records(database).items()}
    if not summaries:
        raise UsageError("--ledger: no run in it has ended yet. Run 'screener scan' with it first.")
    return _Known(
        tuple(first_results(database)),
        {key: each.scales for key, each in summaries.items()},
        {key: str(each.model) for key, each in summaries.items()},
        tuple(decided_marks(database)),
        max(summaries.values(), key=lambda each: each.started).scales,
    )


def _baseline(images: Images, asked: str | None) -> tuple[date, date]:
    """Return the first and the last day of the baseline.

    Raises:
        UsageError: It is no period, or has too few nights, or nothing comes after it.
    """
    days = images.days()
    if not len(days):
        raise UsageError("--ledger: no image in it. Run 'screener scan' with it first.")
    if asked is not None:
        first, last = _period(asked)
    else:
        start, end = int(days[0]), int(days[-1])
        first, last = (
            date.fromordinal(start),
            date.fromordinal(start + min(USUAL_BASELINE, (end - start) // 2)),
        )
    nights = int(((days >= first.toordinal()) & (days <= last.toordinal())).sum())
    if nights < FEWEST_NIGHTS:
        raise UsageError(
            f"--baseline {first}/{last}: {nights} nights with images in it; {FEWEST_NIGHTS} are needed to "
            "know what is usual here. Name a longer period, or wait."
        )
    if int(days[-1]) <= last.toordinal():
        raise UsageError(f"--baseline {first}/{last}: no image came after it. Name an earlier period.")
    return first, last


def _period(asked: str) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(each) for each in asked.split("/"))
    except ValueError as error:
        raise UsageError(f"--baseline {asked}: two days, such as 2026-01-01/2026-03-31.") from error
    if last < first:
        raise UsageError(f"--baseline {asked}: its end lies before its begin.")
    return first, last


def _moves(chart: Chart, images: Images, base: Flags) -> tuple[Moved, ...]:
    return tuple(moved(chart, alarm, images, base) for alarm in chart.alarms)


def _moves_of_readers(chart: Chart) -> tuple[Moved, ...]:
    def day(place: int) -> date:
        return date.fromordinal(int(chart.days[place]))

    return tuple(
        Moved(
            AGREEMENT, day(each.since), day(each.noticed), None if each.ended is None else day(each.ended),
            each.noticed - each.since + 1, each.up, chart.centre,
            float(np.nanmean(chart.value[each.since : each.ended])),
        )
        for each in chart.alarms
    )  # fmt: skip


def _expected(images: Images, base: Flags, scales: Scales) -> float | None:
    """Return the share that the operating points lead one to expect flagged; None without figures."""
    scored = images.screened & ~base
    ages = images.age[scored]
    counts: dict[str, int] = {}
    for years in ages.tolist():
        name = scales.of_years(None if np.isnan(years) else years).population
        counts[name] = counts.get(name, 0) + 1
    parts = [FlaggedCount(count, 0, scales.named(name)) for name, count in counts.items()]
    if not parts:
        return None
    check = check_population(*parts)
    return None if check.expected_flagged is None else check.expected_flagged / max(check.screened, 1)


def _as_json(page: Page) -> dict[str, Any]:
    return {
        "baseline": [each.isoformat() for each in page.baseline],
        "images": len(page.images),
        "moved": [
            {**asdict(each), "sentence": sentence(each)} for shown in page.shown for each in shown.moves
        ],
        "charts": [
            {
                "name": shown.chart.name,
                "days": [date.fromordinal(int(day)).isoformat() for day in shown.chart.days],
                "value": _numbers(shown.chart.value),
                "smooth": _numbers(shown.chart.smooth),
                "low": _numbers(shown.chart.low),
                "high": _numbers(shown.chart.high),
            }
            for shown in page.shown
        ],
    }


def _numbers(values: Any) -> Sequence[float | None]:
    return [None if not np.isfinite(each) else round(float(each), 6) for each in values]
