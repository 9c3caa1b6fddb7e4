"""What a gate is fitted on: images, images made wrong, drawings, and other pictures, by their features."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from screener.domain import CORRECTIONS, ByteImage, ImageFile, PreprocessingSpec
from screener.errors import DatasetError, ImageError
from screener.inference.classifier import Classifier
from screener.inference.gate import features_of
from screener.intake import find_files, read_picture, scan_roots
from screener.preprocessing.clahe import preprocess
from screener.training.augmentation import augmented
from screener.training.counterexamples import DRAWN, MADE_OF_RADIOGRAPHS
from screener.training.dataset import CLASS_NAMES, LabelledDataset
from screener.training.devices import very_ill
from screener.training.pictures import THREADS, shrunk
from screener.training.radiograph_changes import CHANGES

TURNED = "turned or negative"
FEWEST_DRAWINGS = 20  # of each kind
SMALLEST_SIDE = 64  # pixels, of a picture that is no image: smaller ones say nothing

Job = TypeVar("Job")
Features = NDArray[np.float32]
Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class GateSampling:
    """How much is made of images, and drawn, at random; seed: the same gives the same pictures.

    made_wrong: images of each site that are also turned, negative, cut up. changed: those of them that are
    also changed as images may come. varied: whether each image is also varied as in training, once as it is
    and once with what very ill patients' images show. drawings: of each kind, at most.
    """

    seed: int
    made_wrong: int = 300
    changed: int = 60
    varied: bool = True
    drawings: int = 200

    def drawings_for(self, images: int) -> int:
        """Return how many drawings of each kind go with that many images."""
        return min(max(images // 4, FEWEST_DRAWINGS), self.drawings)


def to_measure(seed: int) -> GateSampling:
    """Return what is enough where nothing is fitted, only a threshold chosen."""
    return GateSampling(seed, made_wrong=40, changed=20, varied=False, drawings=40)


@dataclass(frozen=True, slots=True)
class GatePicture:
    """One picture as the network saw it.

    kind: class and site of an image, or what else it shows. site: whose image it is or was made of, empty
    for other pictures. group: patient or file, kept on one side of every fold. features: float32, shape
    (8, features), in all ways that a correction may turn it, or (1, features), as of `features_of`. shown:
    which of them is the picture as it lies. varied: it only serves the fit. changed: it only serves the
    figures.
    """

    kind: str
    group: str
    site: str
    chest: bool
    features: Features
    shown: int = 0
    varied: bool = False
    changed: bool = False


class Seer:
    """The network of one model, and what a gate sees of a picture through it, for several threads."""

    def __init__(self, network: Path, spec: PreprocessingSpec) -> None:
        self._network = network
        self.spec = spec
        self._local = threading.local()

    def of_square(self, square: ByteImage) -> Features:
        """Return the features of one preprocessed square, float32, shape (features,)."""
        if not hasattr(self._local, "classifier"):
            self._local.classifier = Classifier(self._network)
        return features_of(self._local.classifier.answer(square).embedding, square)

    def of(self, pixels: ByteImage) -> Features:
        return self.of_square(preprocess(np.ascontiguousarray(pixels), self.spec))

    def in_all_ways(self, pixels: ByteImage) -> Features:
        """Return the features as it is and after each correction, float32, shape (8, features)."""
        return np.stack([self.of(pixels), *(self.of(each.applied(pixels)) for each in CORRECTIONS)])


def see_radiographs(
    site: str, dataset: LabelledDataset, seer: Seer, tick: Tick, sampling: GateSampling
) -> list[list[GatePicture]]:
    """Return, for each image that can be read, what the network saw of it and of what was made from it.

    The image as it is, and varied as in training, once with devices painted in; of some also turned,
    negative, cut up; of some of these also as they may come: cut, askew, bright.
    """
    rng = np.random.default_rng(sampling.seed)
    drawn = rng.permutation(len(dataset.images))[: sampling.made_wrong].tolist()
    chosen, also_changed = set(drawn), set(drawn[: sampling.changed])

    def see(i: int) -> list[GatePicture]:
        image, own = dataset.images[i], np.random.default_rng((sampling.seed, i))
        try:
            radiograph = shrunk(read_picture(image.file))
        except ImageError:
            return []
        finally:
            tick()
        group = f"{site}/{image.patient or image.file.name}"
        kind = ", ".join(filter(None, (CLASS_NAMES[image.label].lower(), site, image.view)))
        varied = []
        if sampling.varied:
            varied = [
                GatePicture(kind, group, site, True, seer.of_square(square)[np.newaxis], varied=True)
                for square in (
                    augmented(radiograph, seer.spec, own),
                    augmented(very_ill(radiograph, own), seer.spec, own),
                )
            ]
        if i not in chosen:
            return [GatePicture(kind, group, site, True, seer.of(radiograph)[np.newaxis]), *varied]
        ways = seer.in_all_ways(radiograph)
        wrong = [GatePicture(TURNED, group, site, False, ways, shown) for shown in range(1, len(ways))]
        made = [
            GatePicture(name, group, site, False, seer.in_all_ways(make(radiograph, own)))
            for name, make in MADE_OF_RADIOGRAPHS.items()
        ]
        changed = [
            GatePicture(name, group, site, True, seer.in_all_ways(change(radiograph)), changed=True)
            for name, change in CHANGES.items()
            if i in also_changed
        ]
        return [GatePicture(kind, group, site, True, ways), *varied, *wrong, *made, *changed]

    return _in_threads(see, range(len(dataset.images)))


def see_drawings(each: int, seer: Seer, tick: Tick, seed: int) -> list[list[GatePicture]]:
    """Return what the network saw of pictures drawn at random, so many of each kind."""

    def see(job: tuple[str, int]) -> list[GatePicture]:
        name, i = job
        drawing = DRAWN[name](np.random.default_rng((seed, i)))
        tick()
        return [GatePicture(name, f"{name} {i}", "", False, seer.in_all_ways(drawing))]

    return _in_threads(see, [(name, i) for name in DRAWN for i in range(each)])


def other_pictures(folder: Path) -> list[ImageFile]:
    """Return the images below a folder of pictures that are no frontal chest radiographs.

    Raises:
        DatasetError: There are none.
    """
    files = [each for each in find_files(scan_roots([folder])) if isinstance(each, ImageFile)]
    if not files:
        raise DatasetError("gate.no_other_pictures", folder=folder)
    return files


def see_others(files: Sequence[ImageFile], seer: Seer, tick: Tick) -> list[list[GatePicture]]:
    """Return what the network saw of other pictures; the folder that a picture lies in names its kind.

    Files named SOURCE__NAME are kept on one side of every fold by source: pictures of one series are alike.
    """

    def see(file: ImageFile) -> list[GatePicture]:
        try:
            pixels = shrunk(read_picture(file))
        except ImageError:
            return []
        finally:
            tick()
        if min(pixels.shape) < SMALLEST_SIDE:
            return []
        kind = file.name.rpartition("/")[0].replace("/", ", ") or "other pictures"
        source = file.path.name.partition("__")[0]
        return [GatePicture(kind, source, "", False, seer.in_all_ways(pixels))]

    return _in_threads(see, files)


def _in_threads(see: Callable[[Job], list[GatePicture]], jobs: Sequence[Job]) -> list[list[GatePicture]]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(filter(None, pool.map(see, jobs)))
