"""Readers' agreement with flagged studies, week by week."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from screener.monitoring.charts import Chart, chart_of
from screener.monitoring.images import Codes, Flags

AGREEMENT = "agreement"
_FEWEST_WEEKS = 3  # with marks, of the baseline


def agreement_chart(
    marks: Sequence[tuple[str, str, str]], baseline: Callable[[Codes], Flags]
) -> Chart | None:
    """Return the chart of the share of flagged studies with which readers agreed, by week.

    marks: day, status and mark of each mark that is sure. None where the baseline has too few weeks of marks.
    """
    flagged = [
        (date.fromisoformat(day).toordinal(), mark) for day, status, mark in marks if status == "flagged"
    ]
    if not flagged:
        return None
    week = np.array([(day - 1) // 7 for day, _ in flagged], dtype=np.int64)  # ordinal 1 was a Monday
    agreed = np.array([mark == "agree" for _, mark in flagged], dtype=np.float64)
    weeks = np.unique(week)
    place = np.searchsorted(weeks, week)
    counts, events = np.bincount(place), np.bincount(place, agreed)
    mondays = weeks * 7 + 1
    base = baseline(mondays)
    if base.sum() < _FEWEST_WEEKS:
        return None
    share = (events[base].sum() + 1) / (counts[base].sum() + 2)
    return chart_of(AGREEMENT, mondays, events / counts, np.sqrt(share * (1 - share) / counts), base)
