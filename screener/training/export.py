"""The network as LiteRT, and the proof that it says what Keras says."""

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from screener.errors import ModelRejectedError
from screener.training.network import BACKBONE

MAX_DIFFERENCE = 1e-4  # in probability


def export_litert(network: Any, size: int, path: Path) -> None:
    """Write the network as a float32 .tflite whose signature has the outputs of `_answer`.

    One image per invocation: as fast as eight on the CPU, and no result depends on its neighbours.
    """
    with tempfile.TemporaryDirectory() as folder:
        save_answering(network, size, Path(folder))
        path.write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def save_answering(network: Any, size: int, folder: Path) -> None:
    """Write the network as a SavedModel of that signature: what a LiteRT converter starts from."""
    archive = keras.export.ExportArchive()
    archive.track(network)
    signature = [tf.TensorSpec((1, size, size, 1), tf.uint8, name="pixels")]
    archive.add_endpoint(
        "serving_default", lambda pixels: _answer(network, pixels), input_signature=signature
    )
    archive.write_out(folder, verbose=False)


def _answer(network: Any, pixels: Any) -> dict[str, Any]:
    """Return logit (1, 1), activation map (7, 7) whose mean is the logit, and embedding (1, 1280)."""
    layer = network.get_layer
    channels = layer("channels")([layer("scaled")(pixels)] * 3)
    features = layer(BACKBONE)(channels, training=False)
    embedding = tf.reduce_mean(features, axis=(1, 2))
    weights, bias = layer("logit").kernel, layer("logit").bias
    activation_map = tf.tensordot(features, weights, axes=1)[0, :, :, 0] + bias
    return {
        "logit": tf.matmul(embedding, weights) + bias,
        "activation_map": activation_map,
        "embedding": embedding,
    }


def check_agreement(keras_logits: NDArray[np.float64], litert_logits: NDArray[np.float64]) -> float:
    """Return the largest difference in probability between Keras and the export, both shape (n,).

    Raises:
        ModelRejectedError: It is over MAX_DIFFERENCE on some image.
    """
    difference = np.abs(1 / (1 + np.exp(-keras_logits)) - 1 / (1 + np.exp(-litert_logits)))
    worst = float(difference.max())
    if not worst <= MAX_DIFFERENCE:
        raise ModelRejectedError("training.export_differs", found=worst, limit=MAX_DIFFERENCE)
    return worst
