"""By how much a probability moves with the way in which a film is read: the measure of a model's reading.

Run: python -m benchmarks.bench_reading --markdown [--model models/NAME] [FOLDER …]

Each film is read in every way of screener.preprocessing.ways and, where it is a JPEG, as a scan under the
rule reads the file itself. Every way is compared with the rule's own: halved by area while the short side
keeps --read-size pixels, then shrunk by area. The last rows are what the aim is about: the largest difference
of each film over the ways that a scan itself takes, whatever the codec, and over all.

Films: those of the folders given, else the originals and the training films in $SCREENER_SHARED/data, else
sample films scaled up. A film too small to be halved still tells the kernels apart.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.speed import figures, inputs
from screener.domain import ByteImage, FileKind, ImageFile, PreprocessingSpec
from screener.errors import ImageError
from screener.inference.classifier import Classifier
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.intake import classify, read_radiograph
from screener.operating_points import printed
from screener.preprocessing.clahe import equalised
from screener.preprocessing.resolution import halvings
from screener.preprocessing.ways import RULE, WAYS
from screener.resources import shipped_model

READ_SIZE = 448
THE_FILE = "as a scan reads the file, by DCT scale where it is a JPEG"
AIM = "aim: median ≤ 0.002, 99 % ≤ 0.02, at each operating point at most 0.5 % change side"
OWN = (THE_FILE, *(way.name for way in WAYS if way.own))
ANY_OWN, ANY = "the largest over a scan's own ways", "the largest over all ways"
SEED = 20261128  # which films, where there are more than asked for


@dataclass(frozen=True, slots=True)
class Read:
    """One film: its probability by each way's name, and how often the rule halves it."""

    halved: int
    probabilities: dict[str, float]


def main() -> None:
    """Print one table for all films, and one for those that the rule halves."""
    arguments = parsed()
    cv2.setNumThreads(1)
    model = load_model_folder(arguments.model)
    reader = Reader(model, model.preprocessing.read_size or arguments.read_size)
    each_read = map(reader.read, drawn(arguments.folders or default_folders()))
    found = list(islice((read for read in each_read if read is not None), arguments.films))
    form = figures.as_markdown if arguments.markdown else figures.as_text
    for said, part in (("all", found), ("halved by the rule", [each for each in found if each.halved])):
        if part:
            print(f"{model.identity}, {len(part)} films ({said}); {AIM}\n")
            print(form(table(part, model)), end="\n\n")


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--model", type=Path, default=shipped_model())
    parser.add_argument("--films", type=int, default=300)
    parser.add_argument("--read-size", type=int, default=READ_SIZE, help="where the model names none")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def default_folders() -> list[Path]:
    """Return the folders with real films; none where there are none."""
    shared = Path(os.environ.get("SCREENER_SHARED") or inputs.REPOSITORY.parent / "shared") / "data"
    return [each for each in (shared / "originals", shared / "chest_xray" / "train") if each.is_dir()]


def drawn(folders: Sequence[Path]) -> Iterator[ImageFile]:
    """Yield the films of the first folder, then those of the next, each folder's in a random order."""
    rng = np.random.default_rng(SEED)
    paths = [sorted(path for path in folder.rglob("*") if path.is_file()) for folder in folders]
    for part in paths or [inputs.sample_jpegs()]:
        for number in rng.permutation(len(part)):
            file = classify(part[number], part[number].name)
            if isinstance(file, ImageFile):
                yield file


class Reader:
    """Reads films in every way, and asks a model about each."""

    def __init__(self, model: ModelFolder, read_size: int) -> None:
        self._model, self._read_size = model, read_size
        self._classifier = Classifier(model.network, threads=os.cpu_count() or 1)
        self._spec: PreprocessingSpec = model.preprocessing

    def read(self, file: ImageFile) -> Read | None:
        """Return what each way gives; None for a film that cannot be screened, or has nothing to shrink."""
        try:
            pixels = read_radiograph(file).pixels
            scanned = read_radiograph(file, self._read_size).pixels
        except ImageError:
            return None
        size = self._spec.size
        if min(pixels.shape) <= size:
            return None
        times = halvings(*pixels.shape, self._read_size)
        found = {way.name: self._probability(way.square(pixels, size, times)) for way in WAYS}
        if file.kind is FileKind.JPEG:
            found[THE_FILE] = self._probability(RULE.square(scanned, size, 0))
        return Read(times, found)

    def _probability(self, square: ByteImage) -> float:
        prediction = self._classifier.predict(equalised(square, self._spec))
        return self._model.main.calibration.probability(prediction.logit)


def table(films: Sequence[Read], model: ModelFolder) -> list[list[str]]:
    """Return a row for each way, and two for each film's largest difference: over a scan's ways, over all."""
    points = list(model.main.operating_points.values())
    rule = _column(films, RULE.name)
    flagged = [_flagged(rule, point.threshold) for point in points]
    moved: dict[str, NDArray[np.float64]] = {}
    changed: dict[str, list[NDArray[np.bool_]]] = {}
    for name in films[0].probabilities:
        other = _column(films, name)
        moved[name] = np.abs(other - rule)
        changed[name] = [
            _flagged(other, point.threshold) != before for point, before in zip(points, flagged, strict=True)
        ]
    own = [name for name in moved if name in OWN]
    rows = [["way", "median", "99 %", "most", *(f"{point.name}: change side" for point in points)]]
    for said, names in [*((name, [name]) for name in moved), (ANY_OWN, own), (ANY, list(moved))]:
        sides = np.any([changed[name] for name in names], axis=0)
        rows.append([said, *_spread(np.max([moved[name] for name in names], axis=0)), *map(_percent, sides)])
    return [row for row in rows if row[0] != RULE.name]


def _column(films: Sequence[Read], name: str) -> NDArray[np.float64]:
    """Return the probabilities by one way; of a film that was not read so, those of the rule."""
    return np.array([each.probabilities.get(name, each.probabilities[RULE.name]) for each in films])


def _flagged(probabilities: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    return np.array([printed(each) >= printed(threshold) for each in probabilities])


def _percent(sides: NDArray[np.bool_]) -> str:
    return f"{100 * sides.mean():.1f} %"


def _spread(moved: NDArray[np.float64]) -> list[str]:
    return [f"{value:.4f}" for value in (np.median(moved), np.quantile(moved, 0.99), moved.max())]


if __name__ == "__main__":
    main()
