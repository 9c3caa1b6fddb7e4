"""The picture gate at a site: how many of its images are refused, and a lower threshold that loses fewer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.model_selection import GroupKFold

from screener.inference.gate import PictureGate
from screener.training.gate_fit import FOLDS, GateFigure, figures_of, fit_gate, outcome_of, scored
from screener.training.gate_pictures import GatePicture
from screener.training.gate_thresholds import ENOUGH_IMAGES, LOST, Scored

MORE_PASSED = 0.02
"""Of any kind of picture that is no chest radiograph, the share that a lower threshold may also let pass."""


@dataclass(frozen=True, slots=True)
class SiteGate:
    """A gate for a site.

    before, after: by kind of picture, on the site's images and what was made of them; before is empty where
    there was no gate. after: by thresholds, or gates, that were not fitted on the picture judged.
    held_back: the threshold would have to be lower yet to lose as few images as wanted, but too much else
    would pass then.
    """

    gate: PictureGate
    before: tuple[GateFigure, ...]
    after: tuple[GateFigure, ...]
    held_back: bool = False


def refuses_too_many(labels: Sequence[int], refused: Sequence[bool]) -> bool:
    """Return whether a gate refuses more than LOST of the images, or of a class that is large enough.

    labels: classes; refused: whether the gate refuses the image on the very path of 'scan'; shape (images,).
    """
    lost, label = np.asarray(refused, dtype=bool), np.asarray(labels)
    classes = [lost[label == each] for each in np.unique(label)]
    large = [lost, *(own for own in classes if len(own) >= ENOUGH_IMAGES)]
    return any(int(own.sum()) > int(LOST * len(own)) for own in large)


def refit_gate(pictures: Sequence[GatePicture], old: PictureGate | None, seed: int) -> SiteGate:
    """Return a gate fitted anew on all pictures, beside the figures of the old one on the same pictures."""
    fitted = fit_gate(pictures, seed)
    before = () if old is None else _figures(scored(pictures, old), lambda _: old)
    return SiteGate(fitted.gate, before, fitted.figures)


def lower_gate(pictures: Sequence[GatePicture], old: PictureGate, seed: int) -> SiteGate:
    """Return the same gate with a lower threshold that refuses at most LOST of the site's images.

    Its direction stays: images of one site alone, against what can be made of them, are too little to learn
    another; so does the threshold below which pictures are doubted. The lower one only ever falls, and only
    as far as no kind of picture that is no image passes more often than before by more than MORE_PASSED.
    """
    each = scored(pictures, old)
    groups = np.unique([picture.group for picture, _ in each], return_inverse=True)[1]
    gates: dict[str, PictureGate] = {}
    for fit, judge in GroupKFold(FOLDS, shuffle=True, random_state=seed).split(each, groups=groups):
        without = replace(old, lower_threshold=_lowered([each[i] for i in fit], old))
        gates |= {each[i][0].group: without for i in judge}
    threshold = _lowered(each, old)
    return SiteGate(
        gate=replace(old, lower_threshold=threshold),
        before=_figures(each, lambda _: old),
        after=_figures(each, lambda picture: gates[picture.group]),
        held_back=threshold > _wanted(each, old),
    )


def _lowered(pictures: Sequence[Scored], old: PictureGate) -> float:
    return max(_wanted(pictures, old), _lowest_allowed(pictures, old))


def _wanted(pictures: Sequence[Scored], old: PictureGate) -> float:
    """Return the highest lower threshold, up to the old one, that refuses at most LOST of the images.

    Of the images of all classes together, and of each class that is large enough to have such a quantile.
    An image that is screened after a correction is not refused, whatever the threshold.
    """
    images: dict[str, list[float]] = {}
    for picture, scores in pictures:
        if picture.chest:
            corrected = scores.max() >= old.correction_threshold > scores[picture.shown]
            score = np.inf if corrected else float(scores[picture.shown])
            for name in ("", picture.kind):
                images.setdefault(name, []).append(score)
    large = [sorted(own) for name, own in images.items() if not name or len(own) >= ENOUGH_IMAGES]
    return min([old.refused_below, *(own[int(LOST * len(own))] for own in large)])


def _lowest_allowed(pictures: Sequence[Scored], old: PictureGate) -> float:
    """Return the lowest one, up to the old one, that lets no kind of other picture pass too often."""
    others: dict[str, list[float]] = {}
    for picture, scores in pictures:
        if not picture.chest:
            others.setdefault(picture.kind, []).append(float(scores[picture.shown]))
    lowest = -np.inf
    for own in others.values():
        allowed = sum(score >= old.refused_below for score in own) + int(MORE_PASSED * len(own))
        if allowed < len(own):
            lowest = max(lowest, float(np.nextafter(sorted(own, reverse=True)[allowed], np.inf)))
    return min(old.refused_below, lowest)


def _figures(
    pictures: Sequence[Scored], gate_of: Callable[[GatePicture], PictureGate]
) -> tuple[GateFigure, ...]:
    return figures_of(
        (picture, outcome_of(picture, scores, gate_of(picture))) for picture, scores in pictures
    )
