"""What readers of the method would write themselves, each a process.

Run: python -m benchmarks.speed.rivals WHO FOLDER

Each prints how many images it did, and in how many seconds, start-up and loading aside.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

BATCH = 32
SIZE = 224
THREADS_PER_CORE = 2


def main() -> None:
    """Run one rival on one folder and print what it did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("who", choices=sorted(RIVALS))
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    files = sorted(str(path) for path in arguments.folder.rglob("*") if path.is_file())
    network = keras_network()
    network.predict(np.zeros((BATCH, SIZE, SIZE, 1), np.uint8), verbose=0)  # compiled, as in a long run
    start, busy = time.perf_counter(), time.process_time()
    scores = RIVALS[arguments.who](files, network)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    print(json.dumps({"images": len(scores), "seconds": seconds, "busy": busy}))


def keras_network() -> Any:
    """Return the shipped model as Keras runs it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from screener.resources import shipped_model
    from screener.training.network import build_network

    return build_network(SIZE, dropout=0.0, backbone=str(shipped_model()))


def notebook(files: list[str], network: Any) -> list[float]:
    """The loop of the notebooks: read, resize, CLAHE, gather 32, predict."""
    return _predicted(files, network, lambda file: cv2.imread(file, cv2.IMREAD_GRAYSCALE))


def by_pydicom(files: list[str], network: Any) -> list[float]:
    """The same loop for DICOM: pixel_array, apply_voi_lut, stretched to 8 bits."""
    from pydicom import dcmread
    from pydicom.pixels.processing import apply_voi_lut

    def read(file: str) -> Any:
        dataset = dcmread(file)
        shown = apply_voi_lut(dataset.pixel_array, dataset).astype(float)
        shown = (shown - shown.min()) / (shown.max() - shown.min())
        if dataset.PhotometricInterpretation == "MONOCHROME1":
            shown = 1 - shown
        return (255 * shown).astype(np.uint8)

    return _predicted(files, network, read)


def tf_data(files: list[str], network: Any) -> list[float]:
    """A good pipeline: files read and prepared on all cores while the network works on batches."""
    import tensorflow as tf

    cv2.setNumThreads(1)  # the pipeline's threads are the cores

    def read(name: bytes) -> Any:
        return _square(cv2.imread(name.decode(), cv2.IMREAD_GRAYSCALE))

    def prepared(name: Any) -> Any:
        square = tf.numpy_function(read, [name], tf.uint8)
        return tf.reshape(square, (SIZE, SIZE, 1))

    names = tf.data.Dataset.from_tensor_slices(files)
    squares = names.map(prepared, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    batches = squares.batch(BATCH).prefetch(tf.data.AUTOTUNE)
    return [float(each) for each in network.predict(batches, verbose=0).reshape(-1)]


def _predicted(files: Iterable[str], network: Any, read: Callable[[str], Any]) -> list[float]:
    scores: list[float] = []
    waiting: list[Any] = []
    for file in files:
        waiting.append(_square(read(file)))
        if len(waiting) == BATCH:
            scores.extend(_scores(network, waiting))
            waiting = []
    return scores + (_scores(network, waiting) if waiting else [])


def _scores(network: Any, squares: list[Any]) -> list[float]:
    batch = np.stack(squares)[..., np.newaxis]
    return [float(each) for each in network.predict(batch, verbose=0).reshape(-1)]


def _square(pixels: Any) -> Any:
    square = cv2.resize(pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(square)


RIVALS: dict[str, Callable[[list[str], Any], list[float]]] = {
    "notebook": notebook,
    "pydicom": by_pydicom,
    "tf.data": tf_data,
}

if __name__ == "__main__":
    main()
