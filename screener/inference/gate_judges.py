"""How a picture gate scores what it sees: by weights, or by the pictures that lie nearest to the border.

Gates up to model 2.2.0 are linear. Where hardly any radiograph may be lost, a support vector machine tells
other pictures apart far better; it does so again where it sees a picture's layout beside the network's
embedding, as newer gates do: docs/datasets/not-chest.md has the figures.
"""

import base64
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from screener.inference.layout import LAYOUT_FEATURES, LAYOUT_VERSION

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_DECIMALS = 7  # of a weight: more would only lengthen the file
_LITTLE_ENDIAN = "<f4"
_NESTED: Final = "kernel"  # programs that know no layout find no judge, and reject the model by name


class Judge(Protocol):
    """What scores pictures by their features: the higher, the more like a frontal chest radiograph."""

    @property
    def features(self) -> int:
        """Return how many features of a picture it sees."""

    @property
    def layout(self) -> bool:
        """Return whether the last of them are its layout; see `layout_of`."""

    def scores(self, features: Float32) -> Float64:
        """Return the scores, unbounded, shape (pictures,), of features of shape (pictures, features)."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearJudge:
    """A weighted sum of the features.

    weights: float32, shape (features,).
    """

    weights: Float32
    bias: float

    @property
    def features(self) -> int:
        """Return how many features of a picture it sees."""
        return len(self.weights)

    @property
    def layout(self) -> bool:
        """Return that it sees no layout."""
        return False

    def scores(self, features: Float32) -> Float64:
        """Return the scores; see Judge."""
        found: Float64 = features.astype(np.float64) @ self.weights.astype(np.float64) + self.bias
        return found


@dataclass(frozen=True, slots=True, eq=False)
class KernelJudge:
    """A support vector machine with a Gaussian kernel, on principal components of the features.

    The score is the sum over vectors of coefficient · exp(-gamma · distance²), plus bias (Boser, Guyon and
    Vapnik 1992, COLT 144-152). mean: float32, shape (features,). axes: float32, shape (features, components);
    they scale the features, too. vectors: float32, shape (vectors, components). coefficients: float32,
    shape (vectors,). gamma: above 0. layout: whether the last LAYOUT_FEATURES features are a layout.
    """

    mean: Float32
    axes: Float32
    vectors: Float32
    coefficients: Float32
    gamma: float
    bias: float
    layout: bool = False

    def __post_init__(self) -> None:
        """Check that the parts belong together.

        Raises:
            ValueError: Their shapes differ, or gamma is not above 0.
        """
        features, components = self.axes.shape
        if self.mean.shape != (features,) or self.vectors.shape != (len(self.coefficients), components):
            raise ValueError("the shapes of its arrays differ")
        if self.layout and features <= LAYOUT_FEATURES:
            raise ValueError(f"{features} features leave none beside a layout")
        if not self.gamma > 0:
            raise ValueError(f"gamma is {self.gamma}")

    @property
    def features(self) -> int:
        """Return how many features of a picture it sees."""
        return len(self.mean)

    def scores(self, features: Float32) -> Float64:
        """Return the scores; see Judge."""
        placed = (features.astype(np.float64) - self.mean) @ self.axes.astype(np.float64)
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
    parts = {
        name: _packed(value) if isinstance(value, np.ndarray) else value
        for name, value in asdict(judge).items()
        if name != "layout"
    }
    return {_NESTED: parts, "layout": LAYOUT_VERSION} if judge.layout else parts


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
    layout = _NESTED in values
    if layout and values["layout"] != LAYOUT_VERSION:
        raise ValueError(f"it sees layouts of version {values['layout']}, not {LAYOUT_VERSION}")
    parts = values[_NESTED] if layout else values
    arrays = {name: _unpacked(parts[name]) for name in ("mean", "axes", "vectors", "coefficients")}
    return KernelJudge(**arrays, gamma=float(parts["gamma"]), bias=float(parts["bias"]), layout=layout)


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
