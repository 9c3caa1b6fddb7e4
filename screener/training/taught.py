"""A network in training, with lessons beside the label: where an opacity lies and what a mirror does.

The lessons cost nothing at use: the exported network is the one inside, its layers unchanged.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from screener.training.lung_radiographs import KINDS
from screener.training.network import BACKBONE

CELLS = 7  # of the map, on each side
LABEL_SMOOTHING = 0.05
SHARPNESS = 0.5  # of the share that a cell has of the map's peak, by logit
MIRRORED = 3  # of so many radiographs one is looked at in the mirror, too
CELLS_OF_TARGET = slice(1, 1 + CELLS * CELLS)
_TARGET = 1 + CELLS * CELLS + 1


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each lesson counts beside the label, 0 for not at all.

    pointing: that the map peaks in the radiologists' boxes. mirror: that the mirrored radiograph has the
    mirrored map. kinds: that "normal", "opacity" and "other" differ, told by a head that is not exported.
    """

    pointing: float = 0.0
    mirror: float = 0.0
    kinds: float = 0.0


def target(label: int, kind: str = "") -> NDArray[np.float32]:
    """Return what is known of a radiograph, float32, shape (51,): label, cells, number of the kind or -1.

    The cells, CELLS_OF_TARGET, are the shares that an opacity covers of each; 0 where its place is unknown.
    kind: one of KINDS, or empty where unknown.
    """
    row = np.zeros(_TARGET, np.float32)
    row[0], row[-1] = label, KINDS.index(kind) if kind else -1
    return row


class TaughtNetwork(keras.Model):  # type: ignore[misc]
    """The network, its features, and the lessons that are added to its loss.

    Its targets are rows of `target`; its first output is the logit.
    """

    def __init__(self, network: Any, weights: Weights) -> None:
        features = network.get_layer("embedding").input
        super().__init__(network.inputs, [network.output, features], name="taught")
        self.screener = network
        self._weights = weights
        self._kinds = keras.layers.Dense(len(KINDS), name="kinds") if weights.kinds else None
        if self._kinds:
            self._kinds.build((None, features.shape[-1]))

    @property
    def beside(self) -> list[Any]:
        """The variables that the exported network does not have."""
        return list(self._kinds.variables) if self._kinds else []

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the loss of the label and of each lesson, by their weights."""
        logit, features = y_pred
        smooth = y[:, :1] * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2
        loss = ops.mean(ops.binary_crossentropy(smooth, logit, from_logits=True))
        if self._weights.pointing:
            loss += self._weights.pointing * pointing_loss(self._map(features), y[:, 1:-1])
        if self._weights.mirror:
            seen = len_of_third(x)
            turned = self._map(self._features(ops.flip(x[:seen], axis=2)))
            loss += self._weights.mirror * mirror_loss(self._map(features[:seen]), turned)
        if self._kinds:
            logits = self._kinds(ops.mean(features, axis=(1, 2)))
            loss += self._weights.kinds * kinds_loss(logits, y[:, -1])
        return loss

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the metrics of the label alone."""
        return super().compute_metrics(x, y[:, :1], y_pred[0], sample_weight)

    def _features(self, pixels: Any) -> Any:
        layer = self.screener.get_layer
        channels = layer("channels")([layer("scaled")(pixels)] * 3)
        return layer(BACKBONE)(channels, training=False)

    def _map(self, features: Any) -> Any:
        head = self.screener.get_layer("logit")
        return ops.matmul(features, head.kernel)[..., 0] + head.bias


def len_of_third(batch: Any) -> Any:
    """Return how many radiographs of a batch are looked at in the mirror, at least one."""
    return ops.maximum(1, ops.shape(batch)[0] // MIRRORED)


def pointing_loss(maps: Any, cells: Any) -> Any:
    """Return how little of the maps' peaks lies in the opacities: minus the log of their share, where known.

    maps: (n, 7, 7), logits. cells: (n, 49), shares covered. Only differences between cells of one radiograph
    count, so that the mean of the map stays free to be the logit.
    """
    flat = SHARPNESS * ops.reshape(maps, (-1, CELLS * CELLS))
    inside = ops.logsumexp(flat + ops.log(cells + 1e-6), axis=1) - ops.logsumexp(flat, axis=1)
    known = ops.cast(ops.max(cells, axis=1) > 0.3, "float32")
    return -ops.sum(known * inside) / ops.maximum(ops.sum(known), 1.0)


def mirror_loss(maps: Any, turned: Any) -> Any:
    """Return how far the maps of mirrored pictures differ from the mirrored maps, against their own spread.

    Both (n, 7, 7). 0 where they agree; 2 where they have nothing to do with each other.
    """
    back = ops.flip(turned, axis=2)
    spread = ops.stop_gradient((ops.var(maps, axis=(1, 2)) + ops.var(back, axis=(1, 2))) / 2 + 1.0)
    return ops.mean(ops.mean(ops.square(maps - back), axis=(1, 2)) / spread)


def kinds_loss(logits: Any, kinds: Any) -> Any:
    """Return the cross-entropy over the radiographs whose kind is known.

    logits: (n, 3). kinds: (n,), the number of the kind, or -1.
    """
    known = ops.cast(kinds >= 0, "float32")
    each = ops.sparse_categorical_crossentropy(
        ops.cast(ops.maximum(kinds, 0), "int32"), logits, from_logits=True
    )
    return ops.sum(known * each) / ops.maximum(ops.sum(known), 1.0)
