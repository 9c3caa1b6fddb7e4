"""The picture gate: whether the network has seen anything like this picture (a frontal chest radiograph)."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.errors import ModelRejectedError

GATE = "gate.json"

_DECIMALS = 7  # of a weight: more would only lengthen the file


@dataclass(frozen=True, slots=True)
class PictureGate:
    """A linear judgement on the network's embedding, fitted on chest radiographs against everything else.

    weights: float32, shape (1280,). threshold: scores below it are doubted. correction_threshold: what a
    radiograph must reach once it is turned or inverted; higher, as several ways are tried. lower_threshold:
    pictures below it are refused unless their tags say frontal chest radiograph; at most threshold, and
    the same where None.
    """

    weights: NDArray[np.float32]
    bias: float
    threshold: float
    correction_threshold: float
    lower_threshold: float | None = None

    @property
    def refused_below(self) -> float:
        """Return the score below which a picture without chest tags is refused."""
        return self.threshold if self.lower_threshold is None else self.lower_threshold

    def score(self, embedding: NDArray[np.float32]) -> float:
        """Return how much a picture looks like a frontal chest radiograph: unbounded, higher is more."""
        return float(self.weights.astype(np.float64) @ embedding.astype(np.float64)) + self.bias


def read_gate(path: Path) -> PictureGate:
    """Return the gate that a model folder ships.

    Raises:
        ModelRejectedError: The file is no gate.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        weights = np.array(values.pop("weights"), dtype=np.float32)
        gate = PictureGate(weights, **{name: float(value) for name, value in values.items()})
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise ModelRejectedError(f"{path}: this is no picture gate ({error}).") from error
    if weights.ndim != 1 or not np.isfinite(weights).all():
        raise ModelRejectedError(f"{path}: the gate's weights are no list of numbers.")
    if not gate.refused_below <= gate.threshold:
        raise ModelRejectedError(
            f"{path}: lower_threshold is {gate.refused_below}, above the threshold {gate.threshold}."
        )
    return gate


def write_gate(gate: PictureGate, path: Path) -> None:
    """Write a gate as JSON; what is read back scores the same within the last printed decimal."""
    values = asdict(gate) | {"weights": [round(float(each), _DECIMALS) for each in gate.weights]}
    values["lower_threshold"] = gate.refused_below
    path.write_text(json.dumps(values) + "\n", encoding="utf-8")
