"""The exported network on LiteRT: one square in, one prediction out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, FloatImage, Prediction
from screener.errors import MissingDependencyError, ModelRejectedError
from screener.runtime import native_messages_hidden

SIGNATURE_OUTPUTS = {"logit", "activation_map", "embedding"}


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """All that the network says of one square; embedding: float32, shape (1280,), what the gate judges."""

    prediction: Prediction
    embedding: NDArray[np.float32]


class Classifier:
    """A .tflite opened once. One thread and one image per invocation.

    So no result depends on how files fall into batches or on the number of workers.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Open the exported network.

        Raises:
            MissingDependencyError: LiteRT is not installed.
            ModelRejectedError: The file is no network with the three outputs.
        """
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise MissingDependencyError("inference.no_litert", error=error) from error
        try:
            with native_messages_hidden():  # "Created TensorFlow Lite XNNPACK delegate"
                interpreter = Interpreter(str(path), num_threads=threads)
                interpreter.allocate_tensors()
            self._run = interpreter.get_signature_runner("serving_default")
            outputs = set(self._run.get_output_details())
            [self._input] = self._run.get_input_details()
        except (ValueError, RuntimeError, KeyError) as error:
            raise ModelRejectedError("inference.no_network", path=path, error=error) from error
        if not outputs >= SIGNATURE_OUTPUTS:
            missing = ", ".join(sorted(SIGNATURE_OUTPUTS - outputs))
            raise ModelRejectedError("inference.no_output", path=path, names=missing)
        self._interpreter = interpreter  # the runner borrows its memory

    def predict(self, square: ByteImage) -> Prediction:
        """Return the prediction for one preprocessed square, uint8, shape (size, size)."""
        return self.answer(square).prediction

    def answer(self, square: ByteImage) -> NetworkAnswer:
        """Return the prediction and the embedding for one preprocessed square, uint8, shape (size, size)."""
        outputs = self._run(**{self._input: square[np.newaxis, :, :, np.newaxis]})
        activation_map: FloatImage = np.array(outputs["activation_map"], dtype=np.float32)
        prediction = Prediction(float(outputs["logit"].reshape(-1)[0]), activation_map)
        return NetworkAnswer(prediction, np.array(outputs["embedding"], dtype=np.float32).reshape(-1))
