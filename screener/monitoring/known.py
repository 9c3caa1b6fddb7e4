"""From what a ledger knows of its images to the columns that are watched."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any

import numpy as np

from screener.ages import years_of
from screener.domain import Status
from screener.inference.summary import NUMBERS
from screener.ledger.first_results import FirstResult
from screener.monitoring.images import UNKNOWN, Column, Images
from screener.note_codes import NoteCode
from screener.scale import Scales

_TOGETHER = 10_000  # rows in memory at once
_UNSEEN = (float("nan"),) * NUMBERS


def images_of(
    results: Iterable[FirstResult], scales: Mapping[int, Scales], models: Mapping[int, str]
) -> Images:
    """Return a ledger's images; of a million, memory holds the columns and not the rows.

    scales: by the key of a result, how it is judged; results of other keys count as not scored. models: by
    key, name and version.
    """
    words: dict[str, dict[str, int]] = {name: {} for name in ("device", "view", "coding", "model")}
    rows, parts = iter(results), [_part([], scales, models, words)]
    while some := list(islice(rows, _TOGETHER)):
        parts.append(_part(some, scales, models, words))
    columns: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    for name, known in words.items():
        columns[name] = Column(columns[name], tuple(known))
    return Images(**columns)


def _part(
    rows: list[FirstResult],
    scales: Mapping[int, Scales],
    models: Mapping[int, str],
    words: dict[str, dict[str, int]],
) -> dict[str, Any]:
    """Return the columns of some images; words: of the mixes, each with its code; new ones are added."""
    judged = [_judged(row, scales.get(row.key)) for row in rows]
    told = {
        "device": [row.device for row in rows],
        "view": [row.view for row in rows],
        "coding": [row.coding for row in rows],
        "model": [models.get(row.key, "") for row in rows],
    }
    codes = {
        name: [words[name].setdefault(each or UNKNOWN, len(words[name])) for each in values]
        for name, values in told.items()
    }
    return {
        "day": np.array([date.fromisoformat(row.day).toordinal() for row in rows], dtype=np.int64),
        "screened": np.array([row.outcome == "screened" for row in rows], dtype=np.bool_),
        "failed": np.array([row.outcome == "failed" for row in rows], dtype=np.bool_),
        "ineligible": np.array([row.outcome == "ineligible" for row in rows], dtype=np.bool_),
        "score": np.array([score for score, _ in judged], dtype=np.float64),
        "flagged": np.array([flagged for _, flagged in judged], dtype=np.float64),
        "replaced": np.array([_replaced(row) for row in rows], dtype=np.float64),
        "age": np.array([_years(row.age) for row in rows], dtype=np.float64),
        "summary": np.array([_summary(row.summary) for row in rows], dtype=np.float64).reshape(-1, NUMBERS),
        **{name: np.array(each, dtype=np.int64) for name, each in codes.items()},
    }


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
