"""The model in each group of images: by view, sex, age, source, and subtype of pneumonia."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from screener.evaluation.estimates import UNDEFINED, Estimate, estimate_auc, estimate_proportion
from screener.evaluation.intervals import PatientResamples, resample_patients
from screener.evaluation.operating_point import flagged
from screener.evaluation.predictions import Predictions
from screener.operating_points import OperatingPoint, printed

SMALL = 10  # images of a class: below it, a group's figures say next to nothing
SUBTYPE = "subtype"
UNKNOWN = "unknown"
_MOST_GROUPS = 20  # a column of free text must not become a table of a thousand rows
_BANDS = ((1, "under 1"), (6, "1 to 5"), (18, "6 to 17"), (40, "18 to 39"), (65, "40 to 64"))


class Described(Protocol):
    """What is known of an image, as in training.attributes.Attributes."""

    @property
    def source(self) -> str: ...
    @property
    def view(self) -> str: ...
    @property
    def sex(self) -> str: ...
    @property
    def age_years(self) -> float | None: ...
    @property
    def subtype(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SubgroupPoint:
    """One threshold on a group's images.

    threshold: probability, six decimals. sensitivity, specificity: undefined where the class is absent.
    """

    name: str
    threshold: float
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The images of one group.

    grouping: "view", "sex", "age", "source" or "subtype". A subtype of pneumonia stands against all normal
    images: its AUC is of these, its specificity would be theirs and is left out.
    patients: None where unknown. small: there are images of a class, but fewer than 10.
    auc: undefined where a class is absent.
    """

    grouping: str
    group: str
    normal: int
    pneumonia: int
    patients: int | None
    small: bool
    auc: Estimate
    operating_points: tuple[SubgroupPoint, ...]


def groups_of(images: Sequence[Described]) -> dict[str, tuple[str, ...]]:
    """Return the group of each image in every grouping of which something is known; empty where unknown."""
    groups = {
        "view": tuple(each.view for each in images),
        "sex": tuple(each.sex for each in images),
        "age": tuple(age_band(each.age_years) for each in images),
        "source": tuple(each.source for each in images),
        SUBTYPE: tuple(each.subtype for each in images),
    }
    return {name: values for name, values in groups.items() if any(values)}


def age_band(years: float | None) -> str:
    """Return the band of years that an age lies in, empty where it is unknown."""
    if years is None:
        return ""
    return next((band for end, band in _BANDS if years < end), "65 and over")


def evaluate_subgroups(
    predictions: Predictions, operating_points: Sequence[OperatingPoint]
) -> tuple[Subgroup, ...]:
    """Return the figures of every group, in the order of the groupings, with 95 % intervals.

    Images of which a grouping says nothing are a group of their own, so that numbers add up.
    """
    found = []
    for grouping, values in predictions.groups.items():
        groups = np.array(_few(values))
        ill = predictions.labels == 1
        counted = groups[ill] if grouping == SUBTYPE else groups
        for group in _in_order(counted.tolist()):
            chosen = (groups == group) & ill | ~ill if grouping == SUBTYPE else groups == group
            found.append(_evaluate(grouping, group, predictions.part(chosen), operating_points))
    return tuple(found)


def _evaluate(
    grouping: str, group: str, part: Predictions, operating_points: Sequence[OperatingPoint]
) -> Subgroup:
    resamples = None if part.patients is None else resample_patients(part.patients)
    counts = [int((part.labels == label).sum()) for label in (0, 1)]
    points = (_at(point, part, resamples, of_subtype=grouping == SUBTYPE) for point in operating_points)
    return Subgroup(
        grouping=grouping,
        group=group,
        normal=counts[0],
        pneumonia=counts[1],
        patients=None if part.patients is None else len(set(part.patients)),
        small=any(0 < count < SMALL for count in counts),
        auc=estimate_auc(part.labels, part.logits, resamples),
        operating_points=tuple(points),
    )


def _at(
    point: OperatingPoint, part: Predictions, resamples: PatientResamples | None, *, of_subtype: bool
) -> SubgroupPoint:
    above = flagged(part.probabilities, point.threshold)
    ill = part.labels == 1
    return SubgroupPoint(
        name=point.name,
        threshold=printed(point.threshold),
        sensitivity=estimate_proportion(above, ill, resamples),
        specificity=UNDEFINED if of_subtype else estimate_proportion(~above, ~ill, resamples),
    )


def _few(values: Sequence[str]) -> list[str]:
    """Return each image's group: "unknown" where empty, all but the 20 largest groups as one."""
    named = [each or UNKNOWN for each in values]
    sizes: Mapping[str, int] = Counter(named)
    if len(sizes) <= _MOST_GROUPS:
        return named
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_GROUPS]
    rest = f"{len(sizes) - _MOST_GROUPS} others"
    return [each if each in largest else rest for each in named]


def _in_order(groups: Sequence[str]) -> list[str]:
    """Return the groups that occur: bands by age, others by name, what is unknown last."""
    bands = [*(band for _, band in _BANDS), age_band(130)]
    return sorted(
        set(groups),
        key=lambda name: (name == UNKNOWN, bands.index(name) if name in bands else len(bands), name),
    )
