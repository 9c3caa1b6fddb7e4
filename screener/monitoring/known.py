"""From what a ledger knows of its images to the columns that are watched."""

import math
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from screener.ages import years_of
from screener.domain import Status
from screener.inference.summary import NUMBERS
from screener.ledger.first_results import FirstResult
from screener.monitoring.images import UNKNOWN, Column, Images
from screener.note_codes import NoteCode
from screener.scale import Scales

_UNSEEN = (float("nan"),) * NUMBERS


def images_of(
    results: Iterable[FirstResult], scales: Mapping[int, Scales], models: Mapping[int, str]
) -> Images:
    """Return a ledger's images.

    scales: by the key of a result, how it is judged; results of other keys count as not scored. models: by
    key, name and version.
    """
    rows = list(results)
    judged = [_judged(row, scales.get(row.key)) for row in rows]
    return Images(
        day=np.array([date.fromisoformat(row.day).toordinal() for row in rows], dtype=np.int64),
        screened=np.array([row.outcome == "screened" for row in rows], dtype=np.bool_),
        failed=np.array([row.outcome == "failed" for row in rows], dtype=np.bool_),
        ineligible=np.array([row.outcome == "ineligible" for row in rows], dtype=np.bool_),
        score=np.array([score for score, _ in judged], dtype=np.float64),
        flagged=np.array([flagged for _, flagged in judged], dtype=np.float64),
        replaced=np.array([_replaced(row) for row in rows], dtype=np.float64),
        age=np.array([_years(row.age) for row in rows], dtype=np.float64),
        summary=np.array([_summary(row.summary) for row in rows], dtype=np.float64).reshape(-1, NUMBERS),
        device=Column.of([row.device or UNKNOWN for row in rows]),
        view=Column.of([row.view or UNKNOWN for row in rows]),
        coding=Column.of([row.coding or UNKNOWN for row in rows]),
        model=Column.of([models.get(row.key, UNKNOWN) for row in rows]),
    )


def _judged(row: FirstResult, scales: Scales | None) -> tuple[float, float]:
    """Return the calibrated log-odds, and 1 where the image was flagged; NaN where it was not scored."""
    if row.outcome != "screened" or row.logit is None or scales is None:
        return float("nan"), float("nan")
    scale = scales.of(row.age)
    share = min(max(scale.calibrated(row.logit), 1e-9), 1 - 1e-9)
    flagged = scale.status(scale.probability(row.logit)) is Status.FLAGGED
    return math.log(share / (1 - share)), float(flagged)


def _replaced(row: FirstResult) -> float:
    if row.outcome != "screened":
        return float("nan")
    return float(any(line.startswith(NoteCode.WINDOW_REPLACED.value) for line in row.notes.split("\n")))


def _years(age: str) -> float:
    years = years_of(age)
    return float("nan") if years is None else years


def _summary(cells: bytes) -> tuple[float, ...]:
    values = np.frombuffer(cells, dtype="<f2")
    return tuple(values.astype(np.float64)) if values.size == NUMBERS else _UNSEEN
