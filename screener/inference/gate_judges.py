"""How a picture gate scores embeddings: by weights, or by the pictures that lie nearest to the border.

Gates up to model 2.2.0 are linear. Where hardly any radiograph may be lost, a support vector machine tells
other pictures apart far better: docs/datasets/not-chest.md has the figures.
"""

import base64
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_DECIMALS = 7  # of a weight: more would only lengthen the file
_LITTLE_ENDIAN = "<f4"


class Judge(Protocol):
    """What scores embeddings: the higher, the more like a frontal chest radiograph."""

    @property
    def features(self) -> int:
        """Return how many features an embedding has."""

    def scores(self, embeddings: Float32) -> Float64:
        """Return the scores, unbounded, shape (pictures,), of embeddings of shape (pictures, features)."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearJudge:
    """A weighted sum of the features.

    weights: float32, shape (features,).
    """

    weights: Float32
    bias: float

    @property
    def features(self) -> int:
        """Return how many features an embedding has."""
        return len(self.weights)

    def scores(self, embeddings: Float32) -> Float64:
        """Return the scores; see Judge."""
        found: Float64 = embeddings.astype(np.float64) @ self.weights.astype(np.float64) + self.bias
        return found


@dataclass(frozen=True, slots=True, eq=False)
class KernelJudge:
    """A support vector machine with a Gaussian kernel, on principal components of the features.

    The score is the sum over vectors of coefficient · exp(-gamma · distance²), plus bias (Boser, Guyon and
    Vapnik 1992, COLT 144-152). mean: float32, shape (features,). axes: float32, shape (features, components);
    they scale the features, too. vectors: float32, shape (vectors, components). coefficients: float32,
    shape (vectors,). gamma: above 0.
    """

    mean: Float32
    axes: Float32
    vectors: Float32
    coefficients: Float32
    gamma: float
    bias: float

    def __post_init__(self) -> None:
        """Check that the parts belong together.

        Raises:
            ValueError: Their shapes differ, or gamma is not above 0.
        """
        features, components = self.axes.shape
        if self.mean.shape != (features,) or self.vectors.shape != (len(self.coefficients), components):
            raise ValueError("the shapes of its arrays differ")
        if not self.gamma > 0:
            raise ValueError(f"gamma is {self.gamma}")

    @property
    def features(self) -> int:
        """Return how many features an embedding has."""
        return len(self.mean)

    def scores(self, embeddings: Float32) -> Float64:
        """Return the scores; see Judge."""
        placed = (embeddings.astype(np.float64) - self.mean) @ self.axes.astype(np.float64)
        vectors = self.vectors.astype(np.float64)
        squares = (placed**2).sum(axis=1)[:, np.newaxis] + (vectors**2).sum(axis=1) - 2 * placed @ vectors.T
        near = np.exp(-self.gamma * np.maximum(squares, 0))
        found: Float64 = near @ self.coefficients.astype(np.float64) + self.bias
        return found


def judge_json(judge: Judge) -> dict[str, Any]:
    """Return what a gate's file says of its judge.

    Raises:
        TypeError: It is of neither kind.
    """
    if isinstance(judge, LinearJudge):
        return {"weights": [round(float(each), _DECIMALS) for each in judge.weights], "bias": judge.bias}
    if not isinstance(judge, KernelJudge):
        raise TypeError(f"{type(judge).__name__} cannot be written.")
    return {
        name: _packed(value) if isinstance(value, np.ndarray) else value
        for name, value in asdict(judge).items()
    }


def judge_from(values: dict[str, Any]) -> Judge:
    """Return the judge that a gate's file describes.

    Raises:
        KeyError, TypeError, ValueError: The file describes none.
    """
    if "weights" in values:
        weights = _numbers(np.array(values["weights"], dtype=np.float32))
        if weights.ndim != 1:
            raise ValueError("its weights are no list of numbers")
        return LinearJudge(weights, float(values["bias"]))
    arrays = {name: _unpacked(values[name]) for name in ("mean", "axes", "vectors", "coefficients")}
    return KernelJudge(**arrays, gamma=float(values["gamma"]), bias=float(values["bias"]))


def _packed(array: Float32) -> dict[str, Any]:
    """Return an array for JSON: its shape, and its float32 numbers, little endian, in base64."""
    return {
        "shape": list(array.shape),
        "float32": base64.b64encode(array.astype(_LITTLE_ENDIAN).tobytes()).decode("ascii"),
    }


def _unpacked(values: dict[str, Any]) -> Float32:
    content = np.frombuffer(base64.b64decode(values["float32"], validate=True), _LITTLE_ENDIAN)
    return _numbers(content.reshape(values["shape"]).astype(np.float32))


def _numbers(array: Float32) -> Float32:
    if not np.isfinite(array).all():
        raise ValueError("not all of it are numbers")
    return array
