"""The network: one byte per pixel in, one logit out, and everything between in one graph."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from screener.errors import UsageError
from screener.inference.model_folder import WEIGHTS, load_model_folder
from screener.options import UNFREEZE_ALL

BACKBONE = "mobilenetv2_1.00_224"


def build_network(size: int, dropout: float, backbone: str = "random") -> Any:
    """Return MobileNetV2 (Sandler 2018) + global average pooling + dropout + one dense unit.

    Input: uint8, shape (n, size, size, 1). Scaling to -1..1 and the three equal channels are
    layers of the network. Output: float32 logit, shape (n, 1). Because the head is one dense unit
    on a mean, each cell's part of the logit is a weighted sum of its features (CAM, Zhou 2016).

    backbone: "imagenet" (Keras downloads), "random", a .weights.h5 file, or a model folder, whose head is
        taken as well.

    Raises:
        UsageError: The weights cannot be downloaded, or do not fit the network.
        ModelRejectedError: The model folder is damaged.
    """
    inputs = keras.Input((size, size, 1), dtype="uint8", name="pixels")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scaled")(inputs)
    channels = keras.layers.Concatenate(name="channels")([scaled, scaled, scaled])
    folder = Path(backbone).is_dir()
    features = _backbone(size, "random" if folder else backbone)(
        channels, training=False
    )  # batch-norm statistics stay frozen
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(features)
    kept = keras.layers.Dropout(dropout, name="dropout")(embedding)
    logit = keras.layers.Dense(1, name="logit")(kept)
    network = keras.Model(inputs, logit, name="screener")
    if folder:
        network.load_weights(load_model_folder(Path(backbone)).path / WEIGHTS)
    return network


def bare(network: Any) -> Any:
    """Return the same layers as a model without optimiser, whose weights file holds the weights alone.

    An optimiser's state triples the file, and one of phase 1 does not fit the network of phase 2.
    """
    return keras.Model(network.inputs, network.outputs, name=network.name)


def average(network: Any, others: Sequence[Any]) -> None:
    """Set the weights to the mean of its own and those of networks from the same start with other seeds.

    Such a mean does as well as the networks' averaged answers at the cost of one (model soup, Wortsman 2022,
    "Model soups: averaging weights of multiple fine-tuned models").
    """
    together = zip(*(each.get_weights() for each in (network, *others)), strict=True)
    network.set_weights([np.mean(weights, axis=0) for weights in together])


def blend(network: Any, start: Any, share: float) -> None:
    """Set the weights between those it started from and its own: robust fine-tuning (WiSE-FT, Wortsman 2022).

    What was learned from few radiographs of a new site is kept in part, and what was known before in part.

    share: 0..1, of its own weights. start: a network of the same shape.
    """
    pairs = zip(start.get_weights(), network.get_weights(), strict=True)
    network.set_weights([(1 - share) * before + share * after for before, after in pairs])


def unfreeze(network: Any, layers: int) -> None:
    """Make the backbone's last layers trainable and freeze the rest; UNFREEZE_ALL for all of them."""
    backbone = network.get_layer(BACKBONE)
    backbone.trainable = layers != 0
    if layers > 0:
        for layer in backbone.layers[:-layers]:
            layer.trainable = False
    assert layers >= UNFREEZE_ALL


def _backbone(size: int, weights: str) -> Any:
    shape = (size, size, 3)
    if weights == "imagenet":
        try:
            return keras.applications.MobileNetV2(
                include_top=False, weights="imagenet", input_shape=shape, name=BACKBONE
            )
        except Exception as error:  # Keras raises a bare Exception when the download fails
            raise UsageError("training.no_imagenet", error=error) from error
    backbone = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=shape, name=BACKBONE
    )
    if weights != "random":
        try:
            backbone.load_weights(Path(weights))
        except (ValueError, OSError) as error:
            why = str(error).splitlines()[0]
            raise UsageError("training.other_weights", weights=weights, size=size, error=why) from error
    return backbone
