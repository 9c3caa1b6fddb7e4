"""From logits to the rows of the table, each figure with its 95 % interval, by patient."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.generalisation import changes
from benchmarks.generalisation.data import BACTERIA, COPIES, IM, NORMAL2, ORIGINALS, VIRUS, Case
from benchmarks.generalisation.scoring import Scored
from screener.evaluation.bootstrap import ratio
from screener.evaluation.estimates import Estimate, estimate_auc, estimate_proportion
from screener.evaluation.intervals import (
    FloatArray,
    PatientResamples,
    bootstrap_by_patient,
    resample_patients,
)
from screener.evaluation.operating_point import flagged
from screener.inference.model_folder import ModelFolder
from screener.inference.populations import Population

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what was measured, on how many images, and the figures by name."""

    name: str
    normal: int
    pneumonia: int
    figures: dict[str, Estimate] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict)  # what is no estimate


GROUPS: tuple[tuple[str, Callable[[Case], bool]], ...] = (
    ("children, all", lambda radiograph: True),
    (
        "normal NORMAL2-IM, all pneumonia",
        lambda radiograph: radiograph.label == 1 or NORMAL2 in radiograph.groups,
    ),
    ("normal IM, all pneumonia", lambda radiograph: radiograph.label == 1 or IM in radiograph.groups),
    ("all normal, bacterial", lambda radiograph: radiograph.label == 0 or BACTERIA in radiograph.groups),
    ("all normal, viral", lambda radiograph: radiograph.label == 0 or VIRUS in radiograph.groups),
    ("originals", lambda radiograph: ORIGINALS in radiograph.groups),
    ("224-pixel copies", lambda radiograph: COPIES in radiograph.groups),
)
_AGAINST: tuple[tuple[str, Callable[[Case], bool]], ...] = (
    ("normal", lambda radiograph: radiograph.label == 1 or radiograph.healthy),
    ("all else", lambda radiograph: True),
)
ADULT_GROUPS: tuple[tuple[str, Callable[[Case], bool]], ...] = tuple(
    (
        f"adults, opacity against {against}, {view or 'all views'}",
        lambda radiograph, counts=counts, view=view: counts(radiograph) and view in ("", radiograph.view),
    )
    for against, counts in _AGAINST
    for view in ("", "PA", "AP")
)


def group_rows(
    radiographs: Sequence[Case],
    logits: FloatArray,
    population: Population,
    groups: Sequence[tuple[str, Callable[[Case], bool]]],
) -> list[Row]:
    """Return AUC, and sensitivity and specificity at every operating point, for each group with images."""
    rows = []
    for name, belongs in groups:
        kept = np.array([belongs(radiograph) for radiograph in radiographs], dtype=np.bool_)
        if kept.any():
            some = [radiograph for radiograph, keep in zip(radiographs, kept, strict=True) if keep]
            rows.append(group_row(name, some, logits[kept], population))
    return rows


def group_row(name: str, radiographs: Sequence[Case], logits: FloatArray, population: Population) -> Row:
    """Return AUC, and sensitivity and specificity at every operating point."""
    labels = _labels(radiographs)
    resamples = resample_patients([radiograph.patient for radiograph in radiographs])
    figures = {"auc": estimate_auc(labels, logits, resamples)}
    for point in population.operating_points.values():
        above = flagged(probabilities(logits, population), point.threshold)
        figures[f"sensitivity, {point.name}"] = estimate_proportion(above, labels == 1, resamples)
        figures[f"specificity, {point.name}"] = estimate_proportion(~above, labels == 0, resamples)
    return Row(name, int((labels == 0).sum()), int(labels.sum()), figures)


def change_rows(scored: Scored, population: Population) -> list[Row]:
    """Return one row for each change: what it does to the AUC, to the probabilities and to the flags.

    Painted twins have rows of their own: see twin_rows.
    """
    labels = _labels(scored.radiographs)
    resamples = resample_patients([radiograph.patient for radiograph in scored.radiographs])
    threshold = population.operating_point(None).threshold
    before = probabilities(scored.by_change[changes.UNCHANGED], population)
    was = flagged(before, threshold)
    rows = []
    for name, logits in scored.by_change.items():
        if name in (changes.PAINTED, changes.FAINTLY):
            continue
        after = probabilities(logits, population)
        now = flagged(after, threshold)
        figures = {"auc": estimate_auc(labels, logits, resamples)}
        if name != changes.UNCHANGED:
            figures |= {
                "mean change": _mean(np.abs(after - before), resamples),
                "changed side": estimate_proportion(now != was, np.ones_like(was), resamples),
                "normal turned ill": estimate_proportion(now, (labels == 0) & ~was, resamples),
                "ill turned normal": estimate_proportion(~now, (labels == 1) & was, resamples),
            }
        rows.append(Row(name, int((labels == 0).sum()), int(labels.sum()), figures))
    return rows


def twin_rows(scored: Scored, population: str) -> list[Row]:
    """Return how often, and by how much, painted twins score higher than their healthy radiographs."""
    healthy = np.array([radiograph.healthy for radiograph in scored.radiographs], dtype=np.bool_)
    groups: list[tuple[str, Mask]] = [(population, healthy)]
    for group in (NORMAL2, IM):
        groups.append(
            (group, healthy & np.array([group in radiograph.groups for radiograph in scored.radiographs]))
        )
    for view in ("PA", "AP"):
        groups.append(
            (
                f"{population}, {view}",
                healthy & np.array([radiograph.view == view for radiograph in scored.radiographs]),
            )
        )
    return [
        _twin_row(f"{name}: {change}", scored, which, change)
        for change in (changes.PAINTED, changes.FAINTLY)
        for name, which in groups
        if which.any() and change in scored.by_change
    ]


def _twin_row(name: str, scored: Scored, which: Mask, change: str) -> Row:
    rise = scored.by_change[change][which] - scored.by_change[changes.UNCHANGED][which]
    patients = [
        radiograph.patient for radiograph, keep in zip(scored.radiographs, which, strict=True) if keep
    ]
    resamples = resample_patients(patients)
    figures = {
        "twin higher": estimate_proportion(rise > 0, np.ones_like(rise, dtype=np.bool_), resamples),
        "rise in logit": _mean(rise, resamples),
    }
    return Row(name, 0, 0, figures, {"pairs": int(which.sum())})


def sample_rows(samples: Sequence[dict[str, Any]], logits: FloatArray, model: ModelFolder) -> list[Row]:
    """Return the synthetic images by rising logit; "above healthy": higher than every healthy one."""
    clear = np.array([_clear(sample) for sample in samples])
    rows = []
    for rank, i in enumerate(np.argsort(logits, kind="stable"), start=1):
        sample = samples[i]
        words = {
            "rank": rank,
            "logit": round(float(logits[i]), 3),
            "probability": round(
                model.main.calibration.probability(float(logits[i]), model.main.prevalence), 4
            ),
            "above healthy": round(float(logits[i] - logits[clear].max()), 3),
            "painted": bool(sample["opacities"]),
        }
        rows.append(Row(f"{sample['file']}: {sample['shows']}", 0, 0, words=words))
    return rows


def probabilities(logits: FloatArray, population: Population) -> FloatArray:
    """Return calibrated probabilities, 0..1, at the calibration's own prevalence; shape as logits."""
    return np.array([population.calibration.probability(float(logit)) for logit in logits], dtype=np.float64)


def _clear(sample: dict[str, Any]) -> bool:
    return bool(sample["shows"].startswith("clear lungs"))


def _labels(radiographs: Sequence[Case]) -> NDArray[np.int64]:
    return np.array([radiograph.label for radiograph in radiographs], dtype=np.int64)


def _mean(values: FloatArray, resamples: PatientResamples) -> Estimate:
    interval = bootstrap_by_patient(ratio(values, np.ones_like(values)), resamples)
    return Estimate(float(values.mean()), interval)
