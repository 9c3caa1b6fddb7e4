"""What the machine allows: decoding alone and inference alone, a process on each core.

Images are decoded at the resolution at which a scan with the shipped model reads them.

Run: python -m benchmarks.speed.floor decode|inference FOLDER
"""

import argparse
import json
import multiprocessing
import resource
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg

from benchmarks.speed.processes import cores
from screener.domain import FileKind, ImageFile
from screener.inference.classifier import Classifier
from screener.inference.model_folder import load_model_folder
from screener.intake import classify
from screener.intake.decode.dispatch import stored_values
from screener.intake.decode.jpeg import decode_grey_jpeg
from screener.intake.decode.reduced import reduced_values
from screener.intake.dicom.open import open_dicom
from screener.preprocessing.clahe import preprocess
from screener.preprocessing.resolution import halvings
from screener.resources import shipped_model

SQUARES = 64  # different ones, for inference


def main() -> None:
    """Print images, wall seconds and processor seconds of one part alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("decode", "inference"))
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    files = [classify(path, path.name) for path in sorted(arguments.folder.rglob("*")) if path.is_file()]
    images = [each for each in files if isinstance(each, ImageFile)]
    count = cores()
    context = multiprocessing.get_context("spawn")  # nothing inherited, as in a worker
    barrier, results = context.Barrier(count + 1), context.Queue()
    work = _decode if arguments.part == "decode" else _infer
    workers = [
        context.Process(target=_worker, args=(work, images[number::count], barrier, results))
        for number in range(count)
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.perf_counter()
    barrier.wait()
    seconds = time.perf_counter() - start
    busy = sum(results.get() for _ in workers)
    print(json.dumps({"images": len(images), "seconds": seconds, "busy": busy}))


def _worker(work: Any, images: list[ImageFile], barrier: Barrier, results: Any) -> None:
    cv2.setNumThreads(1)
    once = work(images)
    once(0)
    barrier.wait()
    before = _processor()
    for number in range(len(images)):
        once(number)
    results.put(_processor() - before)
    barrier.wait()


def _decode(images: list[ImageFile]) -> Any:
    """Decode to the values that a scan reads, by Screener's own decoder; files are in the page cache."""
    read_size = load_model_folder(shipped_model()).preprocessing.read_size

    def once(number: int) -> None:
        image = images[number]
        if image.kind is FileKind.DICOM:
            _decode_dicom(image.path, read_size)
        else:
            content = image.path.read_bytes()
            rows, columns, _, _ = simplejpeg.decode_jpeg_header(content)
            decode_grey_jpeg(content, halvings(rows, columns, read_size))

    return once


def _decode_dicom(path: Path, read_size: int | None) -> None:
    dataset = open_dicom(path).dataset
    times = halvings(int(dataset.Rows), int(dataset.Columns), read_size)
    if not times or reduced_values(dataset, times) is None:
        stored_values(dataset)


def _infer(images: list[ImageFile]) -> Any:
    """Run the network on squares that are ready."""
    model = load_model_folder(shipped_model())
    classifier = Classifier(model.network)
    noise = np.random.default_rng(0)
    squares = [
        preprocess(noise.integers(0, 256, (448, 448), np.uint8), model.preprocessing) for _ in range(SQUARES)
    ]
    return lambda number: classifier.predict(squares[number % SQUARES])


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
