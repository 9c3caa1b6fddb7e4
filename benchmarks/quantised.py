"""One model's network in several kinds of numbers, calibrated on images of its training patients.

- int8: weights (per channel) and activations; uint8 in, float32 out
- int8, float head: the last pooling and the dense unit stay float32: else logits have but 256 values
- int8, float stem and head: the first convolutions too
- weights int8, float16: weights alone
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.inference.model_folder import ModelFolder
from screener.runtime import native_messages_hidden
from screener.training.dataset import LabelledImage
from screener.training.splits import Split

FLOAT32 = "float32"
HEAD = ("MEAN", "FULLY_CONNECTED")  # operators of the converted graph
STEM = 10  # operators from the input on: the stem and the first two blocks

Squares = NDArray[np.uint8]


def squares(images: Sequence[LabelledImage], model: ModelFolder) -> tuple[Squares, NDArray[np.int64]]:
    """Return the squares that the network sees, uint8, (n, size, size), and their labels."""
    from screener.training.pictures import decode, preprocessed

    kept, _ = decode(images, preprocessed(model.preprocessing), lambda: None)
    return np.stack([each.pixels for each in kept]), np.array([each.image.label for each in kept])


def quantised(
    model: ModelFolder, split: Split, folder: Path, count: int, draws: int
) -> dict[tuple[str, int], Path]:
    """Return the .tflite of each variant and draw of count calibration images; float32 is the model's own."""
    with native_messages_hidden():
        from screener.training.export import save_answering
        from screener.training.network import bare, build_network

        size = model.preprocessing.size
        network = bare(build_network(size, dropout=0.0))
        network.load_weights(model.path / "model.weights.h5")
        saved = folder / "saved"
        save_answering(network, size, saved)
    networks = {(FLOAT32, 0): model.network}
    for draw in range(draws):
        radiographs, _ = squares(drawn(split.training, count, draw), model)
        for name, content in conversions(saved, radiographs, weights_alone=draw == 0).items():
            path = folder / f"{name}-{draw}.tflite"
            path.write_bytes(content)
            networks[name, draw] = path
    return networks


def drawn(images: Sequence[LabelledImage], count: int, draw: int) -> list[LabelledImage]:
    """Return so many training images, half of each class."""
    order = np.random.default_rng(draw).permutation(len(images))
    each_class = [[images[i] for i in order if images[i].label == label] for label in (0, 1)]
    return [image for one in each_class for image in one[: count // 2]]


def conversions(saved: Path, radiographs: Squares, weights_alone: bool) -> dict[str, bytes]:
    """Return the network in each variant, calibrated once on images, uint8, shape (n, size, size)."""
    import tensorflow as tf

    def seen() -> Iterator[dict[str, Squares]]:
        for radiograph in radiographs:
            yield {"pixels": radiograph[np.newaxis, :, :, np.newaxis]}

    def converter() -> Any:
        made = tf.lite.TFLiteConverter.from_saved_model(str(saved))
        made.optimizations = [tf.lite.Optimize.DEFAULT]
        return made

    with native_messages_hidden(), warnings.catch_warnings(action="ignore"):  # of tf.lite's age
        calibrated = converter()
        calibrated.representative_dataset = seen
        # Its one use here: it quantises a calibrated network again and again, leaving out what it is told to.
        debugger = tf.lite.experimental.QuantizationDebugger(converter=calibrated, debug_dataset=seen)
        stem = _outputs(tf.lite.TFLiteConverter.from_saved_model(str(saved)).convert())[:STEM]
        made = {}
        for name, operators, outputs in (
            ("int8", (), []),
            ("int8, float head", HEAD, []),
            ("int8, float stem and head", HEAD, stem),
        ):
            debugger.options = tf.lite.experimental.QuantizationDebugOptions(
                denylisted_ops=list(operators), denylisted_nodes=outputs
            )
            made[name] = bytes(debugger.get_nondebug_quantized_model())
        if weights_alone:
            half = converter()
            half.target_spec.supported_types = [tf.float16]
            made |= {"weights int8": converter().convert(), "float16": half.convert()}
    return made


def _outputs(content: bytes) -> list[str]:
    """Return the name of the first output of each operator, in the order in which they run."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    names = {each["index"]: each["name"] for each in interpreter.get_tensor_details()}
    return [names[each["outputs"][0]] for each in interpreter._get_ops_details()]
