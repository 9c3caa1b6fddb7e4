"""What reading an image at the resolution that a model names saves, codec by codec.

Run: python -m benchmarks.bench_resolution --markdown [--read-size 448]

Milliseconds of one core from file to square, the network's input: header, decoding, window, resize, CLAHE;
the least of the repeats for each image, then the median of the images. The digest that tells copies is apart.
Images: DX of 2,048 × 2,500 in 12 bits, encoded anew; the same as JPEG files of 8 bits; the originals.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
from pydicom.uid import JPEG2000, HTJ2KLossless, JPEG2000Lossless

from benchmarks.speed import figures, inputs
from screener.domain import ImageFile, PreprocessingSpec
from screener.inference.model_folder import load_model_folder
from screener.intake import classify, open_image
from screener.preprocessing.clahe import equalised, resized
from screener.resources import shipped_model

SYNTAXES = {
    "JPEG 2000 lossless": JPEG2000Lossless,
    "JPEG 2000": JPEG2000,
    "HTJ2K lossless": HTJ2KLossless,
}
QUALITY = 90


def main() -> None:
    """Print one table."""
    shipped = load_model_folder(shipped_model()).preprocessing
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--read-size", type=int, default=shipped.read_size or 448)
    parser.add_argument("--images", type=int, default=3, help="of each syntax")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = [
        [
            "image",
            "whole, ms",
            f"at {arguments.read_size}, ms",
            "ratio",
            "digest of pixels, ms",
            "of the stream, ms",
        ]
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, paths in radiographs(Path(folder), arguments.images):
            files = [file for path in paths if isinstance(file := classify(path, path.name), ImageFile)]
            rows.append([name, *measured(files, arguments.read_size, arguments.repeats)])
    print((figures.as_markdown if arguments.markdown else figures.as_text)(rows))


def measured(files: list[ImageFile], read_size: int, repeats: int) -> list[str]:
    """Return the cells of one row: medians of the images."""
    whole, smaller, digest, of_stream = [], [], [], []
    for file in files:
        for size, times, digests in ((None, whole, digest), (read_size, smaller, of_stream)):
            image = open_image(file)
            pixels = image.radiograph(size).pixels
            times.append(least(lambda file=file, size=size: square(file, size), repeats))  # type: ignore[misc]
            digests.append(least(lambda image=image, pixels=pixels: image.digest(pixels), repeats))  # type: ignore[misc]
    ratio = statistics.median(one / other for one, other in zip(whole, smaller, strict=True))
    ms = [f"{statistics.median(each):.1f}" for each in (whole, smaller, digest, of_stream)]
    return [*ms[:2], f"{ratio:.1f} ×", *ms[2:]]


def square(file: ImageFile, read_size: int | None) -> object:
    """Return what the network sees of an image."""
    radiograph, spec = open_image(file).radiograph(read_size), PreprocessingSpec()
    return equalised(resized(radiograph.pixels, spec, radiograph.sampling), spec)


def least(work: Callable[[], object], repeats: int) -> float:
    """Return the milliseconds of processor that the fastest of the repeats took."""
    took = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        took.append(1000 * (time.process_time() - before))
    return min(took)


def radiographs(folder: Path, count: int) -> Iterator[tuple[str, list[Path]]]:
    """Yield each kind of image with the files that stand for it."""
    deep = [inputs.deep_radiograph(number) for number in range(count)]
    for name, syntax in SYNTAXES.items():
        paths = [folder / f"{number}-{syntax}.dcm" for number in range(count)]
        for number, path in enumerate(paths):
            inputs.write_dx(path, deep[number], syntax, number)
        yield f"DX, {name}", paths
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for pixels, path in zip(deep, paths, strict=True):
        cv2.imwrite(
            str(path), (pixels >> (inputs.BITS - 8)).astype("u1"), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        )
    yield "JPEG file of the same size", paths
    yield "JPEG files, the originals", inputs.originals() or inputs.sample_jpegs()


if __name__ == "__main__":
    main()
