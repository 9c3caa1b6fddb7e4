"""By how much a probability moves when an image is read smaller than it is: the measure of a model's reading.

Run: python -m benchmarks.bench_reading --markdown [--model models/NAME [--read-size 672] [--card]] [FOLDER …]

Each image is written in every form that a scan reads smaller, read by the scan's own code, whole and at
--read-size, and shown to the network: a JPEG at a DCT scale, JPEG 2000 by levels of either wavelet (HTJ2K
has the same levels). Whole images are what the network was taught. Grey levels are those of the cells before
CLAHE. Two rows more are a yardstick: what saving an image with loss moves, when it is read whole.

Images: those of the folders given, else the originals in $SCREENER_SHARED/data, else sample images. The large
ones come again and again as other parts of themselves, so that sides are odd and cells have all sizes; every
second image is enlarged to the short side of a digital detector, 1,792 pixels or more, with its noise.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.uid import JPEG2000, UID, ExplicitVRLittleEndian, JPEG2000Lossless

from benchmarks.card_section import READING, put_section
from benchmarks.speed import figures, inputs
from screener.domain import ByteImage, ImageFile, PreprocessingSpec, Radiograph
from screener.inference.classifier import Classifier
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.intake import classify, read_radiograph
from screener.operating_points import printed
from screener.preprocessing.clahe import equalised, resized
from screener.resources import shipped_model

READ_SIZE = 448
LARGEST = "the largest of them"
SAVED = {  # what each row compares with the uncompressed image, both read whole
    "for comparison: saved as JPEG": "JPEG, DCT scale",
    "for comparison: saved as lossy JPEG 2000": "JPEG 2000, levels of 9/7",
}
AIM = "aim: median ≤ 0.002, 99 % ≤ 0.02, at each operating point at most 0.5 % change side"
REPORTED = 50  # images, after each of which the table is printed
SEED = 20261128
LEAST_PART = 0.9  # of each side: how much of an image one of its parts shows
DETECTOR = (1792, 3072)  # pixels of the short side: of what images are enlarged to
NOISE = 0.012  # of the square root of the brightness, both 0..1
DEPTH = 2**inputs.BITS - 1

Deep = NDArray[np.uint16]
Writer = Callable[[Path, Deep, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What reading one image smaller in one way changed, or saving it with loss.

    cells: the root of the mean square and the largest of the differences, in grey levels, before CLAHE.
    whole, smaller: the probabilities; of an image saved with loss, before and after.
    """

    cells: tuple[float, float]
    whole: float
    smaller: float

    @property
    def by(self) -> float:
        """By how much the probability moved."""
        return abs(self.smaller - self.whole)


def main() -> None:
    """Print one table."""
    arguments = parsed()
    cv2.setNumThreads(1)
    model = load_model_folder(arguments.model)
    read_size = arguments.read_size or model.preprocessing.read_size or READ_SIZE
    reader = Reader(model, read_size)
    form = figures.as_markdown if arguments.markdown else figures.as_text
    each = radiographs(arguments.folders or default_folders(), read_size)
    found: list[dict[str, Moved]] = []
    with tempfile.TemporaryDirectory() as folder:
        for radiograph in islice(each, arguments.images):
            found.append(reader.read(radiograph, len(found), Path(folder)))
            if len(found) % REPORTED == 0 or len(found) == arguments.images:
                said = f"{model.identity} at {read_size} pixels, {len(found)} images; {AIM}"
                print(f"{said}\n\n{form(table(found, model))}", flush=True)
    if arguments.card:
        put_section(arguments.model, READING, figures.as_markdown(table(found, model)), read_size)


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--model", type=Path, default=shipped_model())
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--read-size", type=int, help=f"default: the model's own, else {READ_SIZE}")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument(
        "--card",
        action="store_true",
        help="put the table into the model's card, --read-size into its manifest",
    )
    return parser.parse_args()


def default_folders() -> list[Path]:
    """Return the folder with real images of full size; none where there is none."""
    shared = Path(os.environ.get("SCREENER_SHARED") or inputs.REPOSITORY.parent / "shared") / "data"
    return [each for each in (shared / "originals",) if each.is_dir()]


def radiographs(folders: Sequence[Path], read_size: int) -> Iterator[Deep]:
    """Yield images in 12 bits, without end: parts of those that can be halved, and enlarged ones, in turn."""
    rng = np.random.default_rng(SEED)
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    seen = [classify(path, path.name) for path in paths or inputs.sample_jpegs()]
    sources = [read_radiograph(file).pixels for file in seen if isinstance(file, ImageFile)]
    order = [sources[number] for number in rng.permutation(len(sources))]
    large = cycle([each for each in order if min(each.shape) * LEAST_PART >= 2 * read_size] or [None])
    for source in cycle(order):
        if (radiograph := next(large)) is not None:
            yield _part(radiograph, rng).astype(np.uint16) << (inputs.BITS - 8)
        yield _enlarged(_part(source, rng), rng)


def _part(radiograph: ByteImage, rng: np.random.Generator) -> ByteImage:
    """Return a part of an image that lies anywhere in it."""
    rows, columns = (int(side * rng.uniform(LEAST_PART, 1)) for side in radiograph.shape)
    top, left = (
        int(rng.integers(0, all_ - kept + 1))
        for all_, kept in zip(radiograph.shape, (rows, columns), strict=True)
    )
    return np.ascontiguousarray(radiograph[top : top + rows, left : left + columns])


def _enlarged(radiograph: ByteImage, rng: np.random.Generator) -> Deep:
    """Return an image as a detector of more pixels would have seen it: sharpened, with its noise."""
    scale = rng.uniform(*DETECTOR) / min(radiograph.shape)
    large = (
        cv2.resize(radiograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_LANCZOS4).astype(np.float32)
        / 255
    )
    sharp = np.clip(2 * large - cv2.GaussianBlur(large, (0, 0), 2), 0, 1)
    noisy = sharp + rng.standard_normal(sharp.shape, np.float32) * np.sqrt(sharp) * NOISE
    return np.clip(np.rint(noisy * DEPTH), 0, DEPTH).astype(np.uint16)


def _dicom(syntax: UID) -> Writer:
    return lambda path, pixels, number: inputs.write_dx(path.with_suffix(".dcm"), pixels, syntax, number)


def _jpeg(path: Path, pixels: Deep, number: int) -> None:
    quality = 75 + number * 7 % 26  # 75 to 100
    grey = (pixels >> (inputs.BITS - 8)).astype(np.uint8)
    cv2.imwrite(str(path.with_suffix(".jpg")), grey, [cv2.IMWRITE_JPEG_QUALITY, quality])


WAYS: dict[str, Writer] = {
    "JPEG, DCT scale": _jpeg,
    "JPEG 2000, levels of 5/3": _dicom(JPEG2000Lossless),
    "JPEG 2000, levels of 9/7": _dicom(JPEG2000),
}


class Reader:
    """Reads images in every way, whole and smaller, and asks a model about each."""

    def __init__(self, model: ModelFolder, read_size: int) -> None:
        self._calibration, self._read_size = model.main.calibration, read_size
        self._classifier = Classifier(model.network, threads=1)
        self._spec: PreprocessingSpec = model.preprocessing

    def read(self, radiograph: Deep, number: int, folder: Path) -> dict[str, Moved]:
        """Return what each way changes; number: of the image, which its quality as JPEG goes by."""
        [original] = self._squares(_dicom(ExplicitVRLittleEndian), radiograph, number, folder, [None])
        sizes = [None, self._read_size]
        squares = {
            name: self._squares(write, radiograph, number, folder, sizes) for name, write in WAYS.items()
        }
        found = {name: self._moved(whole, smaller) for name, (whole, smaller) in squares.items()}
        return found | {name: self._moved(original, squares[way][0]) for name, way in SAVED.items()}

    def _squares(
        self, write: Writer, radiograph: Deep, number: int, folder: Path, sizes: Sequence[int | None]
    ) -> list[ByteImage]:
        """Return what the network would see of an image read at each size, None for whole."""
        write(folder / "image", radiograph, number)
        [path] = folder.iterdir()
        file = classify(path, path.name)
        assert isinstance(file, ImageFile)
        squares = [self._square(read_radiograph(file, size)) for size in sizes]
        path.unlink()
        return squares

    def _moved(self, whole: ByteImage, smaller: ByteImage) -> Moved:
        moved = smaller.astype(np.float64) - whole
        cells = float(np.sqrt(np.mean(moved**2))), float(np.abs(moved).max())
        return Moved(cells, self._probability(whole), self._probability(smaller))

    def _square(self, radiograph: Radiograph) -> ByteImage:
        return resized(radiograph.pixels, self._spec, radiograph.sampling)

    def _probability(self, square: ByteImage) -> float:
        logit = self._classifier.predict(equalised(square, self._spec)).logit
        return self._calibration.probability(logit)


def table(found: Sequence[dict[str, Moved]], model: ModelFolder) -> list[list[str]]:
    """Return a row for each way, one for the largest difference of each image, and the yardstick's."""
    points = list(model.main.operating_points.values())
    said = ["way", "grey levels: root mean square", "most", "probability: median", "99 %", "most"]
    rows = [[*said, *(f"{point.name}: change side" for point in points)]]
    alone = [(name, [name]) for name in (*WAYS, *SAVED)]
    for name, names in [*alone[: len(WAYS)], (LARGEST, list(WAYS)), *alone[len(WAYS) :]]:
        ways = [[radiograph[each] for each in names] for radiograph in found]
        moved = np.array([max(each.by for each in radiograph) for radiograph in ways])
        cells = [
            f"{np.mean([max(each.cells[at] for each in radiograph) for radiograph in ways]):.2f}"
            for at in (0, 1)
        ]
        sides = [
            np.mean([any(_crosses(each, point.threshold) for each in radiograph) for radiograph in ways])
            for point in points
        ]
        spread = [f"{value:.4f}" for value in (np.median(moved), np.quantile(moved, 0.99), moved.max())]
        rows.append([name, *cells, *spread, *(f"{100 * side:.1f} %" for side in sides)])
    return rows


def _crosses(moved: Moved, threshold: float) -> bool:
    return (printed(moved.whole) >= printed(threshold)) != (printed(moved.smaller) >= printed(threshold))


if __name__ == "__main__":
    main()
