"""How often do the charts of 'screener monitor' alarm where nothing changes, and how soon where it does?

Run: python -m benchmarks.bench_alarms --years 60 --baselines 30,45,90

Years of a site whose images are numbers: three machines, about 200 images a night, 80 at weekends, with other
patients then. False alarms are those of 365 nights after the baseline. A change comes on the 20th night after
it, and its chart is looked at for 40 nights.
"""

import argparse
from collections import Counter
from typing import Any

import numpy as np

from benchmarks.speed import figures
from screener.monitoring.watch import CHARTS, watch
from tests.monitoring.site import DAY, site

CHANGES: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("a new machine takes 20 %", {"shares": (0.4, 0.24, 0.16, 0.2)}, ("device", "picture")),
    ("a new machine takes 5 %", {"shares": (0.475, 0.285, 0.19, 0.05)}, ("device", "picture")),
    ("patients of 60 and more 50 % instead of 35 %", {"old": 0.5}, ("age",)),
    ("unusable windows 10 % instead of 4 %", {"replaced": 0.1}, ("replaced",)),
    ("a model that scores 0.5 higher", {"score": 0.5, "model": 1}, ("score", "flagged")),
    ("failed files 4 % instead of 1 %", {"failed": 0.04}, ("failed",)),
)
YEAR, AFTER, WATCHED = 365, 20, 40


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--years", type=int, default=60, help="simulated for each baseline")
    parser.add_argument("--changes", type=int, default=20, help="times that each change is simulated")
    parser.add_argument("--baselines", default="30,45,90", help="nights")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    shown = figures.as_markdown if arguments.markdown else figures.as_text
    baselines = [int(each) for each in arguments.baselines.split(",")]
    if arguments.years:
        print(shown(false_alarms(baselines, arguments.years)))
    if arguments.changes:
        print(shown(noticed(baselines, arguments.changes)))


def false_alarms(baselines: list[int], years: int) -> list[list[str]]:
    """Return the false alarms a year of each chart, by baseline."""
    rows = [["baseline", *CHARTS]]
    for nights in baselines:
        alarms: Counter[str] = Counter()
        for seed in range(years):
            for chart in watch(site(seed, nights + YEAR), lambda days, end=nights: days < DAY + end):
                alarms[chart.name] += len(chart.alarms)
        rows.append([f"{nights} nights", *(f"{alarms[name] / years:.2f}" for name in CHARTS)])
    return rows


def noticed(baselines: list[int], times: int) -> list[list[str]]:
    """Return on which night each chart notices each change: median and slowest, and how often not at all."""
    rows = [["change", "chart", *(f"{nights} nights" for nights in baselines)]]
    for words, change, names in CHANGES:
        cells = [nights_until(change, names, nights, times) for nights in baselines]
        for name in names:
            rows.append([words, name, *(in_words(each[name], times) for each in cells)])
    return rows


def nights_until(
    change: dict[str, Any], names: tuple[str, ...], baseline: int, times: int
) -> dict[str, list[int]]:
    """Return by chart the nights after which the change was noticed, where it was."""
    found: dict[str, list[int]] = {name: [] for name in names}
    when = baseline + AFTER
    for seed in range(1000, 1000 + times):
        images = site(seed, when + WATCHED, (when, change))
        for chart in watch(images, lambda days: days < DAY + baseline):
            if chart.name in found:
                first = [each.noticed for each in chart.alarms if each.noticed >= when]
                found[chart.name] += [first[0] - when + 1] if first else []
    return found


def in_words(nights: list[int], times: int) -> str:
    missed = f", {times - len(nights)} of {times} not" if len(nights) < times else ""
    return f"{np.median(nights):.0f}, at most {max(nights)}{missed}" if nights else "not"


if __name__ == "__main__":
    main()
