"""The picture gate: whether the network has seen anything like this picture (a frontal chest radiograph)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage
from screener.errors import ModelRejectedError, why
from screener.inference.gate_judges import Judge, judge_from, judge_json
from screener.inference.layout import layout_of

GATE = "gate.json"

_THRESHOLDS = ("threshold", "correction_threshold", "lower_threshold")


@dataclass(frozen=True, slots=True, eq=False)
class PictureGate:
    """A judgement on what a picture looks like, fitted on chest radiographs against everything else.

    judge: what scores a picture's features: the network's embedding and, in newer gates, its layout.
    threshold: scores below it are doubted. correction_threshold: what a radiograph must reach once it is
    turned or inverted; higher, as several ways are tried. lower_threshold: pictures below it are refused
    unless their tags say frontal chest radiograph; at most threshold, and the same where None.
    """

    judge: Judge
    threshold: float
    correction_threshold: float
    lower_threshold: float | None = None

    @property
    def refused_below(self) -> float:
        """Return the score below which a picture without chest tags is refused."""
        return self.threshold if self.lower_threshold is None else self.lower_threshold

    def score(self, embedding: NDArray[np.float32], square: ByteImage) -> float:
        """Return how much a picture looks like a frontal chest radiograph: unbounded, higher is more.

        square: what the network saw, after CLAHE.
        """
        features = features_of(embedding, square) if self.judge.layout else embedding
        return float(self.judge.scores(features[np.newaxis])[0])

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the scores of pictures by all features that any gate may see; see `features_of`."""
        return self.judge.scores(features[:, : self.judge.features])


def features_of(embedding: NDArray[np.float32], square: ByteImage) -> NDArray[np.float32]:
    """Return the embedding and, behind it, the layout: older gates see the first part alone."""
    return np.concatenate([embedding, layout_of(square)])


def read_gate(path: Path) -> PictureGate:
    """Return the gate that a model folder ships.

    Raises:
        ModelRejectedError: The file is no gate.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        limits = {name: float(values[name]) for name in _THRESHOLDS if name in values}
        gate = PictureGate(judge_from(values), **limits)
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise ModelRejectedError("inference.no_gate", path=path, error=why(error)) from error
    if not gate.refused_below <= gate.threshold:
        raise ModelRejectedError(
            "inference.gate_thresholds", path=path, lower=gate.refused_below, upper=gate.threshold
        )
    return gate


def write_gate(gate: PictureGate, path: Path) -> None:
    """Write a gate as JSON; what is read back scores the same within the last printed decimal."""
    limits = dict(
        zip(_THRESHOLDS, (gate.threshold, gate.correction_threshold, gate.refused_below), strict=True)
    )
    path.write_text(json.dumps(judge_json(gate.judge) | limits) + "\n", encoding="utf-8")
