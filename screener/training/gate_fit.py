"""Fitting the picture gate: logistic regression on embeddings, judged on groups that it was not fitted on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from screener.inference.gate import PictureGate
from screener.proportions import wilson_interval
from screener.training.gate_pictures import Seen

FOLDS = 5
REGULARISATION = 1e-2  # scikit-learn's C; 1e-3 to 1e-1 and a hidden layer of 32 differ by tenths of a percent
LOST = 0.005  # of the films of each site, at most, at the threshold chosen
ENOUGH_FILMS = 200  # of one class of one site, for a threshold of its own: fewer have no such quantile
CORRECTED_WRONGLY = 0.001  # of the pictures that are no films, at most, once turned or inverted

FloatArray = NDArray[np.float64]
Judgement = tuple[bool, bool]
"""Whether a picture passes as it lies, and whether it is screened after a correction; neither: refused."""


@dataclass(frozen=True, slots=True)
class GateFigure:
    """What became of the pictures of one kind, by gates that had not been fitted on them.

    refused, corrected: shares of them, 0..1; corrected ones are screened turned or inverted.
    interval: 95 % (Wilson 1927) of refused.
    """

    kind: str
    chest: bool
    pictures: int
    refused: float
    corrected: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class FittedGate:
    """A gate with what it was measured at, by kind of picture."""

    gate: PictureGate
    figures: tuple[GateFigure, ...]


def fit_gate(pictures: Sequence[Seen], seed: int) -> FittedGate:
    """Return a gate fitted on all pictures, with thresholds and figures from folds without the group judged.

    The threshold loses at most LOST of the films of any site, and of any class that is large enough: the
    strictest sets it, so that no hospital and no disease pays for another.
    """
    labels = np.array([picture.chest for picture in pictures])
    groups = np.unique([picture.group for picture in pictures], return_inverse=True)[1]
    scores = [np.empty(0)] * len(pictures)
    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    for fitted, left_out in folds.split(labels, labels, groups):
        weights, bias = _fit([pictures[i] for i in fitted])
        for i in left_out:
            scores[i] = pictures[i].embeddings.astype(np.float64) @ weights + bias
    measured = [(each, score) for each, score in zip(pictures, scores, strict=True) if not each.varied]
    weights, bias = _fit(pictures)
    gate = PictureGate(weights.astype(np.float32), float(bias), *_thresholds(measured))
    return FittedGate(gate, figures_of([(each, outcome_of(each, score, gate)) for each, score in measured]))


def outcome_of(picture: Seen, scores: FloatArray, gate: PictureGate) -> Judgement:
    """Return what a gate does to a picture of these scores, one for each of its ways."""
    passed = bool(scores[picture.shown] >= gate.threshold)
    return passed, not passed and bool(scores.max() >= gate.correction_threshold)


def _fit(pictures: Sequence[Seen]) -> tuple[FloatArray, float]:
    """Return weights, shape (1280,), and bias.

    Chest films weigh as much as all else; a kind of picture weighs with the root of its number, so that
    a handful of hands is heard beside a thousand photographs.
    """
    embeddings = np.stack([picture.embeddings[picture.shown] for picture in pictures]).astype(np.float64)
    kinds = np.unique([picture.kind for picture in pictures], return_inverse=True)[1]
    labels = np.array([picture.chest for picture in pictures])
    share = np.bincount(kinds)[kinds] ** -0.5
    for side in (False, True):
        share[labels == side] *= len(labels) / (2 * share[labels == side].sum())
    scaler = StandardScaler().fit(embeddings, sample_weight=share)
    model = LogisticRegression(C=REGULARISATION, max_iter=3000)
    model.fit(scaler.transform(embeddings), labels, sample_weight=share)
    weights: FloatArray = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def _thresholds(measured: Sequence[tuple[Seen, FloatArray]]) -> tuple[float, float]:
    """Return the lowest score accepted as it is, and the lowest accepted once turned or inverted."""
    films: dict[str, list[float]] = {}
    for picture, scores in measured:
        if picture.chest:
            for name in (picture.kind, picture.site):
                films.setdefault(name, []).append(float(scores[picture.shown]))
    sites = {picture.site for picture, _ in measured}
    large = (each for name, each in films.items() if name in sites or len(each) >= ENOUGH_FILMS)
    threshold = min(float(np.quantile(each, LOST)) for each in large)
    turned = [
        float(np.delete(scores, picture.shown).max())
        for picture, scores in measured
        if not picture.site and scores[picture.shown] < threshold
    ]
    return threshold, max(threshold, float(np.quantile(turned, 1 - CORRECTED_WRONGLY)))


def figures_of(outcomes: Iterable[tuple[Seen, Judgement]]) -> tuple[GateFigure, ...]:
    """Return a figure for each kind of picture, chest films first."""
    kinds: dict[tuple[bool, str], list[Judgement]] = {}
    for picture, outcome in outcomes:
        kinds.setdefault((not picture.chest, picture.kind), []).append(outcome)
    figures = []
    for (other, kind), each in sorted(kinds.items()):
        refused = sum(not (passed or corrected) for passed, corrected in each)
        figures.append(
            GateFigure(
                kind=kind,
                chest=not other,
                pictures=len(each),
                refused=refused / len(each),
                corrected=sum(corrected for _, corrected in each) / len(each),
                interval=wilson_interval(refused, len(each)),
            )
        )
    return tuple(figures)
