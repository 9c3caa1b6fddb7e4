"""Images, changed or not, to logits: two threads, each with a classifier of its own."""

import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.generalisation.changes import Subject, changed
from benchmarks.generalisation.data import Case
from screener.domain import ByteImage, ImageFile
from screener.errors import DatasetError, ImageError
from screener.inference.classifier import Classifier
from screener.inference.model_folder import ModelFolder
from screener.intake import read_radiograph
from screener.preprocessing.clahe import preprocess

THREADS = 2

Tick = Callable[[], None]
Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Images with their logits, shape (images,); NaN where a change does not apply.

    by_change: by the name of the change.
    """

    radiographs: tuple[Case, ...]
    by_change: dict[str, Logits]


class Scorer:
    """A model asked by several threads; no result depends on how many."""

    def __init__(self, model: ModelFolder) -> None:
        self.model = model
        self._own = threading.local()

    def logit(self, pixels: ByteImage) -> float:
        """Return the score of one image, uint8, shape (rows, columns)."""
        if not hasattr(self._own, "classifier"):
            self._own.classifier = Classifier(self.model.network)
        square = preprocess(pixels, self.model.preprocessing)
        return float(self._own.classifier.predict(square).logit)

    def plain(self, radiographs: Sequence[Case], tick: Tick) -> Logits:
        """Return the logits of images as they are, shape (images,)."""

        def one(radiograph: Case) -> float:
            tick()
            return self.logit(read(radiograph.file))

        with ThreadPoolExecutor(THREADS) as pool:
            return np.array(list(pool.map(one, radiographs)), dtype=np.float64)

    def with_changes(self, radiographs: Sequence[Case], tick: Tick) -> Scored:
        """Return the logits of images under every change; partners for swaps come from the same images."""
        partners = [_partners(radiographs, i) for i in range(len(radiographs))]

        def one(i: int) -> dict[str, float]:
            radiograph, (other, alike) = radiographs[i], partners[i]
            seed = zlib.crc32(radiograph.file.name.encode())
            subject = Subject(
                read(radiograph.file), read(other.file), read(alike.file), radiograph.healthy, seed
            )
            logits = {name: self.logit(pixels) for name, pixels in changed(subject)}
            tick()
            return logits

        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(one, range(len(radiographs))))
        names = list(dict.fromkeys(name for each in found for name in each))
        return Scored(
            tuple(radiographs), {name: np.array([each.get(name, np.nan) for each in found]) for name in names}
        )


def read(file: ImageFile) -> ByteImage:
    """Return the pixels of an image.

    Raises:
        DatasetError: It cannot be screened; names the file.
    """
    try:
        return read_radiograph(file).pixels
    except ImageError as error:
        raise DatasetError(f"{file.name}: {error}. Take it out of the dataset.") from error


def _partners(radiographs: Sequence[Case], i: int) -> tuple[Case, Case]:
    """Return an image of the other class and another of the same class; always the same ones."""
    rng = np.random.default_rng((zlib.crc32(radiographs[i].file.name.encode()), 0))
    others = [j for j, radiograph in enumerate(radiographs) if radiograph.label != radiographs[i].label]
    alike = [
        j for j, radiograph in enumerate(radiographs) if radiograph.label == radiographs[i].label and j != i
    ]
    if not others or not alike:
        raise DatasetError("Swapping frames needs two images of each class; raise --limit or add images.")
    return radiographs[others[int(rng.integers(len(others)))]], radiographs[
        alike[int(rng.integers(len(alike)))]
    ]
