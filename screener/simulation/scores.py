"""Scores that a model with given operating points would give images with and without pneumonia.

Scores of images without pneumonia are standard normal deviates. Those of images with it follow from the ROC
curve through the operating points, straight between them where both axes are normal deviates (the binormal
model, where there is one slope), so that each point's sensitivity and specificity are met exactly.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeAlias

import numpy as np

from screener.simulation.setting import Point

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
_NORMAL = NormalDist()
_END = 1e-4  # a share of 0 or 1 has no finite deviate: so many images at least are on the other side
_GRID = np.linspace(-9.0, 9.0, 3601)


class ScoreCurve:
    """The ROC curve through operating points; more of them than one must rise together."""

    def __init__(self, points: Sequence[Point]) -> None:
        placed = sorted((_deviate(1 - each.specificity), _deviate(each.sensitivity)) for each in points)
        rising = [placed[0]]
        for false, true in placed[1:]:
            if false > rising[-1][0] and true > rising[-1][1]:
                rising.append((false, true))
        first, last = rising[0], rising[-1]
        far = 20.0  # beyond the outermost points the curve goes on with slope 1
        ends = ((first[0] - far, first[1] - far), *rising, (last[0] + far, last[1] + far))
        self._false = np.array([each[0] for each in ends])
        self._true = np.array([each[1] for each in ends])
        self._ratio = self._likelihood_ratios()

    def with_pneumonia(self, deviates: FloatArray) -> FloatArray:
        """Return scores of images with pneumonia; deviates: standard normal, shape (images,)."""
        scores: FloatArray = -np.interp(-deviates, self._true, self._false)
        return scores

    def threshold(self, point: Point) -> float:
        """Return the score at and above which a point flags."""
        return -_deviate(1 - point.specificity)

    def log_likelihood_ratio(self, scores: FloatArray) -> FloatArray:
        """Return how much a score speaks for pneumonia, natural logarithm; never falls with the score."""
        ratio: FloatArray = np.interp(scores, _GRID, self._ratio)
        return ratio

    def _likelihood_ratios(self) -> FloatArray:
        """Return them on the grid; where slopes below 1 would let them fall, the highest so far."""
        true = np.interp(-_GRID, self._false, self._true)
        slope = np.abs(np.gradient(true, _GRID))
        ratio = np.log(np.maximum(slope, 1e-12)) + (_GRID**2 - true**2) / 2
        rising: FloatArray = np.maximum.accumulate(ratio[len(_GRID) // 4 :])
        return np.concatenate([np.full(len(_GRID) // 4, rising[0]), rising])


def _deviate(share: float) -> float:
    return _NORMAL.inv_cdf(min(1 - _END, max(_END, share)))
