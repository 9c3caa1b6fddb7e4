"""screener monitor: whether images, scores or readers have changed at this site, as a page of charts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from screener.commands.console import results
from screener.commands.console_language import console_language
from screener.errors import ExitCode, UsageError
from screener.ledger.look import look
from screener.monitoring.compare import FEWEST_NIGHTS, Baseline, Comparison, baseline_of, compare, known_of
from screener.monitoring.page import write_page
from screener.monitoring.words import sentence
from screener.options.period import Period
from screener.outputs.atomic import check_writable, text_written_whole
from screener.outputs.messages import shipped_messages
from screener.said import ENGLISH


def monitor(
    ledger: Path, out: Path, baseline: str | None, as_json: Path | None, language: str = ENGLISH
) -> ExitCode:
    """Write the page, and print what moved.

    Raises:
        UsageError: The ledger knows too little, or the baseline cannot be.
        OutputError: The page cannot be written.
    """
    for path in filter(None, (out, as_json)):
        check_writable(path)
    asked = None if baseline is None else Period.of("--baseline", baseline)
    known = look(ledger, lambda database, held: known_of(database))
    chosen = baseline_of(known.images, asked)
    _check(chosen)
    comparison = compare(known, chosen)
    write_page(comparison, ledger.name, out, language)
    if as_json:
        with text_written_whole(as_json) as file:
            json.dump(_as_json(comparison), file, indent=2, default=str, ensure_ascii=False)
            file.write("\n")
    messages = shipped_messages(console_language())
    lines = [sentence(each, messages) for each in comparison.lasting]
    for line in lines or [messages.plain("monitor.nothing")]:
        results().print(line, markup=False, soft_wrap=True)
    return ExitCode.DONE


def _check(baseline: Baseline) -> None:
    """Raise if a baseline is not enough.

    Raises:
        UsageError: It has too few nights, or nothing comes after it.
    """
    if baseline.nights < FEWEST_NIGHTS:
        found = {"period": baseline.period, "count": baseline.nights, "fewest": FEWEST_NIGHTS}
        raise UsageError("monitoring.short_baseline", **found)
    if not baseline.later:
        raise UsageError("monitoring.nothing_after_baseline", period=baseline.period)


def _as_json(comparison: Comparison) -> dict[str, Any]:
    messages = shipped_messages()
    period = comparison.baseline.period
    return {
        "baseline": [period.first.isoformat(), period.last.isoformat()],
        "images": len(comparison.images),
        "moved": [
            {**asdict(each), "sentence": sentence(each, messages)}
            for shown in comparison.shown
            for each in shown.moves
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
            for shown in comparison.shown
        ],
    }


def _numbers(values: Any) -> Sequence[float | None]:
    return [None if not np.isfinite(each) else round(float(each), 6) for each in values]
