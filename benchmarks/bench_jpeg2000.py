"""What --fast-jpeg2000 gains, and by how much probabilities move.

Run: python -m benchmarks.bench_jpeg2000 --markdown

Films: real JPEG 2000 files in $SCREENER_SHARED/data/dicom/chest, and the originals encoded anew, lossless, in
12 bits. Without that folder, sample films scaled up. Milliseconds of one core from file to grey levels.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from pydicom.uid import JPEG2000Lossless

from benchmarks.speed import figures, inputs
from screener.domain import ImageFile
from screener.inference.model_folder import load_model_folder
from screener.intake import classify, open_image
from screener.resources import shipped_model
from screener.screening.unit import Screener, ScreenerSetup

STATED = 0.01  # of probability: what the issue would allow by default


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--films", type=int, default=60, help="originals to encode anew")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    model = load_model_folder(shipped_model())
    screener = Screener.of(ScreenerSetup.of(model))
    moved, whole, fast = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for path in films(Path(folder), arguments.films):
            file = classify(path, path.name)
            assert isinstance(file, ImageFile)
            found = []
            for fast_jpeg2000, times in ((False, whole), (True, fast)):
                before = time.process_time()
                pixels = open_image(file).radiograph(fast_jpeg2000).pixels
                times.append(1000 * (time.process_time() - before))
                prediction = screener.examine(pixels).prediction
                found.append(prediction and model.calibration.probability(prediction.logit))
            if None not in found:
                moved.append(abs(found[0] - found[1]))  # type: ignore[operator]
    rows = [
        ["films", "whole, ms", "fast, ms", "ratio", "moved: median", "95 %", "most", f"over {STATED}"],
        [
            str(len(moved)),
            f"{statistics.median(whole):.0f}",
            f"{statistics.median(fast):.0f}",
            f"{statistics.median(w / f for w, f in zip(whole, fast, strict=True)):.1f} ×",
            f"{statistics.median(moved):.4f}",
            f"{np.quantile(moved, 0.95):.4f}",
            f"{max(moved):.4f}",
            str(sum(each > STATED for each in moved)),
        ],
    ]
    print((figures.as_markdown if arguments.markdown else figures.as_text)(rows))


def films(folder: Path, count: int) -> Iterator[Path]:
    """Yield the real JPEG 2000 films, then others encoded anew."""
    shared = Path(os.environ.get("SCREENER_SHARED") or inputs.REPOSITORY.parent / "shared")
    yield from sorted((shared / "data" / "dicom" / "chest").glob("*J2K*.dcm"))
    for number, source in enumerate((inputs.originals() or inputs.sample_jpegs())[:count]):
        grey = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE).astype(np.float64)
        scale = max(1.0, inputs.LIKE_SIZE / max(grey.shape))
        large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        deep = np.clip(np.round(large * (4095 / 255)), 0, 4095).astype(np.uint16)
        path = folder / f"{number}.dcm"
        inputs.write_dx(path, deep, JPEG2000Lossless, number)
        yield path


if __name__ == "__main__":
    main()
