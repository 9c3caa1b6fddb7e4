"""Fitting the picture gate: a support vector machine, judged on groups that it was not fitted on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.linalg import block_diag
from sklearn.decomposition import PCA
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from screener.inference.gate import PictureGate
from screener.inference.gate_judges import KernelJudge
from screener.inference.layout import LAYOUT_FEATURES, LAYOUT_PARTS
from screener.proportions import wilson_interval
from screener.training.gate_pictures import GatePicture
from screener.training.gate_thresholds import FloatArray, Scored, halves, thresholds, with_lower_threshold

FOLDS = 5
COMPONENTS = (50, 30, 40)  # principal ones of the embedding, of what is light where, of where edges are
SHARES = (
    1.0,
    0.4,
    0.4,
)  # of the variance that the judge sees: the layout is heard, but less than the embedding
PENALTY = 1.0  # scikit-learn's C; 10 is a little worse


class Judgement(StrEnum):
    """What becomes of a picture without tags; a tagged one is doubted where it would be refused."""

    SCREENED = "screened"  # as usual
    CORRECTED = "corrected"  # turned or inverted, and screened so
    DOUBTED = "doubted"  # screened as it is, with the note "unusual picture"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class GateFigure:
    """What became of the pictures of one kind, which served neither the weights nor the thresholds.

    refused, corrected, doubted: shares of them, 0..1, see Judgement. interval: 95 % (Wilson 1927) of refused.
    """

    kind: str
    chest: bool
    pictures: int
    refused: float
    corrected: float
    interval: tuple[float, float]
    doubted: float = 0.0


@dataclass(frozen=True, slots=True)
class FittedGate:
    """A gate with its figures by kind of picture; kept: whether its weights are an older gate's."""

    gate: PictureGate
    figures: tuple[GateFigure, ...]
    kept: bool = False


def fit_gate(pictures: Sequence[GatePicture], seed: int) -> FittedGate:
    """Return a gate fitted on all pictures, with thresholds and figures from folds without the group judged.

    The threshold doubts at most LOST of the images of any site, and of any class that is large enough: the
    strictest sets it, so that no hospital and no disease pays for another. Thresholds are chosen on one half
    of the groups, figures are of the other.
    """
    pictures = [picture for picture in pictures if not picture.changed]
    scores = scores_in_folds(pictures, seed)
    measured = [(each, score) for each, score in zip(pictures, scores, strict=True) if not each.varied]
    choosing, judged = halves(measured)
    gate = PictureGate(fit_judge(pictures), *thresholds(choosing))
    gate = with_lower_threshold(gate, choosing)
    return FittedGate(gate, figures_of([(each, outcome_of(each, score, gate)) for each, score in judged]))


def scores_in_folds(pictures: Sequence[GatePicture], seed: int) -> list[FloatArray]:
    """Return each picture's scores, in all its ways, by a judge that saw nothing of its group."""
    labels = np.array([picture.chest for picture in pictures])
    groups = np.unique([picture.group for picture in pictures], return_inverse=True)[1]
    scores = [np.empty(0)] * len(pictures)
    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    for fitted, left_out in folds.split(labels, labels, groups):
        judge = fit_judge([pictures[i] for i in fitted])
        for i in left_out:
            scores[i] = judge.scores(pictures[i].features)
    return scores


def keep_gate(pictures: Sequence[GatePicture], old: PictureGate) -> FittedGate:
    """Return a gate with a new lower threshold and all else as it was, chosen and measured on halves."""
    choosing, judged = halves(scored(pictures, old))
    gate = with_lower_threshold(old, choosing)
    figures = figures_of([(each, outcome_of(each, score, gate)) for each, score in judged])
    return FittedGate(gate, figures, kept=True)


def scored(pictures: Sequence[GatePicture], gate: PictureGate) -> list[Scored]:
    """Return the pictures with the gate's scores, without those that are varied and serve a fit alone."""
    return [(picture, gate.scores(picture.features)) for picture in pictures if not picture.varied]


def outcome_of(picture: GatePicture, scores: FloatArray, gate: PictureGate) -> Judgement:
    """Return what a gate does to a picture without tags of these scores, one for each of its ways."""
    shown = scores[picture.shown]
    if shown >= gate.threshold:
        return Judgement.SCREENED
    if scores.max() >= gate.correction_threshold:
        return Judgement.CORRECTED
    return Judgement.DOUBTED if shown >= gate.refused_below else Judgement.REFUSED


def fit_judge(pictures: Sequence[GatePicture]) -> KernelJudge:
    """Return a judge of these pictures.

    Chest images weigh as much as all else; a kind of picture weighs with the root of its number, so that
    a handful of hands is heard beside a thousand photographs.
    """
    features = np.stack([picture.features[picture.shown] for picture in pictures]).astype(np.float64)
    kinds = np.unique([picture.kind for picture in pictures], return_inverse=True)[1]
    labels = np.array([picture.chest for picture in pictures])
    share: FloatArray = np.bincount(kinds)[kinds].astype(np.float64) ** -0.5
    for side in (False, True):
        share[labels == side] *= len(labels) / (2 * share[labels == side].sum())
    mean, axes = _axes(features, share)
    placed = (features - mean) @ axes
    gamma = 1 / (placed.shape[1] * placed.var())
    machine = SVC(C=PENALTY, gamma=gamma).fit(placed, labels, sample_weight=share)
    return KernelJudge(
        mean=mean.astype(np.float32),
        axes=axes.astype(np.float32),
        vectors=machine.support_vectors_.astype(np.float32),
        coefficients=machine.dual_coef_[0].astype(np.float32),
        gamma=float(gamma),
        bias=float(machine.intercept_[0]),
        layout=True,
    )


def _axes(features: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean of features, shape (features,), and the axes that place them, (features, components).

    The embedding and the parts of the layout have principal components each, of SHARES of the variance:
    together, the many numbers of the embedding would be heard alone. share: how much each picture weighs.
    """
    bounds = np.cumsum([0, features.shape[1] - LAYOUT_FEATURES, *LAYOUT_PARTS])
    mean, blocks = np.empty(features.shape[1]), []
    for start, end, most, part in zip(bounds[:-1], bounds[1:], COMPONENTS, SHARES, strict=True):
        own = features[:, start:end]
        scaler = StandardScaler().fit(own, sample_weight=share)
        scaled = scaler.transform(own)
        components = PCA(min(most, *scaled.shape), svd_solver="full").fit(scaled)
        mean[start:end] = scaler.mean_ + scaler.scale_ * components.mean_
        spread = np.sqrt(part / components.explained_variance_.sum())
        blocks.append((components.components_ / scaler.scale_).T * spread)
    return mean, block_diag(*blocks)


def figures_of(outcomes: Iterable[tuple[GatePicture, Judgement]]) -> tuple[GateFigure, ...]:
    """Return a figure for each kind of picture, chest radiographs first."""
    kinds: dict[tuple[bool, str], list[Judgement]] = {}
    for picture, outcome in outcomes:
        kinds.setdefault((not picture.chest, picture.kind), []).append(outcome)
    figures = []
    for (other, kind), each in sorted(kinds.items()):
        refused = each.count(Judgement.REFUSED)
        figures.append(
            GateFigure(
                kind=kind,
                chest=not other,
                pictures=len(each),
                refused=refused / len(each),
                corrected=each.count(Judgement.CORRECTED) / len(each),
                doubted=each.count(Judgement.DOUBTED) / len(each),
                interval=wilson_interval(refused, len(each)),
            )
        )
    return tuple(figures)
