"""Labelled images to the arrays that training eats, through the intake and preprocessing of 'scan'."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, Cause, NotScreened, PreprocessingSpec
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake import read_radiograph
from screener.preprocessing import preprocess
from screener.training.augmentation import augmented
from screener.training.dataset import LabelledImage

THREADS = 2
LONGEST_IN_MEMORY = 448  # pixels; twice the network's side, so 5,000 films take under 1 GB

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Decoded:
    """One labelled image that could be read; pixels as the caller asked for them."""

    image: LabelledImage
    pixels: ByteImage


def decode(
    images: Sequence[LabelledImage], prepare: Callable[[ByteImage], ByteImage], tick: Tick
) -> tuple[list[Decoded], list[NotScreened]]:
    """Return the images with their prepared pixels, in order, and those that cannot be used, with reasons.

    prepare: what is kept of each film, such as `preprocessed(spec)` or `shrunk`.
    tick: called once for each image.
    """

    def read(image: LabelledImage) -> Decoded | NotScreened:
        try:
            return Decoded(image, prepare(read_radiograph(image.file).pixels))
        except IneligibleImageError as error:
            return NotScreened(image.file.file, image.file.path, Cause.INELIGIBLE, str(error))
        except UnreadableImageError as error:
            return NotScreened(image.file.file, image.file.path, Cause.FAILED, str(error))
        finally:
            tick()

    with ThreadPoolExecutor(THREADS) as pool:
        read_all = list(pool.map(read, images))
    return (
        [each for each in read_all if isinstance(each, Decoded)],
        [each for each in read_all if isinstance(each, NotScreened)],
    )


def preprocessed(spec: PreprocessingSpec) -> Callable[[ByteImage], ByteImage]:
    """Return the function that makes the square that the network sees, exactly as 'scan' does."""
    return lambda pixels: preprocess(pixels, spec)


def shrunk(pixels: ByteImage) -> ByteImage:
    """Return the film at up to LONGEST_IN_MEMORY pixels: the stuff that augmentation starts from."""
    scale = LONGEST_IN_MEMORY / max(pixels.shape)
    if scale >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def as_batch(squares: Sequence[ByteImage]) -> NDArray[np.uint8]:
    """Return uint8, shape (n, size, size, 1)."""
    return np.stack(squares)[..., np.newaxis]


class AugmentedBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of augmented training films with weights that balance the classes.

    What image i looks like in epoch e depends on (seed, e, i) alone: threads, resuming and
    the batch size change nothing.
    """

    def __init__(
        self, films: Sequence[Decoded], spec: PreprocessingSpec, *, batch_size: int, seed: int
    ) -> None:
        super().__init__(workers=THREADS, use_multiprocessing=False, max_queue_size=8)
        self._films = films
        self._spec = spec
        self._batch_size = batch_size
        self._seed = seed
        self._labels = np.array([film.image.label for film in films], dtype=np.float32)
        counts = np.bincount(self._labels.astype(int), minlength=2)
        self._weights = (len(films) / (2 * counts)).astype(np.float32)
        self.begin_epoch(0)

    def begin_epoch(self, epoch: int) -> None:
        """Shuffle for an epoch; the same epoch is always the same."""
        self._epoch = epoch
        self._order = np.random.default_rng((self._seed, epoch)).permutation(len(self._films))

    def __len__(self) -> int:
        return -(-len(self._films) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        squares = [self._augmented(int(i)) for i in chosen]
        labels = self._labels[chosen]
        return as_batch(squares), labels[:, np.newaxis], self._weights[labels.astype(int)]

    def _augmented(self, i: int) -> ByteImage:
        rng = np.random.default_rng((self._seed, self._epoch, i))
        return augmented(self._films[i].pixels, self._spec, rng)
