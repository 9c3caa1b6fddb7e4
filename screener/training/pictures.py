"""Labelled images to the arrays that training eats, through the intake and preprocessing of 'scan'."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, Cause, Fingerprint, FloatImage, NotScreened, PreprocessingSpec
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.fingerprint import fingerprint
from screener.intake import read_radiograph
from screener.preprocessing.clahe import preprocess
from screener.training.augmentation import augmented_with
from screener.training.composer import Composer
from screener.training.composites import Mask
from screener.training.dataset import LabelledImage
from screener.training.lung_radiographs import OPACITY
from screener.training.lungs import lung_masks
from screener.training.opacity import OPAQUE, STRENGTH, paint_consolidation
from screener.training.reading import read_somehow
from screener.training.sampling import BalancedSampler
from screener.training.taught import CELLS, CELLS_OF_TARGET, target

THREADS = 2
LUNGS_KEPT = (128, 128)
TWO_OPACITIES = 0.35  # of the painted radiographs
LONGEST_IN_MEMORY = 448  # pixels; twice the network's side, so 5,000 radiographs take under 1 GB

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Decoded:
    """One labelled image that could be read; pixels as the caller asked for them."""

    image: LabelledImage
    pixels: ByteImage
    fingerprint: Fingerprint


def decode(
    images: Sequence[LabelledImage],
    prepare: Callable[[ByteImage], ByteImage],
    tick: Tick,
) -> tuple[list[Decoded], list[NotScreened]]:
    """Return the images with their prepared pixels, in order, and those that cannot be used, with reasons.

    Images are read whole, whatever the size that the model's scans read: those come to the same squares.

    prepare: what is kept of each image, such as `preprocessed(spec)` or `shrunk`.
    tick: called once for each image.
    """

    def read(image: LabelledImage) -> Decoded | NotScreened:
        try:
            radiograph = read_radiograph(image.file).pixels
            return Decoded(image, prepare(radiograph), fingerprint(radiograph))
        except IneligibleImageError as error:
            return NotScreened(image.file.name, image.file.path, Cause.INELIGIBLE, error.reason)
        except UnreadableImageError as error:
            return NotScreened(image.file.name, image.file.path, Cause.FAILED, error.reason)
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
    """Return the radiograph at up to LONGEST_IN_MEMORY pixels: the stuff that augmentation starts from."""
    scale = LONGEST_IN_MEMORY / max(pixels.shape)
    if scale >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def as_batch(squares: Sequence[ByteImage]) -> NDArray[np.uint8]:
    """Return uint8, shape (n, size, size, 1)."""
    return np.stack(squares)[..., np.newaxis]


@dataclass(frozen=True, slots=True)
class Teaching:
    """What is shown beside the dataset's radiographs, and how all are read.

    composer: draws composites, a share `composites` of all radiographs shown. ways: read each radiograph,
    each time, in a way drawn at random.
    """

    composer: Composer | None = None
    composites: float = 0.0
    ways: bool = False


class AugmentedBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of augmented training radiographs, drawn so that no site, class or group drowns another.

    What the radiograph at a place of an epoch looks like depends on (seed, epoch, place) alone: threads and
    resuming change nothing.
    """

    def __init__(
        self,
        radiographs: Sequence[Decoded],
        spec: PreprocessingSpec,
        *,
        batch_size: int,
        seed: int,
        painted: float = 0.0,
        teaching: Teaching | None = None,
    ) -> None:
        super().__init__(workers=THREADS, use_multiprocessing=False, max_queue_size=8)
        self._radiographs = radiographs
        self._spec = spec
        self._batch_size = batch_size
        self._seed = seed
        self._painter = OpacityPainter()
        self._teaching = teaching or Teaching()
        self._sampler = BalancedSampler([each.image for each in radiographs], painted=painted, seed=seed)
        self.begin_epoch(0)

    def begin_epoch(self, epoch: int) -> None:
        """Draw the radiographs of an epoch; the same epoch is always the same."""
        self._epoch = epoch
        self._draws = self._sampler.epoch(epoch)

    def __len__(self) -> int:
        return -(-len(self._radiographs) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        places = range(len(self._draws))[index * self._batch_size : (index + 1) * self._batch_size]
        shown = [self._shown(place) for place in places]
        return as_batch([square for square, _ in shown]), np.stack([row for _, row in shown])

    def _shown(self, place: int) -> tuple[ByteImage, NDArray[np.float32]]:
        """Return a radiograph by its place in the epoch, varied, and its row of `target`."""
        rng = np.random.default_rng((self._seed, self._epoch, place))
        teaching = self._teaching
        if teaching.composer and rng.random() < teaching.composites:
            drawn = teaching.composer.draw(rng)
            return self._varied(
                drawn.radiograph.pixels, drawn.radiograph.opacity, target(drawn.label, kind=drawn.kind), rng
            )
        draw = self._draws[place]
        radiograph = self._radiographs[draw.index]
        if draw.painted:
            pixels, opacity = self._painter.painted(draw.index, radiograph.pixels, rng)
            return self._varied(pixels, opacity, target(1, kind=OPACITY), rng)
        # A radiograph without pneumonia may be abnormal otherwise: of what kind it is is then unknown.
        label = radiograph.image.label
        return self._varied(radiograph.pixels, None, target(label, kind=OPACITY if label else ""), rng)

    def _varied(
        self, pixels: ByteImage, opacity: Mask | None, known: NDArray[np.float32], rng: np.random.Generator
    ) -> tuple[ByteImage, NDArray[np.float32]]:
        if self._teaching.ways:
            pixels = read_somehow(pixels, self._spec.size, rng)
        square, moved = augmented_with(pixels, opacity, self._spec, rng)
        if moved is not None:
            known[CELLS_OF_TARGET] = cv2.resize(
                moved.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA
            ).ravel()
        return square, known


class OpacityPainter:
    """Paints opacities into healthy radiographs, and remembers where their lungs lie."""

    def __init__(self) -> None:
        self._lungs: dict[int, tuple[ByteImage, ByteImage]] = {}

    def painted(self, index: int, pixels: ByteImage, rng: np.random.Generator) -> tuple[ByteImage, Mask]:
        """Return the radiograph with one or two opacities, and where they are, bool, of the same shape.

        index: a number of its own; pixels: uint8.
        """
        if index not in self._lungs:
            right, left = lung_masks(pixels)
            self._lungs[index] = _kept(right), _kept(left)
        lungs = [(mask / 255).astype(np.float32) for mask in self._lungs[index]]
        where = np.zeros(pixels.shape, np.bool_)
        for _ in range(2 if rng.random() < TWO_OPACITIES else 1):
            strength = float(rng.uniform(*STRENGTH))
            pixels, opacity = paint_consolidation(pixels, (lungs[0], lungs[1]), rng, strength)
            where |= opacity > OPAQUE
        return pixels, where


def _kept(mask: FloatImage) -> ByteImage:
    return np.asarray(cv2.resize(255 * mask, LUNGS_KEPT, interpolation=cv2.INTER_AREA), np.uint8)
